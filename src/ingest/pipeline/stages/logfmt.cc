#include "ingest/pipeline/logfmt_fields.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

class LogfmtStage final : public Stage {
 public:
  LogfmtStage(SourceText source, Options::Pairs chosen, FieldTypes types)
      : source_(std::move(source)), chosen_(std::move(chosen)), types_(std::move(types)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto text = source_.of(record, run);
    return text ? add_logfmt_fields(*text, chosen_, &types_, record, run)
                : StageOutcome::failed(SourceText::kMissing);
  }

 private:
  SourceText source_;
  Options::Pairs chosen_;
  FieldTypes types_;
};

}  // namespace

std::unique_ptr<Stage> make_logfmt(Options& options) {
  SourceText source(options);
  FieldTypes types(options);
  Options::Pairs chosen = options.pairs_or_list("fields");
  for (auto& [field, key] : chosen) {
    if (field == key) field = sanitized_label_name(key);
    if (!is_label_name(field))
      options.mistake("fields", fmt::format("'{}' is no name for a field", field));
  }
  return std::make_unique<LogfmtStage>(std::move(source), std::move(chosen), std::move(types));
}

}  // namespace livedata::ingest::pipeline
