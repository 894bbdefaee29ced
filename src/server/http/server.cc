#include "server/http/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "base/bytes.h"
#include "base/fair_thread_pool.h"
#include "base/thread_pool.h"
#include "server/http/compression.h"
#include "server/http/growing_body.h"
#include "server/net/tcp_acceptor.h"

namespace livedata::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::uint32_t kMaxHeaderBytes = 32 * 1024;
constexpr auto kDisconnectCheck = std::chrono::milliseconds(250);
constexpr auto kHeartbeat = std::chrono::seconds(15);
constexpr auto kStopGrace = std::chrono::seconds(5);
// Streamed bodies are handed over in pieces of about this size, or less if no more has come.
constexpr std::size_t kPieceBytes = 1U << 20U;
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr int kClientHungUp = 499;
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
// curl sends this type with whatever is pushed. Pairs cost much more memory than their text.
constexpr std::size_t kMaxFormBytes = 1_MiB;

using Message = http::request<GrowingBody>;
using Parser = http::request_parser<GrowingBody>;

/// The request without its body.
Request read_head(const Message& message) {
  Request request;
  request.is_upgrade = websocket::is_upgrade(message);
  request.method = std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = percent_decode(target.substr(0, question));
  request.query = Parameters::parse(target.substr(std::min(question + 1, target.size())));
  request.parameters = request.query;
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  return request;
}

void set_body(Request& request, std::string body) {
  request.body = std::move(body);
  if (request.method == "POST" && request.body.size() <= kMaxFormBytes &&
      request.header("content-type").starts_with(kFormType)) {
    request.parameters.append(Parameters::parse(request.body));
  }
}

/// Finds out within minutes that a client is gone which has nothing to send for days.
void watch_for_dead_peer(int socket) {
  const auto set = [socket](int level, int name, int value) {
    static_cast<void>(::setsockopt(socket, level, name, &value, sizeof(value)));
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

template <class Answer>
void set_headers(Answer& message, const Response& response) {
  message.set(http::field::server, "livedata");
  message.set(http::field::content_type, response.content_type);
  message.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) message.set(name, value);
}

/// Whether the peer has closed its side: readable, and nothing to read.
bool has_hung_up(int socket) {
  char byte = 0;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpOptions& options, const Router& router, Logger& logger)
      : options_(options),
        router_(router),
        logger_(logger),
        acceptor_(io_),
        workers_(options.num_workers),
        queries_("ld-queries", options.num_query_workers, options.max_queued_queries) {}

  ~Impl() {
    stopping_ = true;
    asio::post(io_, [this] { acceptor_.close(); });
    const auto give_up = std::chrono::steady_clock::now() + kStopGrace;
    while (num_running_ > 0 && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    io_.stop();
    if (thread_.joinable()) thread_.join();
    workers_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    auto listening = acceptor_.listen(options_.host, options_.port);
    if (!listening && listening.error().code == ErrorCode::kAlreadyExists) {
      return fail(ErrorCode::kAlreadyExists,
                  "{}; stop it, or choose another port with --listen {}:PORT",
                  listening.error().message, options_.host);
    }
    LIVEDATA_RETURN_IF_ERROR(listening);
    acceptor_.start([this](tcp::socket socket) { take(std::move(socket)); });
    thread_ = std::thread([this] {
      name_this_thread("ld-http");
      io_.run();
    });
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.port(); }
  [[nodiscard]] std::size_t num_connections() const { return num_connections_; }
  [[nodiscard]] std::size_t buffered_bytes() const { return buffered_bytes_; }

 private:
  /// The room that a request's body takes, as long as this lives.
  class BodyRoom {
   public:
    BodyRoom(std::atomic<std::size_t>& total, std::size_t bytes) : total_(total), bytes_(bytes) {
      total_ += bytes_;
    }
    ~BodyRoom() { total_ -= bytes_; }
    BodyRoom(const BodyRoom&) = delete;
    BodyRoom& operator=(const BodyRoom&) = delete;

   private:
    std::atomic<std::size_t>& total_;
    const std::size_t bytes_;
  };

  /// At most so many bytes the body has; one whose end is not known may have all that is allowed.
  [[nodiscard]] std::size_t body_bytes(const Parser& parser) const {
    if (const auto length = parser.content_length(); length)
      return static_cast<std::size_t>(std::min<std::uint64_t>(*length, options_.max_body_bytes));
    return parser.chunked() ? options_.max_body_bytes : 0;
  }

  asio::awaitable<void> refuse_body(beast::tcp_stream& stream) {
    constexpr int kStatus = 503;
    router_.count("other", kStatus);
    Response response = Response::from(
        {ErrorCode::kUnavailable, "there are too many large requests at the same time; try again"});
    co_await write(stream, response, 11, false, false);
    co_await discard_rest(stream);
  }

  void take(tcp::socket socket) {
    if (num_connections_ >= options_.max_connections) {
      logger_.warn("a connection was refused: there are {} already", options_.max_connections);
      return;
    }
    asio::co_spawn(io_, serve(beast::tcp_stream(std::move(socket))), asio::detached);
  }

  asio::awaitable<void> serve(beast::tcp_stream stream) {
    ++num_connections_;
    error_code error;
    stream.socket().set_option(tcp::no_delay(true), error);
    beast::flat_buffer buffer;
    bool keep_alive = true;
    while (keep_alive && !stopping_) {
      Parser parser;
      parser.header_limit(kMaxHeaderBytes);
      parser.body_limit(boost::none);  // which bound holds is known when the path is
      Request request;
      error = co_await read_header(stream, buffer, parser);
      if (!error) {
        request = read_head(parser.get());
        request.peer = address_of(stream);
        if (auto refusal = co_await admit(request); refusal) {
          keep_alive = co_await refuse(stream, parser, *std::move(refusal));
          continue;
        }
        if (const Router::StreamRoute* route = router_.find_stream(request); route != nullptr) {
          keep_alive = co_await serve_body_stream(stream, buffer, parser, request, *route);
          continue;
        }
      }
      const std::size_t size = error ? 0 : body_bytes(parser);
      if (size > 0 && buffered_bytes_ + size > options_.max_buffered_bytes) {
        co_await refuse_body(stream);
        break;
      }
      const BodyRoom room(buffered_bytes_, size);
      if (!error) error = co_await read_body(stream, buffer, parser);
      if (error == http::error::end_of_stream) break;
      if (error) {
        co_await answer_bad_request(stream, error);
        break;
      }
      keep_alive = parser.get().keep_alive();
      set_body(request, std::move(parser.get().body()));
      keep_alive = co_await answer(stream, parser.get(), request, keep_alive);
    }
    stream.socket().shutdown(tcp::socket::shutdown_both, error);
    --num_connections_;
  }

  static std::string address_of(const beast::tcp_stream& stream) {
    error_code error;
    const tcp::endpoint peer = stream.socket().remote_endpoint(error);
    return error ? std::string() : peer.address().to_string();
  }

  /// Asks who it is before the body is read. Checking a password takes a while, so it is not done
  /// on this thread.
  asio::awaitable<std::optional<Response>> admit(Request& request) {
    if (!router_.has_gate()) co_return std::nullopt;
    co_return co_await on_worker<std::optional<Response>>(
        [this, &request] { return router_.admit(request); });
  }

  /// Whether the connection can take another request: not when a body follows that nobody wants.
  asio::awaitable<bool> refuse(beast::tcp_stream& stream, const Parser& parser, Response response) {
    const bool is_whole = !parser.chunked() && parser.content_length().value_or(0) == 0;
    const bool keep_alive = co_await write(stream, response, parser.get().version(),
                                           is_whole && parser.keep_alive(), false);
    if (!is_whole) co_await discard_rest(stream);
    co_return keep_alive&& is_whole;
  }

  asio::awaitable<error_code> read_header(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                                          Parser& parser) const {
    error_code error;
    stream.expires_after(options_.idle_timeout);
    co_await http::async_read_header(stream, buffer, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  /// Tells a client that waits for it to go on and send the body.
  static asio::awaitable<error_code> invite_body(beast::tcp_stream& stream, const Parser& parser) {
    error_code error;
    if (parser.get()[http::field::expect] == "100-continue") {
      // NOLINTNEXTLINE(misc-const-correctness): async_write takes it by reference
      http::response<http::empty_body> go_on{http::status::continue_, 11};
      co_await http::async_write(stream, go_on, asio::redirect_error(asio::use_awaitable, error));
    }
    co_return error;
  }

  asio::awaitable<error_code> read_body(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                                        Parser& parser) const {
    if (const auto length = parser.content_length(); length) {
      if (*length > options_.max_body_bytes) co_return http::error::body_limit;
      parser.get().body().reserve(static_cast<std::size_t>(*length));
    }
    parser.body_limit(options_.max_body_bytes);
    stream.expires_after(options_.read_timeout);
    error_code error = co_await invite_body(stream, parser);
    if (error) co_return error;
    co_await http::async_read(stream, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  /// Whether the connection can take another request.
  asio::awaitable<bool> serve_body_stream(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                                          Parser& parser, const Request& request,
                                          const Router::StreamRoute& route) {
    std::optional<Response> response;
    if (num_body_streams_ >= options_.max_body_streams) {
      response = Response::from(
          {ErrorCode::kUnavailable,
           fmt::format("there are {} uploads already; try again", options_.max_body_streams)});
    } else {
      ++num_body_streams_;
      response = co_await take_body_stream(stream, buffer, parser, request, route);
      --num_body_streams_;
    }
    router_.count(route.path, response ? response->status : kClientHungUp);
    if (!response) co_return false;
    const bool all_read = parser.is_done();
    const bool keep_alive = co_await write(stream, *response, parser.get().version(),
                                           all_read && parser.keep_alive(), false);
    if (!all_read) co_await discard_rest(stream);
    co_return keep_alive;
  }

  /// The answer; nothing if the client has broken off.
  asio::awaitable<std::optional<Response>> take_body_stream(beast::tcp_stream& stream,
                                                            beast::flat_buffer& buffer,
                                                            Parser& parser, const Request& request,
                                                            const Router::StreamRoute& route) {
    auto sink = route.open(request);
    if (!sink) co_return std::move(sink).error();
    stream.expires_after(options_.read_timeout);
    if (co_await invite_body(stream, parser)) co_return std::nullopt;
    stream.expires_never();
    watch_for_dead_peer(stream.socket().native_handle());
    while (!parser.is_done()) {
      if (const error_code error = co_await read_piece(stream, buffer, parser); error)
        co_return malformed(error);
      if (parser.get().body().empty()) break;
      const Result<void> taken =
          co_await on_worker<Result<void>>([&] { return (*sink)->take(parser.get().body()); });
      if (!taken) co_return Response::from(taken.error());
    }
    co_return co_await on_worker<Response>([&] { return (*sink)->finish(); });
  }

  /// Moves what the buffer holds of the body into the parser's piece.
  static error_code parse_piece(beast::flat_buffer& buffer, Parser& parser) {
    error_code error;
    while (!parser.is_done() && buffer.size() > 0 && parser.get().body().size() < kPieceBytes) {
      buffer.consume(parser.put(buffer.data(), error));
      if (error == http::error::need_more)
        return buffer.size() > kMaxHeaderBytes ? http::error::header_limit : error_code();
      if (error) return error;
    }
    return {};
  }

  /// Waits for something to come, and takes what has come, up to about kPieceBytes.
  static asio::awaitable<error_code> read_piece(beast::tcp_stream& stream,
                                                beast::flat_buffer& buffer, Parser& parser) {
    std::string& piece = parser.get().body();
    piece.clear();
    for (;;) {
      error_code error = parse_piece(buffer, parser);
      if (error || parser.is_done() || piece.size() >= kPieceBytes) co_return error;
      if (!piece.empty() && stream.socket().available(error) == 0) co_return error_code();
      const std::size_t count = co_await stream.async_read_some(
          buffer.prepare(kReadBytes), asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return error;
      buffer.commit(count);
    }
  }

  template <class T, class Work>
  static asio::awaitable<T> do_work(const Work& work) {
    co_return work();
  }

  /// Runs something that may wait for the disk on the pool of handlers.
  template <class T, class Work>
  asio::awaitable<T> on_worker(const Work& work) {
    ++num_running_;
    T result =
        co_await asio::co_spawn(workers_.get_executor(), do_work<T>(work), asio::use_awaitable);
    --num_running_;
    co_return result;
  }

  /// Whether the error is the connection's, so that nobody would read an answer.
  static bool is_broken(error_code error) {
    return error == beast::error::timeout ||
           error.category() != http::make_error_code(http::error::bad_method).category();
  }

  /// The answer to a streamed body that is not HTTP; nothing if it was broken off.
  static std::optional<Response> malformed(error_code error) {
    if (is_broken(error)) return std::nullopt;
    return Response::text(400, "malformed HTTP request: " + error.message() + "\n");
  }

  asio::awaitable<void> answer_bad_request(beast::tcp_stream& stream, error_code error) {
    if (is_broken(error)) co_return;
    const bool too_large = error == http::error::body_limit;
    Response response =
        too_large ? Response::text(
                        413, fmt::format("the body is larger than {} bytes; send smaller batches\n",
                                         options_.max_body_bytes))
                  : Response::text(400, "malformed HTTP request: " + error.message() + "\n");
    if (error == http::error::header_limit)
      response = Response::text(431, "the request's headers are too large\n");
    co_await write(stream, response, 11, false, false);
    co_await discard_rest(stream);
  }

  /// Reads what the client still sends, for a while, after the answer.
  static asio::awaitable<void> discard_rest(beast::tcp_stream& stream) {
    // Closing with unread bytes resets the connection, and the client would not see the answer.
    error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    std::array<char, 4096> rest{};
    stream.expires_after(std::chrono::seconds(2));
    for (int i = 0; i < 4096 && !ignored; ++i) {
      co_await stream.async_read_some(asio::buffer(rest),
                                      asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  asio::awaitable<Response> handle(const Request& request) const {
    Response response = router_.handle(request);
    compress(request, response);
    co_return response;
  }

  static Response too_many_queries() {
    return Response::from(
        {ErrorCode::kResourceExhausted,
         "too many outstanding requests: other queries have kept the server busy; "
         "try again, or ask for less at a time"});
  }

  /// On a thread of queries. Nobody waits for the answer of a client that has gone.
  Response run_query(const Request& request) const {
    if (const auto wanted = request.deadline.check(); !wanted)
      return Response::from(wanted.error());
    if (request.queued > options_.max_query_wait) return too_many_queries();
    Response response = router_.handle(request);
    compress(request, response);
    return response;
  }

  /// Runs work on a thread of queries when it is the tenant's turn. `refused` is the result where
  /// too much is waiting.
  template <class T, class Work, class Refused>
  asio::awaitable<T> on_query_thread(const Request& request, const Work& work,
                                     const Refused& refused) {
    const auto initiate = [this, &request, &work, &refused](auto handler) {
      const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      const auto resume = [this, shared](T result) {
        asio::post(io_, [shared, result = std::move(result)]() mutable {
          std::move (*shared)(std::move(result));
        });
      };
      const bool taken =
          queries_.try_submit(request.identity.tenant.text(), [&work, resume] { resume(work()); });
      if (!taken) resume(refused());
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(T)>(
        initiate, asio::use_awaitable);
  }

  /// Runs a query's handler when it is the tenant's turn.
  asio::awaitable<Response> handle_query(Request& request) {
    const auto start = std::chrono::steady_clock::now();
    const auto work = [this, &request, start] {
      request.queued = std::chrono::steady_clock::now() - start;
      return run_query(request);
    };
    co_return co_await on_query_thread<Response>(request, work, too_many_queries);
  }

  /// Sends a body as it is made. Whether the connection can take another request.
  asio::awaitable<bool> write_source(beast::tcp_stream& stream, const Request& request,
                                     Response& response, unsigned version, bool keep_alive) {
    std::shared_ptr<BodySource> source = std::move(response.source);
    http::response<http::empty_body> message{
        http::int_to_status(static_cast<unsigned>(response.status)), version};
    set_headers(message, response);
    const bool is_chunked = version >= 11;
    message.chunked(is_chunked);
    message.keep_alive(is_chunked && keep_alive);
    http::response_serializer<http::empty_body> serializer(message);
    error_code error;
    stream.expires_after(options_.read_timeout);
    co_await http::async_write_header(stream, serializer,
                                      asio::redirect_error(asio::use_awaitable, error));
    if (request.method == "HEAD") co_return false;
    const auto done = std::make_shared<std::atomic<bool>>(false);
    asio::co_spawn(io_, watch(stream.socket().native_handle(), request.deadline, done),
                   asio::detached);
    const bool complete = !error && co_await write_pieces(stream, request, *source, is_chunked);
    *done = true;
    // It may hold a query whose end takes a while.
    static_cast<void>(
        queries_.try_submit(request.identity.tenant.text(), [source = std::move(source)] {}));
    co_return complete&& is_chunked&& keep_alive;
  }

  /// Whether all was sent.
  asio::awaitable<bool> write_pieces(beast::tcp_stream& stream, const Request& request,
                                     BodySource& source, bool is_chunked) {
    const auto work = [&source] { return source.next(); };
    const auto refused = [] {
      return Result<std::string>(fail(ErrorCode::kUnavailable, "too many queries are waiting"));
    };
    error_code error;
    while (!error && !stopping_) {
      const Result<std::string> piece =
          co_await on_query_thread<Result<std::string>>(request, work, refused);
      if (!piece) {
        logger_.warn("an answer was broken off: {}", piece.error().message);
        co_return false;
      }
      stream.expires_after(options_.read_timeout);
      if (piece->empty()) {
        if (is_chunked)
          co_await asio::async_write(stream, http::make_chunk_last(),
                                     asio::redirect_error(asio::use_awaitable, error));
        co_return !error;
      }
      const asio::const_buffer bytes(piece->data(), piece->size());
      if (is_chunked) {
        co_await asio::async_write(stream, http::make_chunk(bytes),
                                   asio::redirect_error(asio::use_awaitable, error));
      } else {
        co_await asio::async_write(stream, bytes, asio::redirect_error(asio::use_awaitable, error));
      }
    }
    co_return false;
  }

  /// Runs the handler on a pool; cancels its deadline when the client hangs up meanwhile.
  asio::awaitable<Response> run_handler(beast::tcp_stream& stream, Request& request) {
    const auto done = std::make_shared<std::atomic<bool>>(false);
    asio::co_spawn(io_, watch(stream.socket().native_handle(), request.deadline, done),
                   asio::detached);
    Response response;
    if (router_.lane(request) == Lane::kQuery) {
      response = co_await handle_query(request);
    } else if (num_running_ >= options_.max_running) {
      response = Response::from(
          {ErrorCode::kUnavailable, "too many requests at the same time; try again"});
    } else {
      ++num_running_;
      response =
          co_await asio::co_spawn(workers_.get_executor(), handle(request), asio::use_awaitable);
      --num_running_;
    }
    *done = true;
    co_return response;
  }

  asio::awaitable<void> watch(int socket, Deadline deadline,
                              std::shared_ptr<std::atomic<bool>> done) {
    asio::steady_timer timer(io_);
    for (;;) {
      timer.expires_after(kDisconnectCheck);
      error_code error;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
      if (*done || error) co_return;
      if (has_hung_up(socket)) {
        deadline.cancel();
        co_return;
      }
    }
  }

  /// Whether the connection can take another request.
  asio::awaitable<bool> answer(beast::tcp_stream& stream, const Message& message, Request& request,
                               bool keep_alive) {
    const unsigned version = message.version();
    request.deadline = Deadline::after(options_.request_timeout);
    stream.expires_never();
    Response response = co_await run_handler(stream, request);
    if (response.events != nullptr) {
      if (request.is_upgrade) {
        co_await serve_websocket(stream, message, response.events);
      } else {
        co_await stream_events(stream, response, version);
      }
      co_return false;
    }
    if (response.source != nullptr)
      co_return co_await write_source(stream, request, response, version, keep_alive);
    co_return co_await write(stream, response, version, keep_alive, request.method == "HEAD");
  }

  asio::awaitable<bool> write(beast::tcp_stream& stream, Response& response, unsigned version,
                              bool keep_alive, bool head) {
    const std::string_view body =
        response.static_body.empty() ? std::string_view(response.body) : response.static_body;
    http::response<http::span_body<const char>> message{
        http::int_to_status(static_cast<unsigned>(response.status)), version};
    set_headers(message, response);
    message.keep_alive(keep_alive);
    message.body() = beast::span<const char>(body.data(), body.size());
    if (response.status == 204) {
      message.erase(http::field::content_type);
    } else {
      message.content_length(body.size());
    }
    http::response_serializer<http::span_body<const char>> serializer(message);
    error_code error;
    stream.expires_after(options_.read_timeout);
    if (head) {
      co_await http::async_write_header(stream, serializer,
                                        asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await http::async_write(stream, serializer,
                                 asio::redirect_error(asio::use_awaitable, error));
    }
    co_return keep_alive && !error;
  }

  asio::awaitable<void> stream_events(beast::tcp_stream& stream, const Response& response,
                                      unsigned version) {
    const std::shared_ptr<EventStream> events = response.events;
    http::response<http::empty_body> message{http::status::ok, version};
    set_headers(message, response);
    message.set(http::field::content_type, "text/event-stream");
    message.set(http::field::cache_control, "no-store");
    message.keep_alive(false);
    http::response_serializer<http::empty_body> serializer(message);
    error_code error;
    co_await http::async_write_header(stream, serializer,
                                      asio::redirect_error(asio::use_awaitable, error));
    const auto timer = wake_on_push(*events);
    std::string bytes = ": connected\n\n";
    while (!error && !stopping_) {
      if (const std::uint64_t dropped = events->take_dropped(); dropped > 0) {
        bytes += fmt::format("event: dropped\ndata: {}\n\n", dropped);
      }
      for (const std::string& event : events->take()) bytes += "data: " + event + "\n\n";
      if (!bytes.empty()) {
        stream.expires_after(options_.read_timeout);
        co_await asio::async_write(stream, asio::buffer(bytes),
                                   asio::redirect_error(asio::use_awaitable, error));
        bytes.clear();
        continue;
      }
      timer->expires_after(kHeartbeat);
      error_code woken;
      co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
      if (!woken) bytes = ": still here\n\n";
      if (has_hung_up(stream.socket().native_handle())) break;
    }
    events->close();
  }

  /// A timer that stands for "nothing to send": a push cancels it.
  std::shared_ptr<asio::steady_timer> wake_on_push(EventStream& events) {
    auto timer = std::make_shared<asio::steady_timer>(io_);
    events.on_push([this, timer] { asio::post(io_, [timer] { timer->cancel(); }); });
    return timer;
  }

  using WebSocket = websocket::stream<beast::tcp_stream&>;

  /// Answers pings and waits for the client to close; what it says is not looked at.
  static asio::awaitable<void> read_websocket(std::shared_ptr<WebSocket> socket,
                                              std::shared_ptr<EventStream> events,
                                              std::shared_ptr<asio::steady_timer> timer,
                                              std::shared_ptr<bool> reading) {
    beast::flat_buffer buffer;
    error_code error;
    while (!error) {
      co_await socket->async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
      buffer.clear();
    }
    events->close();
    *reading = false;
    timer->cancel();
  }

  asio::awaitable<void> serve_websocket(beast::tcp_stream& stream, const Message& message,
                                        std::shared_ptr<EventStream> events) {
    const auto socket = std::make_shared<WebSocket>(stream);
    auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
    timeouts.keep_alive_pings = true;
    socket->set_option(timeouts);
    socket->read_message_max(kMaxHeaderBytes);
    error_code error;
    co_await socket->async_accept(message, asio::redirect_error(asio::use_awaitable, error));
    const auto timer = wake_on_push(*events);
    const auto reading = std::make_shared<bool>(!error);
    if (!error) asio::co_spawn(io_, read_websocket(socket, events, timer, reading), asio::detached);
    socket->text(true);
    while (!error && !stopping_ && *reading) {
      const std::deque<std::string> ready = events->take();
      if (ready.empty()) {
        timer->expires_after(kHeartbeat);
        error_code woken;
        co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
      }
      for (const std::string& event : ready) {
        if (error) break;
        co_await socket->async_write(asio::buffer(event),
                                     asio::redirect_error(asio::use_awaitable, error));
      }
    }
    events->close();
    // The reader works on the same socket, which goes when this returns.
    error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
    while (*reading) {
      timer->expires_after(kDisconnectCheck);
      co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  const HttpOptions options_;
  const Router& router_;
  Logger& logger_;
  asio::io_context io_{1};
  TcpAcceptor acceptor_;
  asio::thread_pool workers_;
  FairThreadPool queries_;  // its tasks use the coroutines of io_, so it goes first
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> buffered_bytes_{0};
  std::atomic<std::size_t> num_connections_{0};
  std::atomic<std::size_t> num_running_{0};
  std::size_t num_body_streams_ = 0;  // used by the thread of io_ alone
  std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options,
                                                      const Router& router, Logger& logger) {
  auto impl = std::make_unique<Impl>(options, router, logger);
  LIVEDATA_RETURN_IF_ERROR(impl->start());
  return std::unique_ptr<HttpServer>(
      new HttpServer(std::move(impl)));  // NOLINT: the constructor is private
}

std::uint16_t HttpServer::port() const { return impl_->port(); }
std::size_t HttpServer::num_connections() const { return impl_->num_connections(); }
std::size_t HttpServer::buffered_bytes() const { return impl_->buffered_bytes(); }

}  // namespace livedata::server
