#include "server/forward/forward_server.h"

#include <sys/random.h>

#include <utility>

#include "base/check.h"
#include "server/forward/forward_session.h"
#include "server/streams/stream_server.h"

namespace livedata::server {
namespace {

constexpr std::string_view kMetricPrefix = "livedata_forward";
constexpr std::string_view kHeldBytesMetric = "livedata_forward_incomplete_bytes";
constexpr std::size_t kNonceBytes = 16;

std::string make_nonce() {
  std::string nonce(kNonceBytes, '\0');
  // Up to 256 bytes are given at once, or none: before the kernel has any.
  while (::getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size()))
    LIVEDATA_CHECK(errno == EINTR);
  return nonce;
}

}  // namespace

class ForwardServer::Impl {
 public:
  Impl(const ForwardOptions& options, const Limits& limits, RecordSink sink, const Clock& clock,
       Logger& logger, MetricRegistry& metrics)
      : options_(options),
        logger_(logger),
        metrics_(metrics),
        notices_([&logger](const std::string& text) { logger.warn("{}", text); }),
        context_{.limits = limits,
                 .clock = clock,
                 .pipelines = options.pipelines,
                 .label_guard = options.label_guard,
                 .shared_key = options.shared_key,
                 .seconds = std::make_shared<ingest::fluent::WholeSeconds>(),
                 .notices = notices_,
                 .num_held_bytes = num_held_bytes_},
        tcp_counters_(metrics, "tcp"),
        tls_counters_(metrics, "tls"),
        writer_({.thread_name = "ld-fwd-write"}, std::move(sink), kMetricPrefix, logger, metrics) {
    metrics_.gauge(kHeldBytesMetric, "Bytes that are held of messages that are not complete", "",
                   [this] { return static_cast<double>(num_held_bytes_); });
  }
  ~Impl() { metrics_.remove_gauge(kHeldBytesMetric); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    StreamOptions streams{.name = "forward",
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
      return std::make_unique<ForwardSession>(
          peer, context_, peer.transport == "tls" ? tls_counters_ : tcp_counters_,
          context_.shared_key.empty() ? std::string() : make_nonce());
    };
    LIVEDATA_TRY(streams_, StreamServer::start(streams, open_session, writer_, logger_, metrics_));
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return options_.address ? streams_->port(0) : 0; }
  [[nodiscard]] std::uint16_t tls_port() const {
    return options_.tls_address ? streams_->port(options_.address ? 1 : 0) : 0;
  }
  [[nodiscard]] std::size_t num_connections() const { return streams_->num_connections(); }

 private:
  const ForwardOptions options_;
  Logger& logger_;
  MetricRegistry& metrics_;
  std::atomic<std::size_t> num_held_bytes_{0};
  SenderNotices notices_;
  const ForwardContext context_;
  ForwardCounters tcp_counters_;
  ForwardCounters tls_counters_;
  BatchWriter writer_;
  std::unique_ptr<StreamServer> streams_;
};

ForwardServer::ForwardServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ForwardServer::~ForwardServer() = default;

Result<std::unique_ptr<ForwardServer>> ForwardServer::start(const ForwardOptions& options,
                                                            const Limits& limits, RecordSink sink,
                                                            const Clock& clock, Logger& logger,
                                                            MetricRegistry& metrics) {
  auto impl = std::make_unique<Impl>(options, limits, std::move(sink), clock, logger, metrics);
  LIVEDATA_RETURN_IF_ERROR(impl->start());
  return std::unique_ptr<ForwardServer>(
      new ForwardServer(std::move(impl)));  // NOLINT: the constructor is private
}

std::uint16_t ForwardServer::port() const { return impl_->port(); }
std::uint16_t ForwardServer::tls_port() const { return impl_->tls_port(); }
std::size_t ForwardServer::num_connections() const { return impl_->num_connections(); }

}  // namespace livedata::server
