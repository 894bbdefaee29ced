#include "ingest/syslog/format/rfc3164.h"

#include <algorithm>

#include "ingest/level/level_detection.h"

namespace livedata::ingest::syslog {
namespace {

constexpr std::size_t kMaxHostBytes = 255;  // of a name in the DNS
constexpr std::size_t kMaxTagBytes = 128;   // RFC 3164 allows 32, programs take more
constexpr std::size_t kMaxProcIdBytes = 128;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

/// Names, IPv4 and IPv6 addresses, and syslog-ng's chains such as `s_net@relay/web1`.
bool is_host(std::string_view token) {
  constexpr std::string_view kBesides = ".-_:@/%";
  if (token.empty() || token.size() > kMaxHostBytes || token.back() == ':') return false;
  bool any_alphanumeric = false;
  for (const char c : token) {
    if (is_alphanumeric(c)) {
      any_alphanumeric = true;
    } else if (kBesides.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return any_alphanumeric;
}

constexpr bool is_tag_character(char c) {
  if (is_alphanumeric(c)) return true;
  constexpr std::string_view kBesides = "-_./+@#%*~!$&|\\,()";
  return kBesides.find(c) != std::string_view::npos;
}

/// INFO, ERROR: what programs put behind a time of their own.
bool is_level_word(std::string_view token) {
  return std::all_of(token.begin(), token.end(), is_upper) && !normalized_level(token).empty();
}

struct Tag {
  std::string_view app;
  std::string_view proc_id;
};

/// `app:`, `app[123]:`, `app[123]`, and the space behind it. `app:text` counts where it can't be an
/// address, a time or a path.
std::optional<Tag> take_tag(std::string_view& text) {
  Tag tag;
  std::size_t size = 0;
  bool any_letter = false;
  for (; size < text.size() && size <= kMaxTagBytes && is_tag_character(text[size]); ++size)
    any_letter |= is_letter(text[size]);
  if (!any_letter || size > kMaxTagBytes || size == text.size()) return std::nullopt;
  tag.app = text.substr(0, size);
  std::string_view rest = text.substr(size);
  if (rest.front() == '[') {
    const std::size_t end = rest.substr(0, kMaxProcIdBytes + 2).find_first_of("] ");
    if (end == std::string_view::npos || rest[end] == ' ') return std::nullopt;
    tag.proc_id = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (rest.starts_with(':')) {
      rest.remove_prefix(1);
    } else if (!rest.empty() && rest.front() != ' ') {
      return std::nullopt;
    }
  } else {
    if (rest.front() != ':') return std::nullopt;
    rest.remove_prefix(1);
    const bool close = !rest.empty() && rest.front() != ' ';
    if (close && (!is_letter(rest.front()) || !is_letter(tag.app.front()) || tag.app.size() == 1))
      return std::nullopt;
  }
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  text = rest;
  return tag;
}

/// `%SYS-5-CONFIG_I: ...`: facility, severity and name, which stay in the text. IOS XR puts a space
/// before the colon.
bool read_mnemonic(std::string_view text, Message& message) {
  if (!text.starts_with('%')) return false;
  const std::size_t end = text.substr(0, kMaxTagBytes).find_first_of(": ");
  if (end == std::string_view::npos) return false;
  const std::string_view body = text.substr(1, end - 1);
  const std::size_t name = body.rfind('-');
  if (name == std::string_view::npos || name < 3 || name + 1 == body.size()) return false;
  const char severity = body[name - 1];
  if (body[name - 2] != '-' || severity < '0' || severity > '7') return false;
  const auto allowed = [](char c) { return is_upper(c) || is_digit(c) || c == '_' || c == '-'; };
  if (!std::all_of(body.begin(), body.end(), allowed)) return false;
  message.app = body.substr(0, name - 2);
  message.msg_id = body.substr(name + 1);
  if (message.priority == kNoPriority) message.severity = static_cast<std::uint8_t>(severity - '0');
  return true;
}

/// A mnemonic behind whatever a device or a relay put in front of it.
bool find_mnemonic(std::string_view text, Message& message) {
  const std::size_t at = text.substr(0, kMaxTagBytes).find(": %");
  return at != std::string_view::npos && read_mnemonic(text.substr(at + 2), message);
}

struct Time {
  MessageTime time;
  bool colon = false;
};

std::optional<Time> take_time(std::string_view& text, const Arrival& arrival) {
  if (const auto bsd = take_bsd_time(text, arrival)) return Time{bsd->time, bsd->colon};
  if (const auto iso = take_iso_time(text, arrival)) return Time{*iso, false};
  return std::nullopt;
}

/// `29: `, the number that `service sequence-numbers` puts in front.
std::string_view take_sequence(std::string_view& text) {
  constexpr std::size_t kMaxDigits = 10;
  std::size_t size = 0;
  while (size < text.size() && size <= kMaxDigits && is_digit(text[size])) ++size;
  if (size == 0 || size > kMaxDigits || !text.substr(size).starts_with(": ")) return {};
  const std::string_view number = text.substr(0, size);
  text.remove_prefix(size + 2);
  skip_spaces(text);
  return number;
}

/// `*Mar  1 18:46:11.123 UTC:` - the star says that the clock was never set, the dot that it has
/// lost its server.
bool take_cisco_time(std::string_view& text, const Arrival& arrival, Message& message) {
  std::string_view rest = text;
  if (rest.starts_with('*') || rest.starts_with('.')) rest.remove_prefix(1);
  const std::string_view before = rest;
  const auto time = take_time(rest, arrival);
  if (!time || !time->colon) return false;
  message.time = time->time;
  // The text begins behind the colon.
  message.time_text = before.substr(0, before.size() - rest.size() - 1);
  skip_spaces(rest);
  text = rest;
  return true;
}

/// What Cisco's devices write: `[29: ][router1: ][*.]TIME: %SYS-5-CONFIG_I: ...`
bool parse_cisco(std::string_view rest, const Arrival& arrival, Message& message) {
  Message found = message;
  found.sequence = take_sequence(rest);
  if (!take_cisco_time(rest, arrival, found)) {
    const std::size_t end = rest.substr(0, kMaxHostBytes + 1).find(": ");
    if (end == std::string_view::npos || !is_host(rest.substr(0, end))) return false;
    found.host = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (!take_cisco_time(rest, arrival, found)) return false;
  }
  found.text = rest;
  if (!read_mnemonic(rest, found)) find_mnemonic(rest, found);
  message = found;
  return true;
}

/// What is in front of a text that has no tag of its own.
void take_host(std::string_view& text, Message& message) {
  // AIX's syslogd when it relays.
  constexpr std::string_view kForwarded = "Message forwarded from ";
  std::string_view rest = text;
  char end = ' ';
  if (rest.starts_with(kForwarded)) {
    rest.remove_prefix(kForwarded.size());
    end = ':';
  }
  const std::size_t size = std::min(rest.find(end), rest.size());
  if (size == rest.size() || rest.starts_with('%')) return;
  const std::string_view host = rest.substr(0, size);
  if (!is_host(host) || is_level_word(host)) return;
  if (rest.starts_with("last message repeated ")) return;  // syslogd's own, without a host
  message.host = host;
  rest.remove_prefix(size + 1);
  if (end == ':') skip_spaces(rest);
  if (rest.starts_with(": %")) rest.remove_prefix(2);  // `asa1 : %ASA-6-302013: ...`
  text = rest;
}

/// Tag or mnemonic, and the text behind it.
bool read_content(std::string_view rest, Message& message) {
  message.text = rest;
  if (read_mnemonic(rest, message)) return true;
  if (const auto tag = take_tag(rest)) {
    message.app = tag->app;
    message.proc_id = tag->proc_id;
    message.text = rest;
    return true;
  }
  return find_mnemonic(rest, message);
}

/// Meraki's `1 1563249630.774247467 MX84 events ...`, which looks like RFC 5424 at first.
bool parse_epoch(std::string_view rest, Message& message) {
  if (rest.starts_with("1 ")) rest.remove_prefix(2);
  const std::string_view before = rest;
  const auto time = take_epoch_time(rest);
  if (!time) return false;
  message.time = time;
  message.time_text = before.substr(0, before.size() - rest.size());
  skip_spaces(rest);
  take_host(rest, message);
  read_content(rest, message);
  return true;
}

}  // namespace

bool parse_rfc3164(std::string_view rest, const Arrival& arrival, Message& message) {
  const bool has_priority = message.priority != kNoPriority;
  Message found = message;
  found.format = Format::kRfc3164;
  if (has_priority) {
    if (rest.starts_with(':')) rest.remove_prefix(1);  // ASA and NX-OS
    skip_spaces(rest);
    if (rest.empty()) return false;
  }
  const std::string_view before = rest;
  if (parse_cisco(rest, arrival, found) || (has_priority && parse_epoch(rest, found))) {
    message = found;
    return true;
  }
  const auto time = take_time(rest, arrival);
  if (time) {
    found.time = time->time;
    found.time_text = before.substr(0, before.size() - rest.size());
    skip_spaces(rest);
    take_host(rest, found);
  }
  const bool has_content = read_content(rest, found);
  // Many programs begin their lines with a time; without a priority that alone is no header.
  const bool bsd_header = time && is_letter(before.front()) && !found.host.empty();
  const bool iso_header =
      time && has_content && found.time_text.find(' ') == std::string_view::npos;
  const bool header = has_priority || bsd_header || iso_header || found.severity;
  if (header) message = found;
  return header;
}

}  // namespace livedata::ingest::syslog
