#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/logger.h"
#include "base/result.h"
#include "server/http/router.h"

namespace livedata::server {

struct HttpOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3100;  ///< 0 lets the system choose
  std::size_t max_body_bytes = 0;
  /// Bodies of all requests together, from their first byte to the answer; more are answered 503.
  std::size_t max_buffered_bytes = 256_MiB;
  std::size_t num_workers = 4;
  std::size_t num_query_workers = 2;
  std::size_t max_queued_queries = 500;  ///< of one tenant; more are answered 429
  /// How long a query waits for its turn before it is answered 429.
  std::chrono::nanoseconds max_query_wait = std::chrono::minutes(1);
  std::size_t max_connections = 1000;
  std::size_t max_running =
      200;  ///< requests beside queries in handlers or waiting for one; more are answered 503
  /// Requests whose bodies are taken as streams, which may last for ever; more are answered 503.
  std::size_t max_body_streams = 100;
  std::chrono::seconds read_timeout{30};
  std::chrono::seconds idle_timeout{300};
  std::chrono::nanoseconds request_timeout = std::chrono::minutes(5);  ///< deadline of a handler
};

/// Serves HTTP/1.1 with keep-alive on one thread; handlers run on a pool. All of the HTTP library
/// is behind this class.
class HttpServer {
 public:
  /// Binds and starts. kAlreadyExists: the port is in use. `router` must outlive the server.
  static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, const Router& router,
                                                   Logger& logger);
  /// Stops accepting, gives running requests a few seconds, closes.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t num_connections() const;
  /// Of max_buffered_bytes.
  [[nodiscard]] std::size_t buffered_bytes() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::server
