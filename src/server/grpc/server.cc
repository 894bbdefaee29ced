#include "server/grpc/server.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/buffer_gauges.h"
#include "base/thread_pool.h"
#include "server/grpc/connection.h"
#include "server/net/tcp_acceptor.h"

namespace livedata::server::grpc {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr auto kStopGrace = std::chrono::seconds(5);
constexpr auto kStopCheck = std::chrono::milliseconds(5);

}  // namespace

class GrpcServer::Impl {
 public:
  Impl(GrpcOptions options, Methods methods, MetricRegistry& metrics, Logger& logger)
      : options_(std::move(options)),
        methods_(std::move(methods)),
        metrics_(metrics),
        logger_(logger),
        acceptor_(io_),
        sweep_timer_(io_),
        workers_("ld-grpc-call", options_.num_workers, options_.limits.max_calls) {}

  ~Impl() {
    gauges_.reset();
    if (thread_.joinable()) {
      asio::post(io_, [this] { begin_stop(); });
      const auto give_up = std::chrono::steady_clock::now() + kStopGrace;
      while (!has_finished_ && std::chrono::steady_clock::now() < give_up)
        std::this_thread::sleep_for(kStopCheck);
      io_.stop();
      thread_.join();
    }
    connections_.clear();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    LIVEDATA_RETURN_IF_ERROR(acceptor_.listen(options_.host, options_.port));
    gauges_.emplace(metrics_, "grpc", static_cast<double>(options_.limits.max_buffered_bytes),
                    [this] { return static_cast<double>(totals_.buffered_bytes); });
    acceptor_.start([this](tcp::socket socket) { take(std::move(socket)); });
    thread_ = std::thread([this] {
      name_this_thread("ld-grpc");
      io_.run();
    });
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.port(); }

 private:
  void take(tcp::socket socket) {
    if (connections_.size() >= options_.max_connections) {
      logger_.warn("a gRPC connection was refused: there are {} already", connections_.size());
      return;
    }
    asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    const auto connection = std::make_shared<Connection>(
        std::move(socket), methods_, options_.limits, totals_, metrics_,
        [this](std::shared_ptr<Connection> owner, StreamNumber stream, ReadyCall call) {
          return run(std::move(owner), stream, std::move(call));
        });
    connections_.insert(connection);
    if (!is_sweeping_) asio::co_spawn(io_, sweep(), asio::detached);
    co_await connection->run();
    connections_.erase(connection);
    if (connections_.empty()) sweep_timer_.cancel();
  }

  /// Closes connections that hold what others could use. Runs only while there are some.
  asio::awaitable<void> sweep() {
    is_sweeping_ = true;
    while (!connections_.empty()) {
      error_code error;
      sweep_timer_.expires_after(options_.check_interval);
      co_await sweep_timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
      for (const auto& connection : connections_) {
        connection->refuse_overdue();
        if (connection->is_stuck(options_.write_timeout)) {
          connection->close();
        } else if (connection->is_idle(options_.idle_timeout)) {
          connection->go_away();  // so that no call is lost on its way here
        }
      }
    }
    is_sweeping_ = false;
  }

  bool run(std::shared_ptr<Connection> connection, StreamNumber stream, ReadyCall call) {
    // A std::function must be copyable.
    const auto shared = std::make_shared<ReadyCall>(std::move(call));
    return workers_.try_submit([this, connection = std::move(connection), stream, shared] {
      Result<std::string> reply = run_call(*shared, options_.limits);
      asio::post(io_, [connection, stream, reply = std::move(reply)] {
        connection->finish(stream, reply);
      });
    });
  }

  void begin_stop() {
    acceptor_.close();
    for (const auto& connection : connections_) connection->go_away();
    asio::co_spawn(io_, finish_calls(), asio::detached);
  }

  asio::awaitable<void> finish_calls() {
    asio::steady_timer pause(io_);
    while (totals_.calls > 0 || is_writing()) {
      error_code ignored;
      pause.expires_after(kStopCheck);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    has_finished_ = true;
  }

  [[nodiscard]] bool is_writing() const {
    return std::any_of(connections_.begin(), connections_.end(),
                       [](const auto& connection) { return connection->is_writing(); });
  }

  const GrpcOptions options_;
  const Methods methods_;
  MetricRegistry& metrics_;
  Logger& logger_;
  CallTotals totals_;
  std::optional<BufferGauges> gauges_;
  asio::io_context io_{1};
  TcpAcceptor acceptor_;
  asio::steady_timer sweep_timer_;
  std::set<std::shared_ptr<Connection>> connections_;
  // The rest is for the thread of io_, but for has_finished_.
  bool is_sweeping_ = false;
  std::atomic<bool> has_finished_{false};
  std::thread thread_;
  ThreadPool workers_;  // its tasks use io_, so it goes first
};

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcServer::~GrpcServer() = default;

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const GrpcOptions& options, Methods methods,
                                                      MetricRegistry& metrics, Logger& logger) {
  auto impl = std::make_unique<Impl>(options, std::move(methods), metrics, logger);
  LIVEDATA_RETURN_IF_ERROR(impl->start());
  return std::unique_ptr<GrpcServer>(
      new GrpcServer(std::move(impl)));  // NOLINT: the constructor is private
}

std::uint16_t GrpcServer::port() const { return impl_->port(); }

}  // namespace livedata::server::grpc
