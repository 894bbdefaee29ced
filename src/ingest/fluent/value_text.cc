#include "ingest/fluent/value_text.h"

#include <cmath>

#include "base/time_format.h"
#include "ingest/fluent/event_time.h"

namespace livedata::ingest::fluent {
namespace {

using Type = MsgpackValue::Type;

void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

std::string ext_text(const MsgpackValue& value) {
  if (const auto time = read_event_time(value, 0)) return format_rfc3339(*time);
  std::string out;
  for (const char byte : value.bytes)
    out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

void append_scalar(const MsgpackValue& value, std::string& out) {
  switch (value.type) {
    case Type::kBool:
      out += value.boolean ? "true" : "false";
      return;
    case Type::kInt:
      out += fmt::to_string(value.integer);
      return;
    case Type::kUint:
      out += fmt::to_string(value.natural);
      return;
    case Type::kDouble:
      out += std::isfinite(value.number) ? fmt::to_string(value.number) : "null";
      return;
    case Type::kString:
    case Type::kBinary:
      append_quoted(value.bytes, out);
      return;
    case Type::kExt:
      append_quoted(ext_text(value), out);
      return;
    default:
      out += "null";
  }
}

void append_key(MsgpackReader& reader, std::string& out) {
  const auto key = reader.skip();
  append_quoted(key ? key_text(*key) : std::string(), out);
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): as deep as kMaxMsgpackDepth
void append_json(MsgpackReader& reader, std::string& out) {
  const auto value = reader.next();
  if (!value) return;
  if (value->type != Type::kArray && value->type != Type::kMap) {
    append_scalar(*value, out);
    return;
  }
  const bool is_map = value->type == Type::kMap;
  out += is_map ? '{' : '[';
  for (std::uint32_t i = 0; i < value->count; ++i) {
    if (i > 0) out += ',';
    if (is_map) {
      append_key(reader, out);
      out += ':';
    }
    append_json(reader, out);
  }
  out += is_map ? '}' : ']';
}

std::string value_text(std::string_view value) {
  const auto head = MsgpackReader(value).next();
  if (head && head->is_text()) return std::string(head->bytes);
  if (head && head->type == Type::kExt) return ext_text(*head);
  std::string out;
  MsgpackReader reader(value);
  append_json(reader, out);
  return out;
}

std::string key_text(std::string_view value) {
  const auto head = MsgpackReader(value).next();
  // Quoted again and again, keys within keys would grow without bound.
  const bool is_plain = head && head->type != Type::kArray && head->type != Type::kMap;
  return is_plain ? value_text(value) : "object";
}

}  // namespace livedata::ingest::fluent
