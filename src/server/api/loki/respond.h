#pragma once

#include "base/result.h"
#include "server/http/message.h"

namespace livedata::server::loki {

/// The result as JSON, or its error.
template <class T, class Encode>
Response respond(const Result<T>& result, const Encode& encode) {
  return result ? Response::json(encode(*result)) : Response::from(result.error());
}

}  // namespace livedata::server::loki
