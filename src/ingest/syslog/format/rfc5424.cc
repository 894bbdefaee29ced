#include "ingest/syslog/format/rfc5424.h"

#include "ingest/syslog/format/structured_data.h"

namespace livedata::ingest::syslog {
namespace {

// The RFC allows 255 for a host, 48 for a program, 128 for a process, 32 for an id. Longer ones are
// around; what is longer than this is not a header.
constexpr std::size_t kMaxTokenBytes = 255;

/// PRINTUSASCII up to a space. "-" is the NILVALUE and gives an empty token.
bool take_token(std::string_view& text, std::string_view& token) {
  std::size_t size = 0;
  while (size < text.size() && text[size] > ' ' && text[size] < 0x7F) ++size;
  if (size == 0 || size > kMaxTokenBytes) return false;
  if (size < text.size() && text[size] != ' ') return false;
  token = text.substr(0, size);
  if (token == "-") token = {};
  text.remove_prefix(size);
  return true;
}

bool take_space(std::string_view& text) {
  if (!text.starts_with(' ')) return false;
  text.remove_prefix(1);
  return true;
}

bool take_time(std::string_view& text, const Arrival& arrival, Message& message) {
  const std::string_view before = text;
  if (text.starts_with("- ")) {
    text.remove_prefix(1);
  } else {
    // Its time has a T, no space.
    if (text.size() < 11 || text[10] == ' ') return false;
    message.time = take_iso_time(text, arrival);
    if (!message.time) return false;
    message.time_text = before.substr(0, before.size() - text.size());
  }
  return true;
}

void take_structured_data(std::string_view& text, Message& message) {
  if (text == "-" || text.starts_with("- ")) {
    text.remove_prefix(1);
  } else if (const std::size_t size = structured_data_size(text); size > 0) {
    message.structured_data = text.substr(0, size);
    text.remove_prefix(size);
  } else {
    return;
  }
  take_space(text);
}

}  // namespace

bool parse_rfc5424(std::string_view rest, const Arrival& arrival, Message& message) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // section 6.4
  if (!rest.starts_with("1 ")) return false;
  rest.remove_prefix(2);
  Message found;
  found.format = Format::kRfc5424;
  found.priority = message.priority;
  const bool header =
      take_time(rest, arrival, found) && take_space(rest) && take_token(rest, found.host) &&
      take_space(rest) && take_token(rest, found.app) && take_space(rest) &&
      take_token(rest, found.proc_id) && take_space(rest) && take_token(rest, found.msg_id);
  if (!header) return false;
  take_space(rest);
  take_structured_data(rest, found);
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  found.text = rest;
  message = found;
  return true;
}

}  // namespace livedata::ingest::syslog
