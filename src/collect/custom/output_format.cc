#include "collect/custom/output_format.h"

#include "collect/custom/json_lines.h"
#include "collect/custom/logfmt_lines.h"
#include "collect/custom/nagios_output.h"
#include "collect/custom/prometheus_text.h"
#include "ingest/pipeline/logfmt_fields.h"

namespace livedata::collect::custom {
namespace {

std::string_view first_line(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

OutputFormat detect_format(std::string_view output) {
  const std::string_view line = first_line(output);
  if (line.empty()) return OutputFormat::kAuto;
  if (line.front() == '{' || line.front() == '[')
    return is_prometheus_sample(line) ? OutputFormat::kPrometheus : OutputFormat::kJson;
  if (line.front() == '#' || is_prometheus_sample(line)) return OutputFormat::kPrometheus;
  if (looks_like_nagios(line)) return OutputFormat::kNagios;
  ingest::pipeline::LogfmtScanner scanner(line);
  return scanner.next() ? OutputFormat::kLogfmt : OutputFormat::kAuto;
}

Result<void> read_output(OutputFormat format, int exit_code, Readings& readings) {
  switch (format) {
    case OutputFormat::kPrometheus:
      read_prometheus(readings);
      break;
    case OutputFormat::kJson:
      read_json_lines(readings);
      break;
    case OutputFormat::kLogfmt:
      read_logfmt_lines(readings);
      break;
    case OutputFormat::kNagios:
      read_nagios(readings, exit_code);
      break;
    case OutputFormat::kAuto:
      if (first_line(readings.output()).empty()) return {};
      return fail(ErrorCode::kInvalidArgument,
                  "the output is neither Prometheus text, JSON, logfmt nor that of a Nagios "
                  "plugin; set 'format' if it is");
  }
  readings.finish();
  if (readings.empty() && readings.left_out(Readings::LeftOut::kNotUnderstood) > 0)
    return fail(ErrorCode::kInvalidArgument, "the output can't be read: {}",
                readings.first_mistake());
  return {};
}

}  // namespace livedata::collect::custom
