#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::ingest::fluent {

/// The server's side of the forward protocol's authentication by a key that both sides share (HELO,
/// PING, PONG), without users. Knows no sockets and no randomness.
class Handshake {
 public:
  /// `nonce`: 16 random bytes, new for every connection.
  Handshake(std::string shared_key, std::string server_hostname, std::string nonce)
      : shared_key_(std::move(shared_key)),
        server_hostname_(std::move(server_hostname)),
        nonce_(std::move(nonce)) {}

  /// HELO: what the server says first.
  [[nodiscard]] std::string hello() const;

  struct Verdict {
    bool accepted = false;
    std::string reason;  ///< why not
    std::string answer;  ///< PONG; the connection ends behind it if the client was not accepted
  };
  /// `message` is one whole value of MessagePack, which should be the client's PING.
  [[nodiscard]] Verdict check(std::string_view message) const;

 private:
  [[nodiscard]] Result<std::string_view> read_salt(std::string_view message) const;
  [[nodiscard]] std::string digest(std::string_view salt, std::string_view hostname) const;

  std::string shared_key_;
  std::string server_hostname_;
  std::string nonce_;
};

}  // namespace livedata::ingest::fluent
