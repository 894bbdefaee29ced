#include "ingest/tests/otlp_encoder.h"

#include <cmath>

#include <fmt/core.h>
#include <protozero/pbf_writer.hpp>

#include "encoding/base64.h"

namespace livedata::ingest::otlp {
namespace {

using protozero::pbf_writer;

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

void write_attributes(pbf_writer& parent, protozero::pbf_tag_type tag,
                      const std::vector<Attribute>& attributes);

/// Submessages are made apart, since a writer within a writer leaves out empty ones.
void write_value(pbf_writer& parent, protozero::pbf_tag_type tag, const Value& value) {
  std::string bytes;
  std::string nested;
  pbf_writer message(bytes);
  pbf_writer nested_message(nested);
  const auto& content = value.content;
  if (const auto* text = std::get_if<std::string_view>(&content)) {
    message.add_string(1, text->data(), text->size());
  } else if (const auto* boolean = std::get_if<bool>(&content)) {
    message.add_bool(2, *boolean);
  } else if (const auto* integer = std::get_if<std::int64_t>(&content)) {
    message.add_int64(3, *integer);
  } else if (const auto* number = std::get_if<double>(&content)) {
    message.add_double(4, *number);
  } else if (const auto* values = std::get_if<std::vector<Value>>(&content)) {
    for (const Value& element : *values) write_value(nested_message, 1, element);
    message.add_message(5, nested);
  } else if (const auto* members = std::get_if<std::vector<Attribute>>(&content)) {
    write_attributes(nested_message, 1, *members);
    message.add_message(6, nested);
  } else if (const auto* base64 = std::get_if<std::string>(&content)) {
    message.add_bytes(7, *encoding::base64_decode(*base64));
  }
  parent.add_message(tag, bytes);
}

void write_attributes(pbf_writer& parent, protozero::pbf_tag_type tag,
                      const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    pbf_writer message(parent, tag);
    message.add_string(1, attribute.key.data(), attribute.key.size());
    write_value(message, 2, attribute.value);
  }
}

void write_record(pbf_writer& scope_logs, const LogRecord& record) {
  pbf_writer message(scope_logs, 2);
  message.add_fixed64(1, record.time);
  message.add_enum(2, static_cast<std::int32_t>(record.severity_number));
  message.add_string(3, record.severity_text.data(), record.severity_text.size());
  write_value(message, 5, record.body);
  write_attributes(message, 6, record.attributes);
  message.add_uint32(7, record.dropped_attributes);
  message.add_fixed32(8, record.flags);
  message.add_bytes(9, from_hex(record.trace_id));
  message.add_bytes(10, from_hex(record.span_id));
  message.add_fixed64(11, record.observed_time);
  message.add_string(12, record.event_name.data(), record.event_name.size());
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json(const std::vector<Attribute>& attributes);

std::string json(const Value& value) {
  const auto& content = value.content;
  if (const auto* text = std::get_if<std::string_view>(&content))
    return R"({"stringValue":)" + quoted(*text) + "}";
  if (const auto* boolean = std::get_if<bool>(&content))
    return fmt::format(R"({{"boolValue":{}}})", *boolean);
  if (const auto* integer = std::get_if<std::int64_t>(&content))
    return fmt::format(R"({{"intValue":"{}"}})", *integer);
  if (const auto* number = std::get_if<double>(&content)) {
    if (std::isnan(*number)) return R"({"doubleValue":"NaN"})";
    if (std::isinf(*number))
      return fmt::format(R"({{"doubleValue":"{}Infinity"}})", *number < 0 ? "-" : "");
    return fmt::format(R"({{"doubleValue":{}}})", *number);
  }
  if (const auto* base64 = std::get_if<std::string>(&content))
    return R"({"bytesValue":")" + *base64 + "\"}";
  if (const auto* members = std::get_if<std::vector<Attribute>>(&content))
    return R"({"kvlistValue":{"values":)" + json(*members) + "}}";
  if (const auto* values = std::get_if<std::vector<Value>>(&content)) {
    std::string out = R"({"arrayValue":{"values":[)";
    for (const Value& element : *values) out += (out.ends_with('[') ? "" : ",") + json(element);
    return out + "]}}";
  }
  return "{}";
}

std::string json(const std::vector<Attribute>& attributes) {
  std::string out = "[";
  for (const Attribute& attribute : attributes) {
    out += out.size() > 1 ? "," : "";
    out += R"({"key":)" + quoted(attribute.key) + R"(,"value":)" + json(attribute.value) + "}";
  }
  return out + "]";
}

std::string json(const LogRecord& record) {
  return fmt::format(R"({{"timeUnixNano":"{}","observedTimeUnixNano":"{}","severityNumber":{},)"
                     R"("severityText":{},"eventName":{},"body":{},"attributes":{},)"
                     R"("droppedAttributesCount":{},"flags":{},"traceId":"{}","spanId":"{}"}})",
                     record.time, record.observed_time, record.severity_number,
                     quoted(record.severity_text), quoted(record.event_name), json(record.body),
                     json(record.attributes), record.dropped_attributes, record.flags,
                     record.trace_id, record.span_id);
}

}  // namespace

std::string encode_protobuf(const TestRequest& request) {
  std::string out;
  pbf_writer message(out);
  pbf_writer resource_logs(message, 1);
  // The resource last: a decoder may not count on the order of fields.
  {
    pbf_writer scope_logs(resource_logs, 2);
    for (const LogRecord& record : request.records) write_record(scope_logs, record);
    pbf_writer scope(scope_logs, 1);
    scope.add_string(1, request.scope.name.data(), request.scope.name.size());
    scope.add_string(2, request.scope.version.data(), request.scope.version.size());
    write_attributes(scope, 3, request.scope.attributes);
    scope.add_uint32(4, request.scope.dropped_attributes);
  }
  pbf_writer resource(resource_logs, 1);
  write_attributes(resource, 1, request.resource.attributes);
  resource.add_uint32(2, request.resource.dropped_attributes);
  return out;
}

std::string encode_json(const TestRequest& request) {
  std::string records;
  for (const LogRecord& record : request.records)
    records += (records.empty() ? "" : ",") + json(record);
  return fmt::format(
      R"({{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}],"scope":{{"name":{},"version":{},)"
      R"("attributes":{},"droppedAttributesCount":{}}}}}],)"
      R"("resource":{{"attributes":{},"droppedAttributesCount":{}}}}}]}})",
      records, quoted(request.scope.name), quoted(request.scope.version),
      json(request.scope.attributes), request.scope.dropped_attributes,
      json(request.resource.attributes), request.resource.dropped_attributes);
}

}  // namespace livedata::ingest::otlp
