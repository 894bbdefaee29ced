#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"
#include "ingest/pipeline/time/format.h"

namespace livedata::ingest::pipeline {
namespace {

struct TimestampRules {
  std::string field = {};
  std::vector<TimeFormat> formats = {};
  TimeZone zone = {};
  bool keep = false;
};

class TimestampStage final : public Stage {
 public:
  explicit TimestampStage(TimestampRules rules) : rules_(std::move(rules)) {}

  /// Where the time can't be had, the record keeps the one it came with, and the field.
  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const Field* field = record.find_field(rules_.field);
    if (field == nullptr) return StageOutcome::failed("there is no field with the time");
    for (const TimeFormat& format : rules_.formats) {
      const auto time = format.read(field->value, rules_.zone, run.now());
      if (!time) continue;
      if (const std::string_view problem = run.problem_with(*time); !problem.empty())
        return StageOutcome::failed(problem);
      record.set_timestamp(*time);
      if (!rules_.keep) record.remove_field(rules_.field);
      return StageOutcome::done();
    }
    return StageOutcome::failed("the time can't be read");
  }

 private:
  TimestampRules rules_;
};

}  // namespace

std::unique_ptr<Stage> make_timestamp(Options& options) {
  TimestampRules rules;
  options.require("field", "'field: time'");
  rules.field = options.name("field");
  std::vector<std::string> formats = options.list("format");
  if (formats.empty()) formats.emplace_back("Auto");
  for (const std::string& text : formats) {
    if (auto format = TimeFormat::make(text)) {
      rules.formats.push_back(*std::move(format));
    } else {
      options.mistake("format", format.error().message);
    }
  }
  if (auto zone = TimeZone::load(options.text("zone", "UTC"))) {
    rules.zone = *std::move(zone);
  } else {
    options.mistake("zone", zone.error().message);
  }
  rules.keep = options.flag("keep", false);
  return std::make_unique<TimestampStage>(std::move(rules));
}

}  // namespace livedata::ingest::pipeline
