#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace livedata::ingest::pipeline {

/// A rule for all years, as the environment variable TZ holds it (POSIX.1-2017 section 8.3):
/// "CET-1CEST,M3.5.0,M10.5.0/3". Immutable.
class ZoneRule {
 public:
  /// Nothing for a text that is no rule.
  static std::optional<ZoneRule> parse(std::string_view text);

  /// Seconds that clocks are ahead of UTC.
  [[nodiscard]] std::int64_t offset_at(std::int64_t utc_seconds) const;

 private:
  /// When clocks change: a day of a year, and seconds from its midnight.
  struct Change {
    enum class Kind : std::uint8_t { kWeekday, kJulian, kDay };
    Kind kind = Kind::kWeekday;
    int month = 1;  // kWeekday
    int week = 1;   // kWeekday: 5 is the last one
    int day = 0;    // kWeekday: 0 is Sunday; kJulian: 1 to 365 without 29 February; kDay: 0 to 365
    std::int64_t time = 7200;

    /// Seconds since 1970 of the clock before the change.
    [[nodiscard]] std::int64_t in_year(int year) const;
  };

  /// Reads a rule from left to right.
  class Reader;

  std::int64_t standard_ = 0;
  std::int64_t summer_ = 0;
  bool has_summer_ = false;
  Change to_summer_;
  Change to_standard_;
};

}  // namespace livedata::ingest::pipeline
