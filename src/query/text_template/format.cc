// Go's fmt verbs (pkg.go.dev/fmt).
#include "query/text_template/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "query/text_template/characters.h"
#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

constexpr int kMaxWidth = 10000;
constexpr int kMaxFloatDigits = 500;

struct Spec {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  int width = 0;
  std::optional<int> precision = {};
};

std::string padded(std::string text, const Spec& spec, bool is_number) {
  const std::size_t size = count_characters(text);
  if (spec.width <= 0 || size >= static_cast<std::size_t>(spec.width)) return text;
  const std::size_t missing = static_cast<std::size_t>(spec.width) - size;
  if (spec.minus) return text + std::string(missing, ' ');
  if (spec.zero && is_number) {
    const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    return text.insert(sign, missing, '0');
  }
  return std::string(missing, ' ') + text;
}

std::string with_sign(std::string text, const Spec& spec) {
  if (text.starts_with('-') || text.starts_with('+')) return text;
  if (spec.plus) return "+" + text;
  return spec.space ? " " + text : text;
}

std::string hex(std::string_view bytes, bool upper, const Spec& spec) {
  std::string out;
  for (const char c : bytes) {
    if (spec.space && !out.empty()) out += ' ';
    const auto byte = static_cast<unsigned char>(c);
    out += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
  }
  return spec.sharp && !out.empty() ? (upper ? "0X" : "0x") + out : out;
}

std::string character(std::int64_t code) {
  std::string out;
  const bool valid = code >= 0 && code <= 0x10FFFF;
  append_character(out, valid ? static_cast<char32_t>(code) : kBadCharacter);
  return out;
}

std::string int_digits(char verb, std::int64_t value, const Spec& spec) {
  const std::uint64_t size =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string digits = verb == 'x'   ? fmt::format("{:x}", size)
                       : verb == 'X' ? fmt::format("{:X}", size)
                       : verb == 'o' ? fmt::format("{:o}", size)
                       : verb == 'b' ? fmt::format("{:b}", size)
                                     : fmt::format("{}", size);
  if (spec.precision && digits.size() < static_cast<std::size_t>(*spec.precision))
    digits.insert(0, static_cast<std::size_t>(*spec.precision) - digits.size(), '0');
  if (spec.sharp) {
    constexpr std::string_view kMarked = "xXob";
    if (verb == 'o')
      digits.insert(0, "0");
    else if (kMarked.find(verb) != std::string_view::npos)
      digits.insert(0, {'0', verb});
  }
  return value < 0 ? "-" + digits : digits;
}

std::optional<std::string> format_int(char verb, std::int64_t value, const Spec& spec) {
  switch (verb) {
    case 'd':
    case 'v':
    case 'x':
    case 'X':
    case 'o':
    case 'b':
      return padded(with_sign(int_digits(verb, value, spec), spec), spec, !spec.precision);
    case 'c':
      return padded(character(value), spec, false);
    case 'q':
      return padded(quoted(character(value), '\''), spec, false);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> format_float(char verb, double value, const Spec& spec) {
  if (std::string_view("vfFeEgG").find(verb) == std::string_view::npos) return std::nullopt;
  const bool general = verb == 'g' || verb == 'G' || verb == 'v';
  std::string text;
  if (!std::isfinite(value) || (general && !spec.precision)) {
    text = to_text(Value(value));
  } else {
    const auto style = general                      ? std::chars_format::general
                       : verb == 'f' || verb == 'F' ? std::chars_format::fixed
                                                    : std::chars_format::scientific;
    std::array<char, 1024> digits{};
    const int precision = std::min(spec.precision.value_or(6), kMaxFloatDigits);
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, style, precision);
    if (error == std::errc()) text.assign(digits.data(), end);
  }
  if (verb == 'E' || verb == 'G') std::replace(text.begin(), text.end(), 'e', 'E');
  return padded(with_sign(std::move(text), spec), spec, std::isfinite(value));
}

std::optional<std::string> format_string(char verb, std::string_view text, const Spec& spec) {
  const bool as_bytes = verb == 'x' || verb == 'X';
  if (spec.precision) {
    const auto size = static_cast<std::size_t>(*spec.precision);
    text = text.substr(0, as_bytes ? size : size_of_characters(text, size));
  }
  switch (verb) {
    case 's':
    case 'v':
      return padded(std::string(text), spec, false);
    case 'q':
      return padded(quoted(text, '"'), spec, false);
    case 'x':
    case 'X':
      return padded(hex(text, verb == 'X', spec), spec, false);
    default:
      return std::nullopt;
  }
}

std::string format_one(char verb, const Value& value, const Spec& spec);

/// Lists and maps hand the verb on to their elements.
std::string format_elements(char verb, const Value& value, const Spec& spec) {
  std::string out;
  const auto separate = [&out] {
    if (!out.empty()) out += ' ';
    return out.size() <= kMaxTextBytes;
  };
  if (const auto* list = std::get_if<List>(&value)) {
    for (const Value& item : **list) {
      if (!separate()) break;
      out += format_one(verb, item, spec);
    }
    return "[" + out + "]";
  }
  for (const auto& [key, item] : std::get<Map>(value)->values) {
    if (!separate()) break;
    out += format_one(verb, Value(key), spec) + ":" + format_one(verb, item, spec);
  }
  return "map[" + out + "]";
}

std::string format_one(char verb, const Value& value, const Spec& spec) {
  if (verb == 'T') return padded(std::string(type_name(value)), spec, false);
  std::optional<std::string> out;
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    out = format_int(verb, *i, spec);
  } else if (const auto* d = std::get_if<double>(&value)) {
    out = format_float(verb, *d, spec);
  } else if (const auto* s = std::get_if<std::string>(&value)) {
    out = format_string(verb, *s, spec);
  } else if (std::holds_alternative<List>(value) || std::holds_alternative<Map>(value)) {
    out = format_elements(verb, value, spec);
  } else if (std::holds_alternative<Time>(value)) {
    out = format_string(verb, to_text(value), spec);
  } else if (verb == 'v' || (verb == 't' && std::holds_alternative<bool>(value))) {
    out = padded(to_text(value), spec, false);
  }
  if (out) return *out;
  if (is_nil(value)) return fmt::format("%!{}(<nil>)", verb);
  return fmt::format("%!{}({}={})", verb, type_name(value), to_text(value));
}

class Formatter {
 public:
  Formatter(std::string_view pattern, std::span<const Value> arguments)
      : rest_(pattern), arguments_(arguments) {}

  std::string run() {
    while (!rest_.empty() && out_.size() <= kMaxTextBytes) {
      const std::size_t plain = std::min(rest_.find('%'), rest_.size());
      out_ += rest_.substr(0, plain);
      rest_.remove_prefix(plain);
      if (!rest_.empty()) add_verb();
    }
    if (next_ < arguments_.size()) add_extra();
    return std::move(out_);
  }

 private:
  void add_extra() {
    out_ += "%!(EXTRA ";
    for (std::size_t i = next_; i < arguments_.size() && out_.size() <= kMaxTextBytes; ++i) {
      if (i != next_) out_ += ", ";
      out_ += type_name(arguments_[i]);
      if (!is_nil(arguments_[i])) out_ += "=" + to_text(arguments_[i]);
    }
    out_ += ")";
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Digits, or the next argument where a star stands.
  std::optional<int> number() {
    if (take('*')) {
      const std::int64_t value = next_ < arguments_.size() ? to_int(arguments_[next_++]) : 0;
      return static_cast<int>(std::clamp<std::int64_t>(value, -kMaxWidth, kMaxWidth));
    }
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return std::nullopt;
    int value = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1))
      value = std::min(kMaxWidth, value * 10 + (rest_.front() - '0'));
    return value;
  }

  Spec take_spec() {
    Spec spec;
    for (;;) {
      if (take('-')) {
        spec.minus = true;
      } else if (take('+')) {
        spec.plus = true;
      } else if (take('#')) {
        spec.sharp = true;
      } else if (take(' ')) {
        spec.space = true;
      } else if (take('0')) {
        spec.zero = true;
      } else {
        break;
      }
    }
    spec.width = number().value_or(0);
    if (spec.width < 0) {
      spec.minus = true;
      spec.width = -spec.width;
    }
    if (take('.')) spec.precision = number().value_or(0);
    if (spec.precision && *spec.precision < 0) spec.precision.reset();
    return spec;
  }

  void add_verb() {
    rest_.remove_prefix(1);
    const Spec spec = take_spec();
    if (rest_.empty()) {
      out_ += "%!(NOVERB)";
      return;
    }
    const std::string_view verb = rest_.substr(0, first_character(rest_).size);
    rest_.remove_prefix(verb.size());
    if (verb == "%") {
      out_ += '%';
    } else if (next_ >= arguments_.size()) {
      out_ += fmt::format("%!{}(MISSING)", verb);
    } else if (verb.size() > 1) {
      const Value& value = arguments_[next_++];
      out_ += fmt::format("%!{}({}={})", verb, type_name(value), to_text(value));
    } else {
      out_ += format_one(verb.front(), arguments_[next_++], spec);
    }
  }

  std::string_view rest_;
  std::span<const Value> arguments_;
  std::size_t next_ = 0;
  std::string out_;
};

}  // namespace

std::string quoted(std::string_view text, char quote) {
  constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v\\";
  constexpr std::string_view kNames = "abfnrtv\\";
  std::string out(1, quote);
  while (!text.empty()) {
    const auto [code, size] = first_character(text);
    const std::string_view bytes = text.substr(0, size);
    const char first = bytes.front();
    text.remove_prefix(size);
    const std::size_t at = kEscaped.find(first);
    if (at != std::string_view::npos || first == quote) {
      out += '\\';
      out += first == quote ? quote : kNames[at];
    } else if (code < 0x20 || code == 0x7F || (size == 1 && code == kBadCharacter)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(first));
    } else {
      out += bytes;
    }
  }
  return out + quote;
}

std::string format(std::string_view pattern, std::span<const Value> arguments) {
  return Formatter(pattern, arguments).run();
}

}  // namespace livedata::query::text_template
