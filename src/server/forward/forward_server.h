#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/logger.h"
#include "base/metric.h"
#include "model/limits.h"
#include "server/net/tls_options.h"
#include "server/streams/batch_writer.h"
#include "server/streams/stream_session.h"

namespace livedata::server {

struct ForwardOptions {
  struct Address {
    std::string host;
    std::uint16_t port = 0;  ///< 0 lets the system choose
  };
  std::optional<Address> address;      ///< of TCP
  std::optional<Address> tls_address;  ///< of TLS
  TlsOptions tls;
  std::string shared_key = {};  ///< empty: senders need none
  std::size_t max_connections = 1000;
  std::size_t max_connections_per_address = 200;  ///< 0: no bound of its own
  /// Long, since a sender that wants no acknowledgements loses what it sends first afterwards.
  std::chrono::nanoseconds idle_timeout = std::chrono::hours(24);  ///< 0: never
  std::chrono::nanoseconds stop_grace = std::chrono::seconds(5);
  const ingest::pipeline::Pipelines* pipelines = nullptr;  ///< null: none are configured
  AdmitPeer admit = nullptr;                               ///< see StreamOptions
  ingest::LabelGuard* label_guard = nullptr;               ///< see DecodeContext
};

/// Receives what Fluentd, Fluent Bit and Docker send by the forward protocol v1, over TCP and TLS,
/// on threads of its own. Acknowledgements are sent when the records are durable; connections are
/// read as fast as the store writes.
class ForwardServer {
 public:
  /// Binds and starts. kAlreadyExists: a port is in use. The references must outlive the server.
  static Result<std::unique_ptr<ForwardServer>> start(const ForwardOptions& options,
                                                      const Limits& limits, RecordSink sink,
                                                      const Clock& clock, Logger& logger,
                                                      MetricRegistry& metrics);
  /// Writes what has arrived, and closes.
  ~ForwardServer();
  ForwardServer(const ForwardServer&) = delete;
  ForwardServer& operator=(const ForwardServer&) = delete;

  /// 0 for what is not listened on.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t tls_port() const;
  [[nodiscard]] std::size_t num_connections() const;

 private:
  class Impl;
  explicit ForwardServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::server
