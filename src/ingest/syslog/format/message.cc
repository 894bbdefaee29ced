#include "ingest/syslog/format/message.h"

#include "ingest/syslog/format/rfc3164.h"
#include "ingest/syslog/format/rfc5424.h"

namespace livedata::ingest::syslog {

Message parse(std::string_view bytes, const Arrival& arrival) {
  Message message;
  std::string_view rest = bytes;
  message.priority = take_priority(rest);
  message.text = rest;
  if (message.priority != kNoPriority && parse_rfc5424(rest, arrival, message)) return message;
  if (parse_rfc3164(rest, arrival, message)) return message;
  // With a priority but nothing else the message is still a syslog message.
  message.format = message.priority == kNoPriority ? Format::kPlain : Format::kRfc3164;
  return message;
}

}  // namespace livedata::ingest::syslog
