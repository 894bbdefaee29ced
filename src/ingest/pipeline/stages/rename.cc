#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

/// New names for fields that are there; others are no failure.
class RenameStage final : public Stage {
 public:
  explicit RenameStage(Options::Pairs names) : names_(std::move(names)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun&) const override {
    for (const auto& [from, to] : names_) static_cast<void>(record.rename_field(from, to));
    return StageOutcome::done();
  }

 private:
  Options::Pairs names_;
};

}  // namespace

std::unique_ptr<Stage> make_rename(Options& options) {
  Options::Pairs names = options.members();
  if (names.empty())
    options.mistake_at(options.whole(), "names are missing, such as {msg: message}");
  for (const auto& [from, to] : names) {
    if (!is_label_name(to)) options.mistake(from, fmt::format("'{}' is no name for a field", to));
  }
  return std::make_unique<RenameStage>(std::move(names));
}

}  // namespace livedata::ingest::pipeline
