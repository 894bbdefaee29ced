#pragma once

#include "ingest/syslog/format/message.h"

namespace livedata::ingest::syslog {

/// Reads what stands behind the priority of RFC 3164 - which only wrote down what was there - and
/// of what others made of it: ISO times, times with years and zones, no host, no time, Cisco's
/// sequence numbers and mnemonics. False, and `message` untouched, if nothing of that was found.
bool parse_rfc3164(std::string_view rest, const Arrival& arrival, Message& message);

}  // namespace livedata::ingest::syslog
