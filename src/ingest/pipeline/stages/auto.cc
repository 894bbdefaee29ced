#include "ingest/pipeline/json_fields.h"
#include "ingest/pipeline/logfmt_fields.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"
#include "ingest/pipeline/web_fields.h"

namespace livedata::ingest::pipeline {
namespace {

/// Tells a line's format by the line alone, so that streams of several formats are read as well.
class AutoStage final : public Stage {
 public:
  explicit AutoStage(SourceText source) : source_(std::move(source)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto text = source_.of(record, run);
    if (!text || text->empty()) return StageOutcome::done();
    const std::size_t first = text->find_first_not_of(" \t");
    if (first != std::string_view::npos && (*text)[first] == '{') {
      const StageOutcome outcome = add_json_fields(*text, all_members_, record, run);
      // A brace alone makes no JSON, and too many fields are worth telling.
      if (outcome.kind == StageOutcome::Kind::kDone || outcome.reason == kTooManyFields)
        return outcome;
    }
    if (text->find("] \"") != std::string_view::npos) {
      if (const auto line = parse_access_line(*text)) return add_access_fields(*line, record, run);
    }
    if (looks_like_logfmt(*text)) return add_logfmt_fields(*text, {}, nullptr, record, run);
    return StageOutcome::done();
  }

 private:
  const JsonRules all_members_;
  SourceText source_;
};

}  // namespace

std::unique_ptr<Stage> make_auto(Options& options) {
  return std::make_unique<AutoStage>(SourceText(options));
}

}  // namespace livedata::ingest::pipeline
