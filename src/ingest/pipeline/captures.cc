#include "ingest/pipeline/captures.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <re2/re2.h>

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

CaptureRegex::Match CaptureRegex::run(std::string_view text, PipelineRecord& record) const {
  std::array<re2::StringPiece, kMaxGroups + 1> parts;
  const int count = regex_->NumberOfCapturingGroups() + 1;
  if (!regex_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(),
                     re2::RE2::UNANCHORED, parts.data(), count)) {
    return Match::kNo;
  }
  bool all_fit = true;
  for (const Group& group : groups_) {
    const re2::StringPiece& part = parts.at(static_cast<std::size_t>(group.index));
    if (part.data() == nullptr) continue;
    const FieldValue value = typed({part.data(), part.size()}, group.type);
    all_fit = record.set_field(group.field, value) && all_fit;
  }
  return all_fit ? Match::kYes : Match::kTooManyFields;
}

}  // namespace livedata::ingest::pipeline
