#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace livedata::ingest::syslog {

/// When and where a message came in: what its time is completed from.
struct Arrival {
  TimestampNs now = 0;
  /// East of UTC, of times that name no zone. Taken once per run of messages as rsyslog does, so
  /// only a message that was held back over a change of the clocks is an hour off.
  std::int64_t utc_offset_seconds = 0;
};

/// A time as its sender wrote it.
struct MessageTime {
  TimestampNs ns = 0;
  std::int64_t resolution_ns = 1;  ///< what its last digit stands for
};

/// Each takes a time off the front of the text; without one, the text stays as it is.
///
/// RFC 3339 and its relatives: T or a space, fraction behind a dot or comma, zone or none.
std::optional<MessageTime> take_iso_time(std::string_view& text, const Arrival& arrival);

/// `Jan 15 10:30:00` (RFC 3164 section 4.1.2) and its relatives: a year in front, behind the day or
/// at the end, a fraction, a zone (`UTC`, `CEST`, `+0100`, `TZ-6`), Cisco's colon at the end.
/// Without a year it is the one that brings the time nearest to the arrival.
struct BsdTime {
  MessageTime time;
  bool colon = false;  ///< it ended with the colon that Cisco puts between time and text
};
std::optional<BsdTime> take_bsd_time(std::string_view& text, const Arrival& arrival);

/// Ten digits of seconds since 1970 with a fraction, as Meraki devices send.
std::optional<MessageTime> take_epoch_time(std::string_view& text);

/// The offset from UTC that this machine's clock has at a time.
std::int64_t local_utc_offset(TimestampNs time);

}  // namespace livedata::ingest::syslog
