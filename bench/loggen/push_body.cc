#include "loggen/push_body.h"

#include <snappy.h>

#include <map>

#include <fmt/format.h>
#include <protozero/pbf_writer.hpp>

namespace livedata::loggen {
namespace {

std::map<std::uint32_t, std::vector<const GeneratedLine*>> by_stream(const GeneratedBatch& batch) {
  std::map<std::uint32_t, std::vector<const GeneratedLine*>> out;
  for (const GeneratedLine& line : batch.lines) out[line.stream].push_back(&line);
  return out;
}

void append_escaped(const std::string& text, std::string& out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string json_body(const GeneratedBatch& batch, const std::vector<FleetStream>& streams) {
  std::string out = R"({"streams":[)";
  for (const auto& [number, lines] : by_stream(batch)) {
    const FleetStream& stream = streams[number];
    if (out.back() == '}') out += ',';
    out += fmt::format(R"({{"stream":{{"service_name":"{}","host":"{}","env":"{}"{}}},"values":[)",
                       stream.service, stream.host, stream.env,
                       stream.pod.empty() ? "" : fmt::format(R"(,"pod":"{}")", stream.pod));
    for (const GeneratedLine* line : lines) {
      if (out.back() == ']') out += ',';
      out += fmt::format("[\"{}\",\"", line->timestamp);
      append_escaped(line->text, out);
      out += "\"]";
    }
    out += "]}";
  }
  return out + "]}";
}

std::string protobuf_body(const GeneratedBatch& batch, const std::vector<FleetStream>& streams) {
  std::string raw;
  protozero::pbf_writer request(raw);
  for (const auto& [number, lines] : by_stream(batch)) {
    const FleetStream& stream = streams[number];
    protozero::pbf_writer message(request, 1);
    message.add_string(
        1, fmt::format("{{service_name=\"{}\", host=\"{}\", env=\"{}\"{}}}", stream.service,
                       stream.host, stream.env,
                       stream.pod.empty() ? "" : fmt::format(", pod=\"{}\"", stream.pod)));
    for (const GeneratedLine* line : lines) {
      protozero::pbf_writer entry(message, 2);
      {
        protozero::pbf_writer time(entry, 1);
        time.add_int64(1, line->timestamp / kNsPerSecond);
        time.add_int32(2, static_cast<std::int32_t>(line->timestamp % kNsPerSecond));
      }
      entry.add_string(2, line->text);
    }
  }
  std::string out;
  snappy::Compress(raw.data(), raw.size(), &out);
  return out;
}

}  // namespace livedata::loggen
