#include "cli/around_time.h"

#include <array>
#include <ctime>
#include <string>

#include <fmt/format.h>

#include "base/time_format.h"
#include "server/api/parameters.h"

namespace livedata::cli {
namespace {

std::tm local_time(TimestampNs time) {
  const auto seconds = static_cast<std::time_t>(time / kNsPerSecond);
  std::tm out{};
  ::localtime_r(&seconds, &out);
  return out;
}

/// Reads all of the text in strptime's format into `out`.
bool reads(const std::string& text, const char* format, std::tm& out) {
  const char* end = ::strptime(text.c_str(), format, &out);
  return end != nullptr && *end == '\0';
}

TimestampNs to_timestamp(std::tm time) {
  time.tm_isdst = -1;
  return static_cast<TimestampNs>(::mktime(&time)) * kNsPerSecond;
}

}  // namespace

Result<TimestampNs> parse_when(std::string_view text, TimestampNs now) {
  if (text == "now") return now;
  const std::string_view ago = text.substr(text.starts_with('-') ? 1 : 0);
  if (const auto duration = parse_duration(ago); duration && *duration >= 0) return now - *duration;
  const std::string whole(text);
  for (const char* format : {"%H:%M:%S", "%H:%M"}) {
    std::tm time = local_time(now);
    time.tm_sec = 0;
    if (!reads(whole, format, time)) continue;
    const TimestampNs today = to_timestamp(time);
    if (today <= now) return today;
    --time.tm_mday;
    return to_timestamp(time);
  }
  for (const char* format :
       {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"}) {
    std::tm time{};
    if (reads(whole, format, time)) return to_timestamp(time);
  }
  if (auto time = server::parse_time(text)) return time;
  return fail(ErrorCode::kInvalidArgument,
              "'{}' is no time; use now, 10m (ago), 14:32:05, '2026-01-02 14:32:05' (local time), "
              "RFC 3339 or seconds since 1970",
              text);
}

std::string show_when(TimestampNs time, TimestampNs now) {
  const std::tm at = local_time(time);
  const std::tm today = local_time(now);
  const bool is_today = at.tm_year == today.tm_year && at.tm_yday == today.tm_yday;
  std::array<char, 64> buffer{};
  const std::size_t size =
      std::strftime(buffer.data(), buffer.size(), is_today ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &at);
  return fmt::format("{}.{:03}", std::string_view(buffer.data(), size),
                     time % kNsPerSecond / 1'000'000);
}

}  // namespace livedata::cli
