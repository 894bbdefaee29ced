#include "ingest/pipeline/web_fields.h"

#include "ingest/pipeline/time/format.h"
#include "ingest/pipeline/value_types.h"
#include "ingest/values/field_name.h"

namespace livedata::ingest::pipeline {
namespace {

/// Sets the fields that have a value, and minds whether all fit.
class FieldSetter {
 public:
  explicit FieldSetter(PipelineRecord& record) : record_(record) {}

  void set(std::string_view name, std::string_view text, ValueType type = ValueType::kText) {
    if (!text.empty()) all_fit_ = record_.set_field(name, typed(text, type)) && all_fit_;
  }
  [[nodiscard]] bool all_fit() const { return all_fit_; }

 private:
  PipelineRecord& record_;
  bool all_fit_ = true;
};

/// GET /path HTTP/1.1, or what a client sent instead.
void set_request(std::string_view request, FieldSetter& fields) {
  const std::size_t first = request.find(' ');
  const std::size_t last = request.rfind(' ');
  if (first == std::string_view::npos || last == first) {
    fields.set("request", request);
    return;
  }
  fields.set("method", request.substr(0, first));
  fields.set("path", request.substr(first + 1, last - first - 1));
  fields.set("protocol", request.substr(last + 1));
}

/// Where the time can't be had it stays a field.
StageOutcome finish(std::optional<TimestampNs> time, std::string_view text, FieldSetter& fields,
                    PipelineRecord& record, const PipelineRun& run) {
  std::string_view problem = "the time can't be read";
  if (time) problem = run.problem_with(*time);
  if (time && problem.empty()) {
    record.set_timestamp(*time);
  } else {
    fields.set("time", text);
  }
  if (!fields.all_fit()) return StageOutcome::failed(kTooManyFields);
  return problem.empty() ? StageOutcome::done() : StageOutcome::failed(problem);
}

}  // namespace

StageOutcome add_access_fields(const AccessLine& line, PipelineRecord& record, PipelineRun& run) {
  static const TimeFormat kFormat = TimeFormat::of(TimeFormat::kHttpDate);
  FieldSetter fields(record);
  fields.set("remote_addr", line.host);
  fields.set("remote_user", line.user);
  set_request(line.request, fields);
  fields.set("status", line.status, ValueType::kInteger);
  fields.set("body_bytes_sent", line.bytes, ValueType::kInteger);
  fields.set("http_referer", line.referer);
  fields.set("http_user_agent", line.agent);
  return finish(kFormat.read(line.time, {}, run.now()), line.time, fields, record, run);
}

StageOutcome add_error_fields(const ErrorLine& line, const TimeZone& zone, PipelineRecord& record,
                              PipelineRun& run) {
  static const TimeFormat kNginx = TimeFormat::of("%Y/%m/%d %H:%M:%S");
  static const TimeFormat kApache = TimeFormat::of("%a %b %d %H:%M:%S.%f %Y");
  static const TimeFormat kOldApache = TimeFormat::of("%a %b %d %H:%M:%S %Y");
  FieldSetter fields(record);
  fields.set("level", line.level);
  fields.set("module", line.module);
  fields.set("pid", line.pid, ValueType::kInteger);
  fields.set("tid", line.tid, ValueType::kInteger);
  fields.set("connection", line.connection, ValueType::kInteger);
  fields.set("client", line.client);
  fields.set("message", line.text);
  std::string_view details = line.details;
  std::string_view name;
  std::string_view value;
  while (fields.all_fit() && next_detail(details, name, value))
    fields.set(field_name(name, run.arena()), value);
  std::optional<TimestampNs> time;
  for (const TimeFormat* format : {&kNginx, &kApache, &kOldApache}) {
    if (!time) time = format->read(line.time, zone, run.now());
  }
  return finish(time, line.time, fields, record, run);
}

}  // namespace livedata::ingest::pipeline
