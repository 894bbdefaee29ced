#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::loggen {

/// A keep-alive HTTP connection to 127.0.0.1, as plain as a load generator wants it. Not
/// thread-safe.
class HttpConnection {
 public:
  explicit HttpConnection(std::uint16_t port) : port_(port) {}
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  struct Reply {
    int status = 0;
    std::string body;
  };
  /// Sends one request and reads its answer; connects when needed.
  Result<Reply> request(std::string_view method, std::string_view target,
                        std::string_view content_type, std::string_view body);

 private:
  Result<void> connect();
  Result<void> send(std::string_view bytes);
  Result<Reply> receive();
  void close();

  std::uint16_t port_;
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace livedata::loggen
