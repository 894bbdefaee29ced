#include "ingest/pipeline/value_types.h"

#include <charconv>
#include <cmath>

namespace livedata::ingest::pipeline {
namespace {

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number value = 0;
  const char* end_of_text = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), end_of_text, value);
  return error == std::errc() && end == end_of_text ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<ValueType> value_type(std::string_view name) {
  if (name == "string") return ValueType::kText;
  if (name == "int") return ValueType::kInteger;
  if (name == "float") return ValueType::kNumber;
  if (name == "bool") return ValueType::kBool;
  return std::nullopt;
}

FieldValue typed(std::string_view text, ValueType type) {
  switch (type) {
    case ValueType::kText:
      break;
    case ValueType::kInteger:
      if (const auto value = read_number<std::int64_t>(text)) return *value;
      break;
    case ValueType::kNumber:
      if (const auto value = read_number<double>(text); value && std::isfinite(*value))
        return *value;
      break;
    case ValueType::kBool:
      if (text == "true") return true;
      if (text == "false") return false;
      break;
  }
  return text;
}

FieldTypes::FieldTypes(Options& options) {
  for (const auto& [field, name] : options.pairs("types")) {
    const auto type = value_type(name);
    if (!type) {
      options.mistake("types", fmt::format("'{}' can't be '{}'; {}", field, name,
                                           hint_of(name, {"string", "int", "float", "bool"})));
    }
    types_.emplace_back(field, type.value_or(ValueType::kText));
  }
}

ValueType FieldTypes::of(std::string_view field) const {
  for (const auto& [name, type] : types_) {
    if (name == field) return type;
  }
  return ValueType::kText;
}

}  // namespace livedata::ingest::pipeline
