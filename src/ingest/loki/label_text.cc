#include "ingest/loki/label_text.h"

#include <charconv>

namespace livedata::ingest::loki {
namespace {

void skip_spaces(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n'))
    text.remove_prefix(1);
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

void append_utf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    out += static_cast<char>(0x80U | ((code >> 12U) & 0x3FU));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

/// A number of exactly `digits` digits in the given base.
bool take_code(std::string_view& text, std::size_t digits, int base, std::uint32_t& code) {
  if (text.size() < digits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, code, base);
  if (error != std::errc() || end != text.data() + digits) return false;
  text.remove_prefix(digits);
  return true;
}

bool take_escape(std::string_view& text, std::string& out) {
  if (text.empty()) return false;
  const char c = text.front();
  std::uint32_t code = 0;
  if (c >= '0' && c <= '7') {
    if (!take_code(text, 3, 8, code) || code > 0xFF) return false;
    out += static_cast<char>(code);
    return true;
  }
  text.remove_prefix(1);
  switch (c) {
    case 'n':
      out += '\n';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 'a':
      out += '\a';
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'v':
      out += '\v';
      return true;
    case '\\':
    case '"':
    case '\'':
      out += c;
      return true;
    case 'x':
      if (!take_code(text, 2, 16, code)) return false;
      out += static_cast<char>(code);
      return true;
    case 'u':
    case 'U':
      if (!take_code(text, c == 'u' ? 4 : 8, 16, code) || code > 0x10FFFF) return false;
      append_utf8(code, out);
      return true;
    default:
      return false;
  }
}

bool take_string(std::string_view& text, std::string& out) {
  if (!take(text, '"')) return false;
  while (!text.empty() && text.front() != '"') {
    if (take(text, '\\')) {
      if (!take_escape(text, out)) return false;
      continue;
    }
    out += text.front();
    text.remove_prefix(1);
  }
  return take(text, '"');
}

}  // namespace

Result<std::vector<Label>> parse_label_text(std::string_view text) {
  const auto wrong = [whole = text.substr(0, 128)] {
    return fail(ErrorCode::kInvalidArgument,
                "the labels '{}' are not of the form {{name=\"value\", ...}}", whole);
  };
  std::vector<Label> labels;
  skip_spaces(text);
  if (!take(text, '{')) return wrong();
  skip_spaces(text);
  while (!take(text, '}')) {
    if (!labels.empty()) {
      if (!take(text, ',')) return wrong();
      skip_spaces(text);
      if (take(text, '}')) break;  // a comma behind the last label is fine
    }
    Label label;
    const std::size_t name_end = text.find_first_of("= \t,}\"");
    if (name_end == std::string_view::npos || name_end == 0) return wrong();
    label.name = text.substr(0, name_end);
    text.remove_prefix(name_end);
    skip_spaces(text);
    if (!take(text, '=')) return wrong();
    skip_spaces(text);
    if (!take_string(text, label.value)) return wrong();
    labels.push_back(std::move(label));
    skip_spaces(text);
  }
  skip_spaces(text);
  if (!text.empty()) return wrong();
  return labels;
}

}  // namespace livedata::ingest::loki
