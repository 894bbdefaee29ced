// Go's fmt verbs (pkg.go.dev/fmt).
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "query/text_template/value.h"

namespace livedata::query::text_template {
namespace {

constexpr int kMaxWidth = 10000;

struct Spec {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  int width = 0;
  std::optional<int> precision = {};
};

/// Characters, not bytes.
std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string padded(std::string text, const Spec& spec, bool is_number) {
  const std::size_t size = length(text);
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

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string hex(std::string_view bytes, bool upper) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
  }
  return out;
}

std::string utf8(std::int64_t code) {
  std::string out;
  const auto put = [&out](std::int64_t byte) { out += static_cast<char>(byte); };
  if (code < 0 || code > 0x10FFFF) code = 0xFFFD;
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

std::optional<std::string> format_int(char verb, std::int64_t value, const Spec& spec) {
  switch (verb) {
    case 'd':
    case 'v':
      return padded(with_sign(std::to_string(value), spec), spec, true);
    case 'x':
      return padded(with_sign(spec.sharp ? fmt::format("{:#x}", value) : fmt::format("{:x}", value), spec), spec, true);
    case 'X':
      return padded(with_sign(spec.sharp ? fmt::format("{:#X}", value) : fmt::format("{:X}", value), spec), spec, true);
    case 'o':
      return padded(with_sign(fmt::format("{:o}", value), spec), spec, true);
    case 'b':
      return padded(with_sign(fmt::format("{:b}", value), spec), spec, true);
    case 'c':
      return padded(utf8(value), spec, false);
    case 'q':
      return padded("'" + utf8(value) + "'", spec, false);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> format_float(char verb, double value, const Spec& spec) {
  if (verb == 'v') return padded(with_sign(to_text(value), spec), spec, true);
  if (std::string_view("fFeEgG").find(verb) == std::string_view::npos) return std::nullopt;
  std::string text;
  if (!std::isfinite(value)) {
    text = to_text(value);
  } else if ((verb == 'g' || verb == 'G') && !spec.precision) {
    text = fmt::format("{}", value);
  } else {
    const auto style = verb == 'f' || verb == 'F'   ? std::chars_format::fixed
                       : verb == 'e' || verb == 'E' ? std::chars_format::scientific
                                                    : std::chars_format::general;
    std::array<char, 1200> digits{};
    const int precision = std::min(spec.precision.value_or(6), 500);
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, style, precision);
    if (error == std::errc()) text.assign(digits.data(), end);
  }
  return padded(with_sign(std::move(text), spec), spec, true);
}

std::optional<std::string> format_string(char verb, const std::string& value, const Spec& spec) {
  std::string text = value;
  if (spec.precision && static_cast<std::size_t>(*spec.precision) < text.size())
    text.resize(static_cast<std::size_t>(*spec.precision));
  switch (verb) {
    case 's':
    case 'v':
      return padded(std::move(text), spec, false);
    case 'q':
      return padded(quoted(text), spec, false);
    case 'x':
    case 'X':
      return padded(hex(text, verb == 'X'), spec, false);
    default:
      return std::nullopt;
  }
}

std::string format_one(char verb, const Value& value, const Spec& spec) {
  std::optional<std::string> out;
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    out = format_int(verb, *i, spec);
  } else if (const auto* d = std::get_if<double>(&value)) {
    out = format_float(verb, *d, spec);
  } else if (const auto* s = std::get_if<std::string>(&value)) {
    out = format_string(verb, *s, spec);
  } else if (verb == 'v' || verb == 's' || (verb == 't' && value.index() == 1)) {
    const bool is_nil = value.index() == 0;
    out = padded(is_nil ? (verb == 'v' ? "<nil>" : "%!s(<nil>)") : to_text(value), spec, false);
  }
  if (out) return *out;
  return fmt::format("%!{}({}={})", verb, type_name(value), to_text(value));
}

class Formatter {
 public:
  Formatter(std::string_view pattern, const std::vector<Value>& arguments)
      : rest_(pattern), arguments_(arguments) {}

  std::string run() {
    while (!rest_.empty()) {
      const std::size_t plain = std::min(rest_.find('%'), rest_.size());
      out_ += rest_.substr(0, plain);
      rest_.remove_prefix(plain);
      if (!rest_.empty()) add_verb();
    }
    if (next_ < arguments_.size()) {
      out_ += "%!(EXTRA ";
      for (std::size_t i = next_; i < arguments_.size(); ++i) {
        out_ += fmt::format("{}{}={}", i == next_ ? "" : ", ", type_name(arguments_[i]),
                            to_text(arguments_[i]));
      }
      out_ += ")";
    }
    return std::move(out_);
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<int> number() {
    if (take('*')) {
      const std::int64_t value = next_ < arguments_.size() ? to_int(arguments_[next_++]) : 0;
      return static_cast<int>(std::clamp<std::int64_t>(value, 0, kMaxWidth));
    }
    int value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || rest_.starts_with('-')) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return std::min(value, kMaxWidth);
  }

  void add_verb() {
    rest_.remove_prefix(1);
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
    if (take('.')) spec.precision = number().value_or(0);
    if (rest_.empty()) {
      out_ += "%!(NOVERB)";
      return;
    }
    const char verb = rest_.front();
    rest_.remove_prefix(1);
    if (verb == '%') {
      out_ += '%';
    } else if (next_ >= arguments_.size()) {
      out_ += fmt::format("%!{}(MISSING)", verb);
    } else {
      out_ += format_one(verb, arguments_[next_++], spec);
    }
  }

  std::string_view rest_;
  const std::vector<Value>& arguments_;
  std::size_t next_ = 0;
  std::string out_;
};

}  // namespace

std::string format(std::string_view pattern, const std::vector<Value>& arguments) {
  return Formatter(pattern, arguments).run();
}

}  // namespace livedata::query::text_template
