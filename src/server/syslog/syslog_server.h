#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/logger.h"
#include "base/metric.h"
#include "ingest/decoded.h"
#include "model/limits.h"
#include "server/net/tls_options.h"
#include "server/streams/batch_writer.h"
#include "server/streams/stream_session.h"
#include "server/syslog/udp_overflow.h"

namespace livedata::server {

struct SyslogOptions {
  struct Address {
    std::string host;
    std::uint16_t port = 0;  ///< 0 lets the system choose, the same for TCP and UDP
  };
  std::optional<Address> address;      ///< of TCP and UDP
  std::optional<Address> tls_address;  ///< of TLS
  TlsOptions tls;
  std::size_t max_connections = 1000;
  std::size_t max_connections_per_address = 200;  ///< 0: no bound of its own
  std::chrono::nanoseconds idle_timeout{0};       ///< 0: never
  std::size_t udp_queue_bytes = 32_MiB;           ///< of datagrams in memory
  std::optional<UdpOverflow> udp_overflow = {};   ///< and on disk
  std::chrono::nanoseconds stop_grace = std::chrono::seconds(5);
  const ingest::pipeline::Pipelines* pipelines = nullptr;  ///< null: none are configured
  AdmitPeer admit = nullptr;  ///< see StreamOptions; a datagram's transport is "udp"
  ingest::LabelGuard* label_guard = nullptr;  ///< null: labels may have any values
};

/// Receives syslog, RFC 5424 and RFC 3164, over UDP, TCP and TLS, on threads of its own. TCP and
/// TLS are read as fast as the store writes, so nothing that was read is dropped; datagrams that
/// can't wait are dropped and counted.
class SyslogServer {
 public:
  /// Binds and starts. kAlreadyExists: a port is in use. The references must outlive the server.
  static Result<std::unique_ptr<SyslogServer>> start(const SyslogOptions& options,
                                                     const Limits& limits, RecordSink sink,
                                                     const Clock& clock, Logger& logger,
                                                     MetricRegistry& metrics);
  /// Writes what has arrived, and closes.
  ~SyslogServer();
  SyslogServer(const SyslogServer&) = delete;
  SyslogServer& operator=(const SyslogServer&) = delete;

  /// 0 for what is not listened on.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t tls_port() const;
  [[nodiscard]] std::size_t num_connections() const;

 private:
  class Impl;
  explicit SyslogServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::server
