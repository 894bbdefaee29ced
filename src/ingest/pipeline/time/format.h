#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/pipeline/time/zone.h"
#include "model/record_batch.h"

namespace livedata::ingest::pipeline {

/// A way to write a time. Immutable and thread-safe.
class TimeFormat {
 public:
  /// A name (RFC3339, Unix, UnixMs, UnixUs, UnixNs, Auto), a format of strptime() with a % in it,
  /// or a layout that shows how Go's reference time (2006-01-02 15:04:05) is written.
  /// kInvalidArgument for anything else.
  static Result<TimeFormat> make(std::string_view format);

  /// One that is known to be right.
  static TimeFormat of(std::string_view format);
  static constexpr std::string_view kHttpDate = "%d/%b/%Y:%H:%M:%S %z";

  /// The time that the value is. Where it has no zone it is of `zone`; where it has no year, of the
  /// year that brings it next to `now`, but not more than a day behind it; where it has no date, of
  /// today. Nothing if it can't be read. In nanoseconds since 1970.
  [[nodiscard]] std::optional<TimestampNs> read(const FieldValue& value, const TimeZone& zone,
                                                TimestampNs now) const;

  /// One part of a format.
  enum class Part : std::uint8_t {
    kLiteral,
    kSpace,      // any number of spaces
    kYear,       // 4 digits
    kShortYear,  // 2 digits: 1969 to 2068
    kMonth,
    kMonthName,  // long or short
    kDay,
    kDayOfYear,
    kWeekdayName,  // read over
    kHour,
    kHour12,
    kHalf,  // AM or PM
    kMinute,
    kSecond,
    kFraction,       // digits behind a point
    kMaybeFraction,  // . or , and digits, or nothing
    kDateTime,       // T, t or a space
    kOffset,         // Z, +hh, +hhmm or +hh:mm
    kZoneName,       // UTC, GMT or Z; others are read over
    kEpochSeconds,
  };
  struct Token {
    Part part = Part::kLiteral;
    char literal = '\0';
  };

 private:
  enum class Kind : std::uint8_t { kParts, kUnix, kAuto };
  Kind kind_ = Kind::kParts;
  std::int64_t unit_ = 1;  // kUnix: nanoseconds
  std::vector<Token> tokens_;
};

/// The parts of a strptime() format or a Go layout.
Result<std::vector<TimeFormat::Token>> parse_strptime(std::string_view format);
std::vector<TimeFormat::Token> parse_go_layout(std::string_view layout);

}  // namespace livedata::ingest::pipeline
