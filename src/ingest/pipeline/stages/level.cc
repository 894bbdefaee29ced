#include <algorithm>

#include "ingest/level/level_detection.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

/// Severities of syslog (RFC 5424 section 6.2.1), and the levels of bunyan and pino.
std::string_view level_of_number(std::int64_t number) {
  switch (number) {
    case 0:
    case 60:
      return "fatal";
    case 1:
    case 2:
      return "critical";
    case 3:
    case 50:
      return "error";
    case 4:
    case 40:
      return "warn";
    case 5:
    case 6:
    case 30:
      return "info";
    case 7:
    case 20:
      return "debug";
    case 10:
      return "trace";
    default:
      return {};
  }
}

class LevelStage final : public Stage {
 public:
  LevelStage(std::string field, Options::Pairs mapping)
      : field_(std::move(field)), mapping_(std::move(mapping)) {}

  /// Without the field the level is found as for every record.
  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const Field* field = record.find_field(field_);
    if (field == nullptr) return StageOutcome::done();
    const std::string_view level = level_of_value(field->value, run.arena());
    if (level.empty()) return StageOutcome::failed("the level is not known");
    return record.set_field(kDetectedLevelField, level) ? StageOutcome::done()
                                                        : StageOutcome::failed(kTooManyFields);
  }

 private:
  [[nodiscard]] std::string_view level_of_value(const FieldValue& value, TextArena& arena) const {
    const std::string_view text = text_of(value, arena);
    for (const auto& [word, level] : mapping_) {
      if (word == text) return level;
    }
    const auto* number = std::get_if<std::int64_t>(&value);
    return number == nullptr ? normalized_level(text) : level_of_number(*number);
  }

  std::string field_;
  Options::Pairs mapping_;
};

}  // namespace

std::unique_ptr<Stage> make_level(Options& options) {
  options.require("field", "'field: severity'");
  std::string field = options.name("field");
  Options::Pairs mapping = options.pairs("mapping");
  for (auto& [word, level] : mapping) {
    const std::string_view known = normalized_level(level);
    if (known.empty()) {
      options.mistake("mapping", fmt::format("'{}' is no level; {}", level,
                                             hint_of(level, {"trace", "debug", "info", "warn",
                                                             "error", "critical", "fatal"})));
    }
    level = known;
  }
  return std::make_unique<LevelStage>(std::move(field), std::move(mapping));
}

}  // namespace livedata::ingest::pipeline
