#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

class StaticLabelsStage final : public Stage {
 public:
  explicit StaticLabelsStage(Options::Pairs labels) : labels_(std::move(labels)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun&) const override {
    bool all_fit = true;
    for (const auto& [name, value] : labels_) all_fit = record.set_label(name, value) && all_fit;
    return all_fit ? StageOutcome::done()
                   : StageOutcome::failed("more labels than a stream may have");
  }

 private:
  Options::Pairs labels_;
};

}  // namespace

std::unique_ptr<Stage> make_static_labels(Options& options) {
  Options::Pairs labels = options.members();
  if (labels.empty())
    options.mistake_at(options.whole(), "labels are missing, such as {env: prod}");
  for (const auto& [name, value] : labels) {
    if (!is_label_name(name) || name.starts_with("__"))
      options.mistake(name, fmt::format("'{}' is no name for a label", name));
  }
  return std::make_unique<StaticLabelsStage>(std::move(labels));
}

}  // namespace livedata::ingest::pipeline
