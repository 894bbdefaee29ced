#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"

namespace livedata::server::grpc {

/// What the call's metadata say of who calls, not checked yet.
struct Caller {
  std::string authorization;  ///< "authorization"
  std::string tenant;         ///< "x-scope-orgid"
};

/// Answers a unary call: takes the request's message, gives the response's, or an error that
/// becomes the call's status. Called on any thread, several at the same time.
using Method = std::function<Result<std::string>(const Caller& caller, std::string_view message,
                                                 const Deadline& deadline)>;
/// By path: "/package.Service/Method".
using Methods = std::map<std::string, Method, std::less<>>;

}  // namespace livedata::server::grpc
