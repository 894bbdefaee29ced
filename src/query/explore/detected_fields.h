#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/query_answer.h"

namespace livedata::query::explore {

/// What a field's values look like.
enum class FieldKind { kString, kInt, kFloat, kBoolean, kDuration, kBytes };
std::string_view name(FieldKind kind);

/// A field that a sample of lines has: as structured metadata, or where a parser finds it.
struct DetectedField {
  FieldKind kind = FieldKind::kString;
  std::set<std::string> values;
  std::set<std::string> parsers;  ///< "json", "logfmt"; empty: structured metadata
  std::vector<std::string> json_path;
};

/// The fields of the rows of a log query's answer, by name: their structured metadata, what the
/// query's own stages parsed, and what json or logfmt would find in the lines.
std::map<std::string, DetectedField> detect_fields(const std::vector<LogRow>& rows);

}  // namespace livedata::query::explore
