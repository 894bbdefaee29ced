#include "server/syslog/syslog_server.h"

#include "server/streams/stream_server.h"
#include "server/syslog/syslog_counters.h"
#include "server/syslog/syslog_session.h"
#include "server/syslog/udp_receiver.h"

namespace livedata::server {
namespace {

constexpr std::string_view kMetricPrefix = "livedata_syslog";

}  // namespace

class SyslogServer::Impl {
 public:
  Impl(const SyslogOptions& options, const Limits& limits, RecordSink sink, const Clock& clock,
       Logger& logger, MetricRegistry& metrics)
      : options_(options),
        limits_(limits),
        clock_(clock),
        logger_(logger),
        metrics_(metrics),
        tcp_counters_(metrics, "tcp"),
        tls_counters_(metrics, "tls"),
        writer_({.thread_name = "ld-syslog-write"}, std::move(sink), kMetricPrefix, logger,
                metrics) {}

  Result<void> start() {
    // A port that TCP was given by the system may be taken for UDP.
    constexpr int kAttempts = 10;
    Result<void> started;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      started = start_once();
      const bool may_retry = options_.address && options_.address->port == 0 && !started &&
                             started.error().code == ErrorCode::kAlreadyExists;
      if (!may_retry) break;
    }
    return started;
  }

  [[nodiscard]] std::uint16_t port() const { return options_.address ? streams_->port(0) : 0; }
  [[nodiscard]] std::uint16_t tls_port() const {
    return options_.tls_address ? streams_->port(options_.address ? 1 : 0) : 0;
  }
  [[nodiscard]] std::size_t num_connections() const {
    return streams_ == nullptr ? 0 : streams_->num_connections();
  }

 private:
  Result<void> start_once() {
    streams_.reset();
    StreamOptions streams{.name = "syslog",
                          .metric_prefix = std::string(kMetricPrefix),
                          .listeners = {},
                          .max_connections = options_.max_connections,
                          .max_connections_per_address = options_.max_connections_per_address,
                          .idle_timeout = options_.idle_timeout,
                          .stop_grace = options_.stop_grace,
                          .admit = options_.admit};
    if (options_.address)
      streams.listeners.push_back({options_.address->host, options_.address->port, std::nullopt});
    if (options_.tls_address) {
      streams.listeners.push_back(
          {options_.tls_address->host, options_.tls_address->port, options_.tls});
    }
    const auto open_session = [this](const Peer& peer) -> std::unique_ptr<StreamSession> {
      return std::make_unique<SyslogSession>(
          peer, limits_, clock_, options_.pipelines, options_.label_guard,
          peer.transport == "tls" ? tls_counters_ : tcp_counters_);
    };
    LIVEDATA_TRY(streams_, StreamServer::start(streams, open_session, writer_, logger_, metrics_));
    if (!options_.address) return {};
    const UdpReceiver::Options udp{.host = options_.address->host,
                                   .port = streams_->port(0),
                                   .queue_bytes = options_.udp_queue_bytes,
                                   .overflow = options_.udp_overflow,
                                   .stop_grace = options_.stop_grace,
                                   .pipelines = options_.pipelines,
                                   .label_guard = options_.label_guard,
                                   .admit = options_.admit};
    LIVEDATA_TRY(udp_, UdpReceiver::start(udp, limits_, writer_, clock_, logger_, metrics_));
    return {};
  }

  const SyslogOptions options_;
  const Limits& limits_;
  const Clock& clock_;
  Logger& logger_;
  MetricRegistry& metrics_;
  SyslogCounters tcp_counters_;
  SyslogCounters tls_counters_;
  BatchWriter writer_;
  std::unique_ptr<UdpReceiver> udp_;
  std::unique_ptr<StreamServer> streams_;
};

SyslogServer::SyslogServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SyslogServer::~SyslogServer() = default;

Result<std::unique_ptr<SyslogServer>> SyslogServer::start(const SyslogOptions& options,
                                                          const Limits& limits, RecordSink sink,
                                                          const Clock& clock, Logger& logger,
                                                          MetricRegistry& metrics) {
  auto impl = std::make_unique<Impl>(options, limits, std::move(sink), clock, logger, metrics);
  LIVEDATA_RETURN_IF_ERROR(impl->start());
  return std::unique_ptr<SyslogServer>(
      new SyslogServer(std::move(impl)));  // NOLINT: the constructor is private
}

std::uint16_t SyslogServer::port() const { return impl_->port(); }
std::uint16_t SyslogServer::tls_port() const { return impl_->tls_port(); }
std::size_t SyslogServer::num_connections() const { return impl_->num_connections(); }

}  // namespace livedata::server
