#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "base/result.h"
#include "model/time_range.h"
#include "query/query_answer.h"

namespace livedata::query::sql {

/// How an answer is written.
enum class Format { kJson, kNdjson, kCsv, kArrow, kParquet };

/// "json", "ndjson", "csv", "arrow" or "parquet".
Result<Format> parse_format(std::string_view name);
std::string_view content_type(Format format);

/// A value for a place holder; monostate is NULL.
using Parameter = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct Query {
  std::string text;
  /// Values of $1, ? (named "1", "2", ...) and $name.
  std::vector<std::pair<std::string, Parameter>> parameters = {};
  /// Nothing outside of it is seen.
  TimeRange range = {std::numeric_limits<TimestampNs>::min(),
                     std::numeric_limits<TimestampNs>::max()};
  Format format = Format::kJson;
  std::optional<std::size_t> limit = {};  ///< rows beyond it are left out
  /// The text was made here from another language: its length and places are not the user's.
  bool is_generated = false;
  /// What an answer in JSON says beside its rows: the range that was asked about, and the plan, of
  /// which the first step is the scan.
  std::optional<TimeRange> told_range = {};
  std::vector<PlanStep> plan = {};
};

/// Why a query failed and, where it is known, at which place of its text; both counted from 1.
struct QueryError {
  Error error;
  std::size_t line = 0;
  std::size_t column = 0;
};

template <class T>
using Outcome = tl::expected<T, QueryError>;

}  // namespace livedata::query::sql
