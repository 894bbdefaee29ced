#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace livedata::ingest::syslog {

/// RFC 5424 section 6.2.1, table 2, with the names that rsyslog and syslog.conf use.
constexpr std::array<std::string_view, 8> kSeverityNames = {"emerg",   "alert",  "crit", "err",
                                                            "warning", "notice", "info", "debug"};

/// Table 1.
constexpr std::array<std::string_view, 24> kFacilityNames = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};

/// The detected_level of each severity.
constexpr std::array<std::string_view, 8> kSeverityLevels = {
    "fatal", "critical", "critical", "error", "warn", "info", "info", "debug"};

/// Facility and severity as one byte, as `<PRI>` writes them; kNoPriority where nothing is said.
using Priority = std::uint8_t;
constexpr Priority kNoPriority = 0xFF;
constexpr Priority kMaxPriority = 191;

constexpr unsigned severity_of(Priority priority) { return priority & 7U; }
constexpr unsigned facility_of(Priority priority) { return priority >> 3U; }

/// Takes `<PRI>` (RFC 5424 section 6.2.1: 0 to 191, one to three digits) off the front. kNoPriority
/// and an untouched text when there is none.
inline Priority take_priority(std::string_view& text) {
  if (text.size() < 3 || text[0] != '<') return kNoPriority;
  unsigned value = 0;
  std::size_t at = 1;
  for (; at < text.size() && at < 4 && text[at] >= '0' && text[at] <= '9'; ++at)
    value = value * 10 + static_cast<unsigned>(text[at] - '0');
  if (at == 1 || at == text.size() || text[at] != '>' || value > kMaxPriority) return kNoPriority;
  text.remove_prefix(at + 1);
  return static_cast<Priority>(value);
}

}  // namespace livedata::ingest::syslog
