#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/decoded.h"
#include "model/tenant_id.h"

namespace livedata::server {

/// Who is at the other end.
struct Peer {
  std::string address;
  std::string_view transport;  ///< "tcp" or "tls"
  /// Of TLS: the common name of the client's certificate, where one was asked for and verified.
  std::string certificate = {};
};

/// Whether somebody may send, and whose their records are; the error says why not. Quick, and
/// thread-safe.
using AdmitPeer = std::function<Result<TenantId>(const Peer&)>;

/// What came out of some bytes of a connection.
struct Consumed {
  ingest::Decoded decoded;
  std::string reply;   ///< sent when the records are durable
  bool close = false;  ///< after the reply
  bool more = false;   ///< not all was taken: consume("") goes on, before more bytes are read
};

/// A protocol's side of one connection. Called by one thread at a time, though not always the same.
class StreamSession {
 public:
  virtual ~StreamSession() = default;
  /// Sent when the connection stands, before anything is read.
  virtual std::string greeting() { return {}; }
  /// Takes the next bytes. They are gone afterwards: what is incomplete must be kept, within
  /// bounds.
  virtual Consumed consume(std::string_view bytes) = 0;
  /// There will be no more bytes. The reply is not sent.
  virtual Consumed finish() { return {}; }
  /// How long the peer may be silent now; 0: as long as any other.
  [[nodiscard]] virtual std::chrono::nanoseconds max_silence() const {
    return std::chrono::nanoseconds(0);
  }
  /// For the log: how many messages there were.
  [[nodiscard]] virtual std::uint64_t num_messages() const = 0;
};

/// Called on the thread of the sockets, so it must be quick. The sessions must not outlive what it
/// refers to; they are gone when the server is.
using OpenSession = std::function<std::unique_ptr<StreamSession>(const Peer&)>;

}  // namespace livedata::server
