#include <fmt/format.h>

#include "base/time_format.h"
#include "decoders/bodies.h"

namespace livedata::bench {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string trace_id(const Event& event) {
  return fmt::format("{:016x}{:016x}", event.number * 0x9E3779B97F4A7C15ULL,
                     (event.number + 1) * 0xBF58476D1CE4E5B9ULL);
}

}  // namespace

std::string bulk_body(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) {
    out += fmt::format(
        R"({{"create":{{"_index":"filebeat-8.13.0"}}}}
{{"@timestamp":"{}","log":{{"offset":{},"file":{{"path":"/var/log/{}.log"}}}},"message":{},"input":{{"type":"filestream"}},"service":{{"name":"{}"}},"host":{{"name":"{}"}},"agent":{{"type":"filebeat","version":"8.13.0"}},"ecs":{{"version":"8.0.0"}},"labels":{{"env":"{}"}}}}
)",
        format_rfc3339(event.time), event.number * 211, event.stream.service, quoted(event.text),
        event.stream.service, event.stream.host, event.stream.env);
  }
  return out;
}

std::string hec_body(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) {
    out += fmt::format(
        R"({{"time":{}.{:03},"host":"{}","source":"/var/log/{}.log","sourcetype":"app","index":"main","event":{},"fields":{{"service":"{}","env":"{}","shard":{}}}}})",
        event.time / kNsPerSecond, event.time % kNsPerSecond / 1'000'000, event.stream.host,
        event.stream.service, quoted(event.text), event.stream.service, event.stream.env,
        event.number % 32);
  }
  return out;
}

std::string raw_body(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) out += event.text + '\n';
  return out;
}

std::string datadog_body(const std::vector<Event>& events) {
  std::string out = "[";
  for (const Event& event : events) {
    if (out.size() > 1) out += ',';
    out += fmt::format(
        R"({{"message":{},"status":"info","timestamp":{},"hostname":"{}","service":"{}","ddsource":"java","ddtags":"env:{},version:1.4.2,team:shop"}})",
        quoted(event.text), event.time / 1'000'000, event.stream.host, event.stream.service,
        event.stream.env);
  }
  return out + ']';
}

std::string ndjson_body(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) {
    out += fmt::format(
        R"({{"timestamp":"{}","service":"{}","labels":{{"host":"{}","env":"{}"}},"level":"info","message":{},"status":200,"duration_ms":{}.25,"trace_id":"{}"}}
)",
        format_rfc3339(event.time), event.stream.service, event.stream.host, event.stream.env,
        quoted(event.text), event.number % 900, trace_id(event));
  }
  return out;
}

std::string otlp_json_body(const std::vector<Event>& events) {
  // Collectors send what one host has collected in some seconds.
  const loggen::FleetStream& stream = events.front().stream;
  std::string out = fmt::format(
      R"({{"resourceLogs":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{}"}}}},{{"key":"host.name","value":{{"stringValue":"{}"}}}},{{"key":"deployment.environment","value":{{"stringValue":"{}"}}}}]}},"scopeLogs":[{{"scope":{{"name":"shop","version":"1.4.2"}},"logRecords":[)",
      stream.service, stream.host, stream.env);
  bool first = true;
  for (const Event& event : events) {
    if (!first) out += ',';
    first = false;
    out += fmt::format(
        R"({{"timeUnixNano":"{}","observedTimeUnixNano":"{}","severityNumber":9,"severityText":"INFO","body":{{"stringValue":{}}},"attributes":[{{"key":"http.request.method","value":{{"stringValue":"GET"}}}},{{"key":"http.response.status_code","value":{{"intValue":"200"}}}},{{"key":"duration","value":{{"doubleValue":{}.25}}}}],"traceId":"{}","spanId":"{}"}})",
        event.time, event.time + 1000, quoted(event.text), event.number % 900, trace_id(event),
        trace_id(event).substr(0, 16));
  }
  return out + "]}]}]}";
}

}  // namespace livedata::bench
