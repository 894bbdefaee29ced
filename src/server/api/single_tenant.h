#pragma once

#include <utility>

#include "server/http/message.h"

namespace livedata::server {

/// A handler of what only the tenant `default` has: others are told that they have none.
template <class Handler>
auto of_single_tenant(Handler handler) {
  return [handler = std::move(handler)](const Request& request, auto&&... rest) {
    if (request.identity.tenant == TenantId::single())
      return handler(request, std::forward<decltype(rest)>(rest)...);
    return Response::from({ErrorCode::kNotFound, "only the tenant 'default' has these so far"});
  };
}

}  // namespace livedata::server
