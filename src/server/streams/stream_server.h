#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/result.h"
#include "server/net/tls_options.h"
#include "server/streams/batch_writer.h"
#include "server/streams/stream_session.h"

namespace livedata::server {

struct StreamListener {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;         ///< 0 lets the system choose
  std::optional<TlsOptions> tls;  ///< without: plain TCP
};

struct StreamOptions {
  std::string name;           ///< of the protocol, in the log and for the thread
  std::string metric_prefix;  ///< such as livedata_syslog
  std::vector<StreamListener> listeners;
  std::size_t max_connections = 1000;
  std::size_t max_connections_per_address = 0;  ///< 0: no bound of its own
  std::chrono::nanoseconds idle_timeout{0};     ///< 0: never
  std::size_t max_read_bytes = 1_MiB;           ///< of one connection at a time
  std::size_t max_pending_bytes = 32_MiB;       ///< of all, read and not yet durable
  std::chrono::nanoseconds stop_grace = std::chrono::seconds(5);
  AdmitPeer admit = nullptr;  ///< null: everybody may send, to the single tenant
};

/// Accepts connections, plain and TLS, on one thread and feeds their bytes to sessions. Bytes of a
/// connection are read only when those before are durable, so a full store closes the sender's TCP
/// window. All of Asio is behind this class.
class StreamServer {
 public:
  /// Binds and starts. kAlreadyExists: a port is in use. `writer` must outlive the server.
  static Result<std::unique_ptr<StreamServer>> start(const StreamOptions& options,
                                                     OpenSession open_session, BatchWriter& writer,
                                                     Logger& logger, MetricRegistry& metrics);
  /// Stops accepting, writes what has arrived, closes. What can't be written within the grace is
  /// given up.
  ~StreamServer();
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  /// Of a listener, by its place in the options.
  [[nodiscard]] std::uint16_t port(std::size_t listener) const;
  [[nodiscard]] std::size_t num_connections() const;

 private:
  class Impl;
  explicit StreamServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::server
