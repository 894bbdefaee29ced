#include "server/streams/stream_server.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <future>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/buffer_gauges.h"
#include "base/thread_pool.h"
#include "base/time_format.h"
#include "server/net/tcp_acceptor.h"
#include "server/net/tls_context.h"
#include "server/streams/transport.h"

namespace livedata::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kHandshakeTimeout = std::chrono::seconds(10);
constexpr auto kReplyTimeout = std::chrono::seconds(30);
constexpr auto kGoodbyeTimeout = std::chrono::seconds(1);
constexpr std::chrono::nanoseconds kLongestSweepInterval = std::chrono::seconds(1);
constexpr std::string_view kClosedByProtocol = "closed by the protocol";
constexpr auto kWarnInterval = std::chrono::seconds(60);
// A connection whose bytes take longer to be stored is one whose sender is made to wait.
constexpr auto kPause = std::chrono::seconds(1);

/// A dead peer is found within two minutes.
void keep_alive(int socket) {
  const auto set = [socket](int level, int option, int value) {
    static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 6);
}

/// Bytes that were read, shared with the task that decodes them.
struct ReadBytes {
  std::shared_ptr<char[]> data;
  std::size_t size = 0;
  [[nodiscard]] std::string_view view() const { return {data.get(), size}; }
};

/// What the server knows of each connection, whatever its transport.
struct Connection {
  Peer peer;
  TenantId tenant = TenantId::single();
  std::unique_ptr<StreamSession> session;
  tcp::socket* socket = nullptr;
  SteadyClock::time_point since = SteadyClock::now();
  SteadyClock::time_point deadline = SteadyClock::time_point::max();
  bool waiting = false;  // for bytes, or for the handshake
  std::uint64_t bytes = 0;
  std::string_view end = "closed by the peer";
};

struct Written {
  bool durable = false;
  std::string reply;
  bool close = false;
  bool more = false;
};

struct Listener {
  explicit Listener(asio::io_context& io) : acceptor(io) {}
  TcpAcceptor acceptor;
  std::shared_ptr<asio::ssl::context> tls;
  [[nodiscard]] std::string_view transport() const { return tls == nullptr ? "tcp" : "tls"; }
};

}  // namespace

class StreamServer::Impl {
 public:
  Impl(const StreamOptions& options, OpenSession open_session, BatchWriter& writer, Logger& logger,
       MetricRegistry& metrics)
      : options_(options),
        open_session_(std::move(open_session)),
        writer_(writer),
        logger_(logger),
        metrics_(metrics),
        pauses_(metrics.counter(metric("read_pauses_total"),
                                "Times that a connection was not read for a second or longer")),
        room_(io_, SteadyClock::time_point::max()) {}

  ~Impl() {
    metrics_.remove_gauge(metric("connections"));
    metrics_.remove_gauge(metric("pending_bytes"));
    metrics_.remove_gauge(metric("read_paused_seconds"));
    gauges_.reset();
    if (thread_.joinable()) {
      std::promise<void> stopping;
      asio::post(io_, [this, &stopping] {
        stop();
        stopping.set_value();
      });
      stopping.get_future().wait();
      const auto grace_ends = SteadyClock::now() + options_.stop_grace;
      wait_for_connections(grace_ends);
      if (is_busy()) {
        writer_.give_up();
        asio::post(io_, [this] { close_all(); });
        wait_for_connections(SteadyClock::time_point::max());
      }
      io_.stop();
      thread_.join();
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    for (const StreamListener& wanted : options_.listeners)
      LIVEDATA_RETURN_IF_ERROR(add_listener(wanted));
    metrics_.gauge(metric("connections"), "Open connections", "",
                   [this] { return static_cast<double>(num_connections_); });
    metrics_.gauge(metric("pending_bytes"), "Bytes that were read and are not yet durable", "",
                   [this] { return static_cast<double>(pending_bytes_); });
    metrics_.gauge(metric("read_paused_seconds"),
                   "Seconds in which connections were not read, all added up", "",
                   [this] { return std::chrono::duration<double>(paused_for_.load()).count(); });
    gauges_.emplace(metrics_, options_.name + "_streams",
                    static_cast<double>(options_.max_pending_bytes),
                    [this] { return static_cast<double>(pending_bytes_); });
    for (const auto& listener : listeners_) {
      listener->acceptor.start([this, listener = listener.get()](tcp::socket socket) {
        begin(*listener, std::move(socket));
      });
    }
    asio::co_spawn(io_, sweep(), asio::detached);
    thread_ = std::thread([this] {
      name_this_thread("ld-" + options_.name);
      io_.run();
    });
    return {};
  }

  [[nodiscard]] std::uint16_t port(std::size_t listener) const {
    return listeners_[listener]->acceptor.port();
  }
  [[nodiscard]] std::size_t num_connections() const { return num_connections_; }

 private:
  [[nodiscard]] std::string metric(std::string_view name) const {
    return fmt::format("{}_{}", options_.metric_prefix, name);
  }

  Result<void> add_listener(const StreamListener& wanted) {
    auto listener = std::make_unique<Listener>(io_);
    if (wanted.tls) {
      LIVEDATA_TRY(listener->tls, make_tls_context(*wanted.tls));
    }
    LIVEDATA_RETURN_IF_ERROR(listener->acceptor.listen(wanted.host, wanted.port));
    listeners_.push_back(std::move(listener));
    return {};
  }

  // ---- on the thread of the sockets from here on ----

  void stop() {
    stopping_ = true;
    drain_until_ = SteadyClock::now() + options_.stop_grace / 2;
    for (const auto& listener : listeners_) {
      listener->acceptor.take_waiting();
      listener->acceptor.close();
    }
    error_code ignored;
    for (Connection* connection : connections_) {
      if (connection->waiting) connection->socket->cancel(ignored);
    }
  }

  void close_all() {
    error_code ignored;
    for (Connection* connection : connections_) connection->socket->close(ignored);
  }

  [[nodiscard]] bool is_busy() const { return num_connections_ > 0 || num_tasks_ > 0; }
  void wait_for_connections(SteadyClock::time_point until) const {
    while (is_busy() && SteadyClock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  /// Ends what has waited for too long.
  asio::awaitable<void> sweep() {
    const std::chrono::nanoseconds interval =
        options_.idle_timeout.count() > 0
            ? std::min(options_.idle_timeout / 4, kLongestSweepInterval)
            : kLongestSweepInterval;
    asio::steady_timer timer(io_);
    for (;;) {
      timer.expires_after(interval);
      error_code ignored;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      const auto now = SteadyClock::now();
      for (Connection* connection : connections_) {
        if (now < connection->deadline) continue;
        if (connection->waiting) connection->end = "nothing came for too long";
        connection->deadline = SteadyClock::time_point::max();
        connection->socket->cancel(ignored);
      }
    }
  }

  void begin(const Listener& listener, tcp::socket socket) {
    error_code error;
    const asio::ip::address address = socket.remote_endpoint(error).address();
    if (error) return;  // gone already
    if (num_connections_ >= options_.max_connections)
      return refuse(address, "limit", "there are too many");
    if (options_.max_connections_per_address > 0 &&
        per_address_[address] >= options_.max_connections_per_address)
      return refuse(address, "address_limit", "this address has too many");
    ++per_address_[address];
    ++num_connections_;
    socket.non_blocking(true, error);
    socket.set_option(tcp::no_delay(true), error);
    keep_alive(socket.native_handle());
    metrics_
        .counter(metric("connections_total"), "Connections accepted",
                 fmt::format("transport=\"{}\"", listener.transport()))
        .add();
    if (listener.tls == nullptr) {
      asio::co_spawn(io_, serve(PlainTransport(std::move(socket)), listener, address),
                     asio::detached);
    } else {
      asio::co_spawn(io_, serve(TlsTransport(std::move(socket), listener.tls), listener, address),
                     asio::detached);
    }
  }

  void refuse(const asio::ip::address& address, std::string_view reason, std::string_view why) {
    metrics_
        .counter(metric("connections_refused_total"), "Connections closed at once, by reason",
                 fmt::format("reason=\"{}\"", reason))
        .add();
    const auto now = SteadyClock::now();
    if (now - warned_ < kWarnInterval) return;
    warned_ = now;
    logger_.warn("{}: a connection from {} was refused: {}", options_.name, address.to_string(),
                 why);
  }

  template <class Transport>
  asio::awaitable<void> serve(Transport transport, const Listener& listener,
                              asio::ip::address address) {
    Connection connection;
    connection.peer = {.address = address.to_string(), .transport = listener.transport()};
    connection.socket = &transport.socket();
    connections_.insert(&connection);
    connection.deadline = SteadyClock::now() + kHandshakeTimeout;
    connection.waiting = true;
    const error_code error = co_await transport.open();
    connection.waiting = false;
    if (error) {
      refuse(address, "handshake", error.message());
      connection.end = "the handshake failed";
    } else if (const auto admitted = admit(transport, connection); !admitted) {
      refuse(address, "unknown_sender", admitted.error().message);
      connection.end = "the sender is not known";
    } else {
      connection.session = open_session_(connection.peer);
      co_await talk(transport, connection);
    }
    log_end(connection);
    connections_.erase(&connection);
    if (--per_address_[address] == 0) per_address_.erase(address);
    --num_connections_;
  }

  /// Who it is, once the handshake has shown its certificate.
  template <class Transport>
  Result<void> admit(const Transport& transport, Connection& connection) const {
    connection.peer.certificate = transport.certificate();
    if (options_.admit == nullptr) return {};
    LIVEDATA_TRY(connection.tenant, options_.admit(connection.peer));
    return {};
  }

  template <class Transport>
  asio::awaitable<void> talk(Transport& transport, Connection& connection) {
    const std::string greeting = connection.session->greeting();
    bool open = co_await send(transport, connection, greeting);
    while (open) {
      error_code error = co_await wait(transport, connection);
      // When the server stops, what has arrived is still taken.
      if (stopping_ && error == asio::error::operation_aborted) error = {};
      if (error) break;
      const auto ready = SteadyClock::now();
      co_await wait_for_room();
      const ReadBytes bytes = read_ready(transport, error);
      connection.bytes += bytes.size;
      if (bytes.size > 0) {
        open = co_await take(transport, connection, bytes);
        if (const auto lasted = SteadyClock::now() - ready; lasted >= kPause) note_pause(lasted);
      }
      if (error || !open) break;
      if (stopping_ && (bytes.size == 0 || SteadyClock::now() > drain_until_)) {
        connection.end = "the server stops";
        break;
      }
    }
    co_await write(connection, {}, true);
    co_await say_goodbye(transport, connection);
  }

  /// Whether the connection goes on.
  template <class Transport>
  asio::awaitable<bool> take(Transport& transport, Connection& connection, ReadBytes bytes) {
    for (;;) {
      const Written written = co_await write(connection, std::exchange(bytes, {}), false);
      if (!written.durable) {
        connection.end = "the records can't be written";
        co_return false;
      }
      const bool sent = co_await send(transport, connection, written.reply);
      if (!sent) co_return false;
      if (written.close) {
        connection.end = kClosedByProtocol;
        co_return false;
      }
      if (!written.more) co_return true;
    }
  }

  /// Closing with unread bytes resets the connection, and the peer might not see the last answer.
  template <class Transport>
  asio::awaitable<void> say_goodbye(Transport& transport, Connection& connection) {
    const auto until = SteadyClock::now() + kGoodbyeTimeout;
    connection.deadline = until;
    co_await transport.shut_down();
    if (stopping_ || connection.end != kClosedByProtocol) co_return;
    error_code error;
    while (!error && SteadyClock::now() < until) {
      error = co_await transport.wait();
      if (!error) read_ready(transport, error);
    }
  }

  template <class Transport>
  asio::awaitable<error_code> wait(Transport& transport, Connection& connection) {
    if (stopping_) co_return error_code();
    const std::chrono::nanoseconds wanted = connection.session->max_silence();
    const std::chrono::nanoseconds silence = wanted.count() > 0 ? wanted : options_.idle_timeout;
    if (silence.count() > 0) connection.deadline = SteadyClock::now() + silence;
    connection.waiting = true;
    const error_code error = co_await transport.wait();
    connection.waiting = false;
    connection.deadline = SteadyClock::time_point::max();
    co_return error;
  }

  /// Everything that is there, up to the bound. The error is what came behind it, if anything did.
  template <class Transport>
  ReadBytes read_ready(Transport& transport, error_code& error) {
    const std::size_t capacity = std::min(transport.num_ready(), options_.max_read_bytes);
    ReadBytes bytes{std::make_shared_for_overwrite<char[]>(capacity), 0};
    while (bytes.size < capacity && !error)
      bytes.size += transport.read({bytes.data.get() + bytes.size, capacity - bytes.size}, error);
    if (error == asio::error::would_block) error = {};
    return bytes;
  }

  /// The sender has been made to wait.
  void note_pause(std::chrono::nanoseconds lasted) {
    pauses_.add();
    paused_for_ = paused_for_.load() + lasted;
  }

  asio::awaitable<void> wait_for_room() {
    while (pending_bytes_ >= options_.max_pending_bytes) {
      error_code ignored;
      co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  template <class Transport>
  asio::awaitable<bool> send(Transport& transport, Connection& connection,
                             const std::string& bytes) {
    if (bytes.empty()) co_return true;
    connection.deadline = SteadyClock::now() + kReplyTimeout;
    const error_code error = co_await transport.write(bytes);
    connection.deadline = SteadyClock::time_point::max();
    co_return !error;
  }

  /// Has the bytes - or, at the end, what the session kept of earlier ones - decoded and written by
  /// the writer's threads, and comes back when that is done.
  asio::awaitable<Written> write(Connection& connection, ReadBytes bytes, bool at_end) {
    const auto initiate = [&](auto handler) {
      const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      const auto consumed = std::make_shared<Consumed>();
      StreamSession* session = connection.session.get();
      pending_bytes_ += bytes.size;
      ++num_tasks_;
      const auto decode = [session, bytes, consumed, at_end] {
        *consumed = at_end ? session->finish() : session->consume(bytes.view());
        return std::move(consumed->decoded);
      };
      const auto done = [this, shared, consumed, size = bytes.size](bool durable) mutable {
        // Nothing of Asio may be left with the writer when this server is gone.
        asio::post(io_, [this, shared = std::move(shared), consumed, size, durable] {
          pending_bytes_ -= size;
          room_.cancel();
          std::move (*shared)(
              Written{durable, std::move(consumed->reply), consumed->close, consumed->more});
        });
        --num_tasks_;
      };
      writer_.submit(
          {.bytes = bytes.size, .decode = decode, .done = done, .tenant = connection.tenant});
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Written)>(
        initiate, asio::use_awaitable);
  }

  void log_end(const Connection& connection) {
    const auto lasted = SteadyClock::now() - connection.since;
    logger_.debug("{}: connection of {} ({}) ended after {}: {}; {} messages, {} bytes",
                  options_.name, connection.peer.address, connection.peer.transport,
                  format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(lasted) /
                                  std::chrono::nanoseconds(1)),
                  connection.end,
                  connection.session == nullptr ? 0 : connection.session->num_messages(),
                  connection.bytes);
  }

  const StreamOptions options_;
  const OpenSession open_session_;
  BatchWriter& writer_;
  Logger& logger_;
  MetricRegistry& metrics_;
  Counter& pauses_;
  asio::io_context io_{1};
  std::vector<std::unique_ptr<Listener>> listeners_;
  asio::steady_timer
      room_;  // stands for "too many bytes are pending"; cancelled when there are less
  std::set<Connection*> connections_;
  std::map<asio::ip::address, std::size_t> per_address_;
  SteadyClock::time_point drain_until_;
  SteadyClock::time_point warned_ = SteadyClock::now() - kWarnInterval;
  bool stopping_ = false;
  std::atomic<std::size_t> pending_bytes_{0};
  std::atomic<std::size_t> num_connections_{0};
  std::atomic<std::size_t> num_tasks_{0};  // that the writer has
  std::atomic<std::chrono::nanoseconds> paused_for_{std::chrono::nanoseconds(0)};
  std::optional<BufferGauges> gauges_;
  std::thread thread_;
};

StreamServer::StreamServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StreamServer::~StreamServer() = default;

Result<std::unique_ptr<StreamServer>> StreamServer::start(const StreamOptions& options,
                                                          OpenSession open_session,
                                                          BatchWriter& writer, Logger& logger,
                                                          MetricRegistry& metrics) {
  auto impl = std::make_unique<Impl>(options, std::move(open_session), writer, logger, metrics);
  LIVEDATA_RETURN_IF_ERROR(impl->start());
  return std::unique_ptr<StreamServer>(
      new StreamServer(std::move(impl)));  // NOLINT: the constructor is private
}

std::uint16_t StreamServer::port(std::size_t listener) const { return impl_->port(listener); }
std::size_t StreamServer::num_connections() const { return impl_->num_connections(); }

}  // namespace livedata::server
