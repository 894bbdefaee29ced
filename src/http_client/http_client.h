#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"

namespace livedata::http_client {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method = "GET";
  std::string url;  ///< http:// or https://, escaped
  std::vector<Header> headers = {};
  std::string_view body = {};  ///< not sent with GET and HEAD
  std::size_t max_answer_bytes = std::size_t{1} << 20U;
  int stop_fd = -1;  ///< gives up with kCancelled when it is readable
};

struct Answer {
  int status = 0;
  std::vector<Header> headers;  ///< names in lower case
  std::string body;

  /// The first header with the name (lower case); "" if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Sends one request and waits for its answer, whatever its status. Two implementations:
/// HttpClient, and scripts in tests. Thread-safe.
class Transport {
 public:
  virtual ~Transport() = default;
  /// kUnavailable: no answer, or not all of it; kPermissionDenied: the certificate is not trusted;
  /// kInvalidArgument: the address, or what answers, is not HTTP; kTooLarge; kDeadlineExceeded;
  /// kCancelled.
  virtual Result<Answer> send(const Request& request, const Deadline& deadline) = 0;
};

/// HTTP/1.1 by libcurl, which is loaded with the first request. Certificates are verified,
/// redirects are not followed, answers are bounded; connections are kept for the next request.
/// Errors name the address and never a header.
class HttpClient final : public Transport {
 public:
  enum class Proxy { kNone, kEnvironment };  ///< kEnvironment: HTTPS_PROXY, NO_PROXY and so on

  struct Options {
    std::string ca_file = {};  ///< trusted in place of the system's; "": those
    Proxy proxy = Proxy::kNone;
    std::chrono::milliseconds connect_timeout{10'000};
    /// A transfer in which nothing moves for as long is given up as kUnavailable.
    std::chrono::seconds stall_timeout{30};
  };

  explicit HttpClient(Options options);
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Result<Answer> send(const Request& request, const Deadline& deadline) override;

 private:
  class Connections;

  std::unique_ptr<Connections> connections_;
};

}  // namespace livedata::http_client
