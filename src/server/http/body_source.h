#pragma once

#include <string>

#include "base/result.h"

namespace livedata::server {

/// A response's body that is made while it is sent. Used by one thread at a time; destroyed when
/// all is sent, or the client has gone.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// The next bytes; empty at the end. Called on a thread of queries, when all before it has been
  /// sent. After an error the connection is broken off, so that nobody takes the rest for the
  /// whole.
  virtual Result<std::string> next() = 0;
};

}  // namespace livedata::server
