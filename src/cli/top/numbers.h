#pragma once

#include <string>

#include "base/clock.h"

namespace livedata::cli::top {

/// At most five characters: "0", "512", "1.5K", "340M", "12.3G"; powers of 1024.
std::string short_bytes(double bytes);
/// "0.0", "34.2", "100", "1234".
std::string short_percent(double percent);
/// At most five characters: "9", "12K", "1.2M"; powers of 1000.
std::string short_count(double count);
/// "42s", "5m 07s", "3h 12m", "4d 03h".
std::string short_duration(double seconds);
/// "14:03:22", `offset` seconds east of UTC.
std::string clock_text(TimestampNs time, int offset);
/// "14:03:22.123".
std::string clock_text_ms(TimestampNs time, int offset);
/// Of a time in the last day "14:03", in the last half year "Jul03", else "2024".
std::string start_text(TimestampNs start, TimestampNs now, int offset);
/// "Jul 03 14:03:22", with the year in front if it is another one than now.
std::string long_time_text(TimestampNs time, TimestampNs now, int offset);

}  // namespace livedata::cli::top
