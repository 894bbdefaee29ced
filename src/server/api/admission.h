#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "server/http/message.h"
#include "tenant/authenticator.h"
#include "tenant/sessions.h"

namespace livedata::server {

/// The cookie of a browser that has signed in.
constexpr std::string_view kSessionCookie = "livedata_session";

/// A cookie of the request; "" without it.
std::string_view cookie(const Request& request, std::string_view name);

/// Settles who asks, from headers, cookies and what protocols have in the query string, and whether
/// they may use the route. Sets the request's identity, or gives the answer that refuses it: 401
/// where nobody is known, 403 where they may not. A request of a browser's session that changes
/// something must come from a page of this server (OWASP, "Verifying origin with standard
/// headers").
class Admission {
 public:
  /// Both must outlive the object. `sessions` may be null.
  Admission(const tenant::Authenticator& authenticator, const tenant::Sessions* sessions)
      : authenticator_(authenticator), sessions_(sessions) {}

  std::optional<Response> admit(Request& request, std::string_view route_path) const;

 private:
  const tenant::Authenticator& authenticator_;
  const tenant::Sessions* sessions_;
};

}  // namespace livedata::server
