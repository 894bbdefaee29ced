#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/decoded.h"
#include "ingest/fluent/handshake.h"
#include "ingest/fluent/message.h"
#include "ingest/fluent/msgpack.h"
#include "ingest/fluent/whole_seconds.h"

namespace livedata::ingest::fluent {

struct SessionOptions {
  std::string shared_key = {};                 ///< empty: clients need none
  std::string server_hostname = "livedata";    ///< must not be the client's own, or it refuses
  std::string nonce = {};                      ///< 16 random bytes, if there is a shared key
  std::shared_ptr<WholeSeconds> seconds = {};  ///< of all sessions; null: one for this session
};

/// What some bytes of a connection brought.
struct Consumed {
  Decoded decoded;
  std::string reply;            ///< to be sent when the records are durable
  std::optional<Error> broken;  ///< set: the connection ends behind the reply, for this reason
  bool more = false;  ///< there are whole messages left: call again, without bytes will do
  std::size_t num_messages = 0;
  std::size_t num_events = 0;
};

/// One connection of the forward protocol, as a server sees it: bytes in, records and bytes out.
/// Holds at most one message that is not complete, of up to Limits::max_body_bytes, and what one
/// call had to leave for the next: what a call expands to is bounded. Not thread-safe.
class Session {
 public:
  explicit Session(SessionOptions options);

  /// What is sent when the connection is made; may be empty.
  [[nodiscard]] std::string greeting() const;
  /// The next bytes from the client, in pieces of any size.
  Consumed consume(std::string_view bytes, const DecodeContext& context);

  /// Whether the client has proven that it knows the key, or need not.
  [[nodiscard]] bool is_open() const { return !handshake_; }
  /// Of a message that is not complete.
  [[nodiscard]] std::size_t num_incomplete_bytes() const { return buffer_.size(); }
  /// What that takes in memory.
  [[nodiscard]] std::size_t num_held_bytes() const { return buffer_.capacity(); }

 private:
  struct Spent {
    std::size_t bytes = 0;
    std::size_t records = 0;
  };

  [[nodiscard]] std::size_t max_message_bytes(const Limits& limits) const;
  /// The next message, if it is complete.
  [[nodiscard]] Result<std::optional<std::size_t>> find_message(std::string_view rest,
                                                                const Limits& limits);
  Result<void> take_message(std::string_view message, RecordIntake& intake, const Limits& limits,
                            Spent& spent, Consumed& out);
  /// How many bytes the next message had; 0: it is not complete.
  Result<std::size_t> take_next(std::string_view rest, RecordIntake& intake, const Limits& limits,
                                Spent& spent, Consumed& out);

  std::optional<Handshake> handshake_;  // until the client is accepted
  std::shared_ptr<WholeSeconds> seconds_;
  std::string buffer_;    // starts with a message
  MsgpackFramer framer_;  // within that message
};

}  // namespace livedata::ingest::fluent
