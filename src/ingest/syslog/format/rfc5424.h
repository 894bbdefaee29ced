#pragma once

#include "ingest/syslog/format/message.h"

namespace livedata::ingest::syslog {

/// Reads what stands behind the priority of RFC 5424. False, and `message` untouched, if the header
/// is not of this format. Malformed structured data stays part of the text.
bool parse_rfc5424(std::string_view rest, const Arrival& arrival, Message& message);

}  // namespace livedata::ingest::syslog
