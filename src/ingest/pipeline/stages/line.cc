#include "ingest/pipeline/line_template.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::string_view kTooLong = "the line would be longer than the limit";

/// The line becomes a field's value.
class FieldLineStage final : public Stage {
 public:
  FieldLineStage(std::string field, bool keep) : field_(std::move(field)), keep_(keep) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const Field* field = record.find_field(field_);
    if (field == nullptr) return StageOutcome::failed(SourceText::kMissing);
    if (!record.set_line(text_of(field->value, run.arena()))) return StageOutcome::failed(kTooLong);
    if (!keep_) record.remove_field(field_);
    return StageOutcome::done();
  }

 private:
  std::string field_;
  bool keep_;
};

class TemplateLineStage final : public Stage {
 public:
  explicit TemplateLineStage(LineTemplate text) : template_(std::move(text)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto line = template_.write(record, run);
    if (!line) return StageOutcome::failed("none of the fields is there");
    return record.set_line(*line) ? StageOutcome::done() : StageOutcome::failed(kTooLong);
  }

 private:
  LineTemplate template_;
};

}  // namespace

std::unique_ptr<Stage> make_line(Options& options) {
  std::string field = options.name("field");
  const bool keep = options.flag("keep", false);
  if (options.has("field") == options.has("template"))
    options.mistake_at(options.whole(),
                       "either 'field: message' or 'template: \"{a} {b}\"' is needed");
  auto text = LineTemplate::make(options.text("template"));
  if (!text) {
    options.mistake("template", text.error().message);
  } else if (options.has("template")) {
    return std::make_unique<TemplateLineStage>(*std::move(text));
  }
  return std::make_unique<FieldLineStage>(std::move(field), keep);
}

}  // namespace livedata::ingest::pipeline
