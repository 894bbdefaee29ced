#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/http/client.h"

namespace livedata::server {

/// An HTTP response whose body is read piece by piece, as large as it may be. Not thread-safe.
class ResponseStream {
 public:
  /// Sends the request to http://HOST[:PORT][/PATH] and reads the answer's head. Errors as
  /// http_request() has them.
  static Result<std::unique_ptr<ResponseStream>> open(std::string_view base_url,
                                                      const ClientRequest& request);
  ~ResponseStream();

  [[nodiscard]] int status() const;
  /// The next bytes of the body; empty at its end. kUnavailable when the connection breaks before.
  Result<std::string> next();

 private:
  class Impl;
  explicit ResponseStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::server
