#include "query/text_template/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "query/text_template/time_layout.h"

namespace livedata::query::text_template {
namespace {

// Beyond these a float is printed with an exponent.
constexpr double kLargest = 1e6;
constexpr double kSmallest = 1e-4;

std::string float_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  const double size = std::abs(value);
  const bool has_exponent = size != 0 && (size >= kLargest || size < kSmallest);
  std::array<char, 64> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), value,
                    has_exponent ? std::chars_format::scientific : std::chars_format::fixed);
  return error == std::errc() ? std::string(digits.data(), end) : std::string();
}

/// The whole of a text as an integer, decimal or with 0x.
std::optional<std::int64_t> read_int(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  if (text.starts_with('-')) return std::nullopt;
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, hex ? 16 : 10);
  if (error != std::errc() || end != last) return std::nullopt;
  return negative ? -number : number;
}

std::string list_text(const List& list) {
  std::string out = "[";
  for (const Value& item : *list) out.append(out.size() == 1 ? "" : " ").append(to_text(item));
  return out + "]";
}

std::string map_text(const Map& map) {
  std::string out = "map[";
  for (const auto& [key, item] : map->values)
    out.append(out.size() == 4 ? "" : " ").append(key).append(":").append(to_text(item));
  return out + "]";
}

const double kIntLimit = std::ldexp(1.0, 63);

bool is_number(const Value& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

}  // namespace

Value Members::find(const std::string& name) const {
  const auto found = values.find(name);
  if (found != values.end()) return found->second;
  return are_labels ? Value(std::string()) : Value();
}

bool is_true(const Value& value) {
  struct Truth {
    bool operator()(std::monostate /*unused*/) const { return false; }
    bool operator()(bool b) const { return b; }
    bool operator()(std::int64_t i) const { return i != 0; }
    bool operator()(double d) const { return d != 0; }
    bool operator()(const std::string& s) const { return !s.empty(); }
    bool operator()(const List& list) const { return !list->empty(); }
    bool operator()(const Map& map) const { return !map->values.empty(); }
    bool operator()(const Time& /*unused*/) const { return true; }
  };
  return std::visit(Truth(), static_cast<const Value::variant&>(value));
}

std::string to_text(const Value& value) {
  struct Text {
    std::string operator()(std::monostate /*unused*/) const { return "<nil>"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t i) const { return std::to_string(i); }
    std::string operator()(double d) const { return float_text(d); }
    std::string operator()(const std::string& s) const { return s; }
    std::string operator()(const List& list) const { return list_text(list); }
    std::string operator()(const Map& map) const { return map_text(map); }
    std::string operator()(const Time& time) const {
      return format_time("2006-01-02 15:04:05.999999999 -0700 MST", time);
    }
  };
  return std::visit(Text(), static_cast<const Value::variant&>(value));
}

std::string_view type_name(const Value& value) {
  if (const auto* map = std::get_if<Map>(&value); map != nullptr && (*map)->are_labels)
    return "map[string]string";
  constexpr std::array<std::string_view, 8> kNames = {
      "nil",      "bool", "int", "float64", "string", "[]interface {}", "map[string]interface {}",
      "time.Time"};
  return kNames.at(value.index());
}

std::optional<double> to_double(const Value& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&value)) return *d;
  const auto* s = std::get_if<std::string>(&value);
  if (s == nullptr) return std::nullopt;
  std::string_view text = *s;
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::int64_t to_int(const Value& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return *i;
  if (const auto* b = std::get_if<bool>(&value)) return *b ? 1 : 0;
  if (const auto* s = std::get_if<std::string>(&value)) {
    if (const auto number = read_int(*s)) return *number;
  }
  const double number = to_double(value).value_or(0);
  if (std::isnan(number)) return 0;
  if (number >= kIntLimit) return INT64_MAX;
  return number < -kIntLimit ? INT64_MIN : static_cast<std::int64_t>(number);
}

std::optional<bool> equal(const Value& left, const Value& right) {
  if (is_nil(left) || is_nil(right)) return is_nil(left) && is_nil(right);
  if (const auto* b = std::get_if<bool>(&left)) {
    const auto* other = std::get_if<bool>(&right);
    return other == nullptr ? std::nullopt : std::optional(*b == *other);
  }
  const auto ordering = order(left, right);
  return ordering ? std::optional(std::is_eq(*ordering)) : std::nullopt;
}

std::optional<std::partial_ordering> order(const Value& left, const Value& right) {
  // Go refuses to compare an int with a float; here nothing else tells the two apart.
  if (is_number(left) && is_number(right)) {
    const auto* i = std::get_if<std::int64_t>(&left);
    const auto* j = std::get_if<std::int64_t>(&right);
    if (i != nullptr && j != nullptr) return *i <=> *j;
    const auto x = to_double(left);
    const auto y = to_double(right);
    return x && y ? std::optional(*x <=> *y) : std::nullopt;
  }
  const auto* s = std::get_if<std::string>(&left);
  const auto* t = std::get_if<std::string>(&right);
  if (s != nullptr && t != nullptr) return *s <=> *t;
  const auto* from = std::get_if<Time>(&left);
  const auto* to = std::get_if<Time>(&right);
  if (from != nullptr && to != nullptr) return from->ns <=> to->ns;
  return std::nullopt;
}

}  // namespace livedata::query::text_template
