#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include <tl/expected.hpp>

#include "server/http/message.h"

namespace livedata::server {

/// Takes the body of one request in the pieces in which it arrives, for bodies that are larger than
/// memory or have no end. Its functions are called one after the other, on any thread of
/// Lane::kIngest. Destroyed without finish() when the client breaks off.
class BodySink {
 public:
  virtual ~BodySink() = default;

  /// The next bytes of the body, without what its encoding for the transport has added. No more of
  /// it is read from the client before this returns, so it returns when the piece is dealt with. An
  /// error is the answer to the request, and the end of it.
  virtual Result<void> take(std::string_view piece) = 0;
  /// The body was complete; what comes back is the answer.
  virtual Response finish() = 0;
};

/// Looks at a request that has no body yet: something to take it, or the answer at once.
using BodySinkFactory =
    std::function<tl::expected<std::unique_ptr<BodySink>, Response>(const Request&)>;

}  // namespace livedata::server
