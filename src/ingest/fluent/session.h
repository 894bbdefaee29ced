#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/decoded.h"
#include "ingest/fluent/handshake.h"
#include "ingest/fluent/message.h"
#include "ingest/fluent/msgpack.h"

namespace livedata::ingest::fluent {

struct SessionOptions {
  std::string shared_key = {};               ///< empty: clients need none
  std::string server_hostname = "livedata";  ///< must not be the client's own, or it refuses
  std::string nonce = {};                    ///< 16 random bytes, if there is a shared key
};

/// What some bytes of a connection brought.
struct Consumed {
  Decoded decoded;
  std::string reply;            ///< to be sent when the records are durable
  std::optional<Error> broken;  ///< set: the connection ends behind the reply, for this reason
};

/// One connection of the forward protocol, as a server sees it: bytes in, records and bytes out.
/// Holds at most one message that is not complete, of up to Limits::max_body_bytes; what the bytes
/// of one call expand to is bounded too. Not thread-safe.
class Session {
 public:
  explicit Session(SessionOptions options);

  /// What is sent when the connection is made; may be empty.
  [[nodiscard]] std::string greeting() const;
  /// The next bytes from the client, in pieces of any size.
  Consumed consume(std::string_view bytes, const DecodeContext& context);

 private:
  [[nodiscard]] std::size_t max_message_bytes(const Limits& limits) const;
  Result<void> take_message(std::string_view message, const Limits& limits, ExpansionBudget& budget,
                            RecordIntake& intake, std::string& reply);

  std::optional<Handshake> handshake_;  // until the client is accepted
  std::string buffer_;                  // starts with a message
  MsgpackFramer framer_;                // within that message
};

}  // namespace livedata::ingest::fluent
