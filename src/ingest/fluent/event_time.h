#pragma once

#include <optional>

#include "base/clock.h"
#include "ingest/fluent/msgpack.h"

namespace livedata::ingest::fluent {

/// An event's time: seconds as a number, or the extension type 0 of two 32-bit numbers, seconds and
/// nanoseconds. 0 and nil say that there is none, as for Fluentd: then it is `now`. Nothing for a
/// value that is no time.
std::optional<TimestampNs> read_event_time(const MsgpackValue& value, TimestampNs now);

/// Whether a sender that writes its times like this knows no more than the second.
bool is_whole_second(const MsgpackValue& time);
/// The time of an event, [time, record] or [[time, metadata], record], if it is such a one.
std::optional<TimestampNs> whole_second_of(std::string_view event, TimestampNs now);

}  // namespace livedata::ingest::fluent
