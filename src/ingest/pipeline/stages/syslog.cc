#include "ingest/level/level_detection.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"
#include "ingest/syslog/format/message.h"
#include "ingest/syslog/format/structured_fields.h"

namespace livedata::ingest::pipeline {
namespace {

/// Reads lines as syslog daemons write and send them, with the fields that the syslog door gives.
class SyslogStage final : public Stage {
 public:
  explicit SyslogStage(SourceText source) : source_(std::move(source)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto text = source_.of(record, run);
    if (!text) return StageOutcome::failed(SourceText::kMissing);
    const syslog::Message message =
        syslog::parse(*text, {run.now(), syslog::local_utc_offset(run.now())});
    if (message.format == syslog::Format::kPlain)
      return StageOutcome::failed("it is no syslog message");
    bool all_fit = set_fields(message, record);
    all_fit = set_structured_data(message.structured_data, record, run) && all_fit;
    if (!message.text.empty()) record.set_line(message.text);
    if (message.time) {
      const std::string_view problem = run.problem_with(message.time->ns);
      if (!problem.empty()) {
        record.set_field("timestamp_raw", message.time_text);
        return StageOutcome::failed(problem);
      }
      record.set_timestamp(message.time->ns);
    }
    return all_fit ? StageOutcome::done() : StageOutcome::failed(kTooManyFields);
  }

 private:
  static bool set_fields(const syslog::Message& message, PipelineRecord& record) {
    bool all_fit = true;
    const auto set = [&](std::string_view name, std::string_view value) {
      if (!value.empty()) all_fit = record.set_field(name, value) && all_fit;
    };
    set("hostname", message.host);
    set("app", message.app);
    set("proc_id", message.proc_id);
    set("msg_id", message.msg_id);
    set("sequence", message.sequence);
    std::optional<std::uint8_t> severity = message.severity;
    if (message.priority != syslog::kNoPriority) {
      severity = static_cast<std::uint8_t>(syslog::severity_of(message.priority));
      set("facility", syslog::kFacilityNames[syslog::facility_of(message.priority)]);
    }
    if (severity) {
      set("severity", syslog::kSeverityNames[*severity]);
      set(kDetectedLevelField, syslog::kSeverityLevels[*severity]);
    }
    return all_fit;
  }

  static bool set_structured_data(std::string_view text, PipelineRecord& record, PipelineRun& run) {
    if (text.empty()) return true;
    syslog::StructuredFields reader;
    std::vector<Field> fields;
    bool all_fit = reader.add_to(fields, text, run.limits());
    for (const Field& field : fields) {
      const auto* value = std::get_if<std::string_view>(&field.value);
      all_fit = record.set_field(run.arena().keep(field.name), run.arena().keep(*value)) && all_fit;
    }
    return all_fit;
  }

  SourceText source_;
};

}  // namespace

std::unique_ptr<Stage> make_syslog(Options& options) {
  return std::make_unique<SyslogStage>(SourceText(options));
}

}  // namespace livedata::ingest::pipeline
