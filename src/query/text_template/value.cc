#include "query/text_template/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "query/text_template/time_functions.h"

namespace livedata::query::text_template {
namespace {

// Beyond these exponents Go prints a float with one.
constexpr double kLargest = 1e21;
constexpr double kSmallest = 1e-4;

std::string float_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  const double size = std::abs(value);
  if (size != 0 && (size >= kLargest || size < kSmallest)) return fmt::format("{:e}", value);
  std::array<char, 400> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                          std::chars_format::fixed);
  return error == std::errc() ? std::string(digits.data(), end) : fmt::format("{}", value);
}

/// The shortest digits that read back, with an exponent of two digits at least.
std::string exponent_text(double value) {
  std::array<char, 64> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                          std::chars_format::scientific);
  return error == std::errc() ? std::string(digits.data(), end) : std::string();
}

}  // namespace

bool is_true(const Value& value) {
  struct Truth {
    bool operator()(std::monostate /*unused*/) const { return false; }
    bool operator()(bool b) const { return b; }
    bool operator()(std::int64_t i) const { return i != 0; }
    bool operator()(double d) const { return d != 0; }
    bool operator()(const std::string& s) const { return !s.empty(); }
    bool operator()(const List& list) const { return !list->empty(); }
    bool operator()(const Map& map) const { return !map->empty(); }
    bool operator()(const Time& /*unused*/) const { return true; }
  };
  return std::visit(Truth(), static_cast<const Value::variant&>(value));
}

std::string to_text(const Value& value) {
  struct Text {
    std::string operator()(std::monostate /*unused*/) const { return "<no value>"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t i) const { return std::to_string(i); }
    std::string operator()(double d) const {
      const double size = std::abs(d);
      const bool has_exponent = std::isfinite(d) && size != 0 && (size >= kLargest || size < kSmallest);
      return has_exponent ? exponent_text(d) : float_text(d);
    }
    std::string operator()(const std::string& s) const { return s; }
    std::string operator()(const List& list) const {
      std::string out = "[";
      for (const Value& item : *list) out += (out.size() == 1 ? "" : " ") + to_text(item);
      return out + "]";
    }
    std::string operator()(const Map& map) const {
      std::string out = "map[";
      for (const auto& [key, item] : *map)
        out.append(out.size() == 4 ? "" : " ").append(key).append(":").append(to_text(item));
      return out + "]";
    }
    std::string operator()(const Time& time) const {
      return format_time("2006-01-02 15:04:05.999999999 -0700 MST", time);
    }
  };
  return std::visit(Text(), static_cast<const Value::variant&>(value));
}

std::string_view type_name(const Value& value) {
  constexpr std::array<std::string_view, 8> kNames = {
      "nil", "bool", "int", "float64", "string", "[]interface {}", "map[string]interface {}",
      "time.Time"};
  return kNames.at(value.index());
}

std::optional<double> to_double(const Value& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&value)) return *d;
  const auto* s = std::get_if<std::string>(&value);
  if (s == nullptr) return std::nullopt;
  std::string_view text = *s;
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::int64_t to_int(const Value& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return *i;
  if (const auto* b = std::get_if<bool>(&value)) return *b ? 1 : 0;
  if (const auto* s = std::get_if<std::string>(&value)) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(s->data(), s->data() + s->size(), number);
    return error == std::errc() && end == s->data() + s->size() ? number : 0;
  }
  const double number = to_double(value).value_or(0);
  constexpr double kLimit = 9.2e18;
  return std::isnan(number) ? 0 : static_cast<std::int64_t>(std::clamp(number, -kLimit, kLimit));
}

std::optional<int> compare(const Value& left, const Value& right) {
  const auto order = [](const auto& a, const auto& b) { return a < b ? -1 : (b < a ? 1 : 0); };
  const auto* s1 = std::get_if<std::string>(&left);
  const auto* s2 = std::get_if<std::string>(&right);
  if (s1 != nullptr && s2 != nullptr) return order(*s1, *s2);
  const auto* b1 = std::get_if<bool>(&left);
  const auto* b2 = std::get_if<bool>(&right);
  if (b1 != nullptr && b2 != nullptr) return order(*b1, *b2);
  const auto* t1 = std::get_if<Time>(&left);
  const auto* t2 = std::get_if<Time>(&right);
  if (t1 != nullptr && t2 != nullptr) return order(t1->ns, t2->ns);
  if (left.index() == 0 && right.index() == 0) return 0;
  const bool numbers = (left.index() == 2 || left.index() == 3) &&
                       (right.index() == 2 || right.index() == 3);
  if (!numbers) return std::nullopt;
  return order(*to_double(left), *to_double(right));
}

}  // namespace livedata::query::text_template
