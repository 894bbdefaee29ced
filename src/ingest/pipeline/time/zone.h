#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/pipeline/time/zone_rule.h"

namespace livedata::ingest::pipeline {

/// How far clocks were, are and will be ahead of UTC at a place. Immutable and thread-safe.
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;

  /// "UTC", an offset such as "+02:00", "Local", or a name of the system's time zone database such
  /// as "Europe/Berlin". kInvalidArgument if it is none of these.
  static Result<TimeZone> load(std::string_view name);

  /// From the bytes of a TZif file (RFC 8536). kCorrupt if they are none.
  static Result<TimeZone> parse(std::string_view bytes);

  /// Seconds since 1970 in UTC, of a time as clocks there show it. Of a time that they show twice
  /// the first; of one that they leave out, as if they had not.
  [[nodiscard]] std::int64_t to_utc(std::int64_t local_seconds) const;

  /// Seconds that clocks there are ahead of UTC.
  [[nodiscard]] std::int64_t offset_at(std::int64_t utc_seconds) const;

 private:
  struct Transition {
    std::int64_t at = 0;
    std::int64_t offset = 0;
  };
  std::int64_t first_offset_ = 0;
  std::vector<Transition> transitions_;  // ascending
  std::optional<ZoneRule> rule_;         // behind the last transition
};

}  // namespace livedata::ingest::pipeline
