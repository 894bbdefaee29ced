#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/syslog/format/priority.h"
#include "ingest/syslog/format/timestamp.h"

namespace livedata::ingest::syslog {

enum class Format : std::uint8_t {
  kRfc5424,
  kRfc3164,  ///< and everything that descends from it
  kPlain,    ///< neither: a line
};
constexpr std::size_t kNumFormats = 3;
constexpr std::array<std::string_view, kNumFormats> kFormatNames = {"rfc5424", "rfc3164", "plain"};

/// One message, cut into its parts. All of them point into the message's own bytes; an empty one
/// was not there (or was `-`, the NILVALUE of RFC 5424).
struct Message {
  Format format = Format::kPlain;
  Priority priority = kNoPriority;
  /// Where there is no priority, Cisco's mnemonic may have told: 0 to 7.
  std::optional<std::uint8_t> severity;
  std::optional<MessageTime> time;
  std::string_view time_text;  ///< the time as it was sent
  std::string_view host;
  std::string_view app;
  std::string_view proc_id;
  std::string_view msg_id;
  std::string_view sequence;         ///< the number that Cisco's devices put in front
  std::string_view structured_data;  ///< well-formed, with its brackets
  std::string_view text;             ///< what the program said
};

/// Reads one message, without the bytes of its framing. Whatever is in it: what is not understood
/// stays part of `text`, and a message that is nothing known is all `text`.
Message parse(std::string_view bytes, const Arrival& arrival);

}  // namespace livedata::ingest::syslog
