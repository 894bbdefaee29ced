#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/logger.h"
#include "base/metric.h"
#include "base/result.h"
#include "server/grpc/call_server.h"
#include "server/grpc/method.h"

namespace livedata::server::grpc {

struct GrpcOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 4317;  ///< 0 lets the system choose
  CallLimits limits;
  std::size_t num_workers = 2;
  std::size_t max_connections = 200;  ///< further ones are closed
  /// How long a connection may be without calls, or not take what is sent to it.
  std::chrono::nanoseconds idle_timeout = std::chrono::minutes(15);
  std::chrono::nanoseconds write_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds check_interval = std::chrono::seconds(5);  ///< of those times
};

/// Serves unary gRPC calls over HTTP/2 without TLS. Sockets live on one thread, methods run on a
/// pool. The networking library is behind this class.
class GrpcServer {
 public:
  /// Binds and starts. kAlreadyExists: the port is in use. `metrics` and `logger` must outlive the
  /// server.
  static Result<std::unique_ptr<GrpcServer>> start(const GrpcOptions& options, Methods methods,
                                                   MetricRegistry& metrics, Logger& logger);
  /// Takes no further calls, gives running ones a few seconds, closes.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  explicit GrpcServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::server::grpc
