#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"
#include "ingest/pipeline/web_fields.h"

namespace livedata::ingest::pipeline {
namespace {

using ErrorParser = std::optional<ErrorLine> (*)(std::string_view);

class AccessLogStage final : public Stage {
 public:
  explicit AccessLogStage(SourceText source) : source_(std::move(source)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto text = source_.of(record, run);
    if (!text) return StageOutcome::failed(SourceText::kMissing);
    const auto line = parse_access_line(*text);
    return line ? add_access_fields(*line, record, run)
                : StageOutcome::failed("it is no line of an access log");
  }

 private:
  SourceText source_;
};

class ErrorLogStage final : public Stage {
 public:
  ErrorLogStage(SourceText source, ErrorParser parse, TimeZone zone)
      : source_(std::move(source)), parse_(parse), zone_(std::move(zone)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto text = source_.of(record, run);
    if (!text) return StageOutcome::failed(SourceText::kMissing);
    const auto line = parse_(*text);
    return line ? add_error_fields(*line, zone_, record, run)
                : StageOutcome::failed("it is no line of an error log");
  }

 private:
  SourceText source_;
  ErrorParser parse_;
  TimeZone zone_;
};

std::unique_ptr<Stage> make_web_log(Options& options, ErrorParser parse_error) {
  SourceText source(options);
  const std::string format = options.word("format", {"combined", "common", "error"});
  TimeZone zone;
  if (auto loaded = TimeZone::load(options.text("zone", "UTC"))) {
    zone = *std::move(loaded);
  } else {
    options.mistake("zone", loaded.error().message);
  }
  if (format == "error")
    return std::make_unique<ErrorLogStage>(std::move(source), parse_error, std::move(zone));
  return std::make_unique<AccessLogStage>(std::move(source));
}

}  // namespace

std::unique_ptr<Stage> make_nginx(Options& options) {
  return make_web_log(options, parse_nginx_error);
}

std::unique_ptr<Stage> make_apache(Options& options) {
  return make_web_log(options, parse_apache_error);
}

}  // namespace livedata::ingest::pipeline
