#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::query::saved {

enum class Language { kLogql, kSearch, kSql };
/// "logql", "search", "sql"
std::string_view name(Language language);

/// When a query is asked by itself, so that its answers are recorded.
struct Schedule {
  std::int64_t every_ns = 0;  ///< a second at least; at times that are its multiples since 1970
  /// So long after such a time, for records that come late.
  std::int64_t delay_ns = 0;
  bool operator==(const Schedule&) const = default;
};

/// A query that has a name.
struct SavedQuery {
  std::string name;  ///< [a-z_][a-z0-9_]*, at most 64 characters
  Language language = Language::kLogql;
  std::string text;
  std::string description = {};
  /// The range that it is about ends when it is asked and begins so long before; 0: an hour, or
  /// with a schedule the time since it was asked last.
  std::int64_t since_ns = 0;
  std::optional<Schedule> schedule = {};

  /// The range of a schedule's query.
  [[nodiscard]] std::int64_t range_ns() const;
  bool operator==(const SavedQuery&) const = default;
};

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxTextBytes = 64 * 1024;

/// Reads {"language": "sql", "query": "...", "description": "...", "since": "1h",
/// "schedule": {"every": "5m", "delay": "30s"}}. kInvalidArgument names the member, and what it may
/// be. Whether the query itself is good is not looked at.
Result<SavedQuery> parse_saved_query(std::string_view name, std::string_view json);
/// What parse_saved_query() reads, and the name.
std::string to_json(const SavedQuery& query);

}  // namespace livedata::query::saved
