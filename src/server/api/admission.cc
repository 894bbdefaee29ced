#include "server/api/admission.h"

#include <array>

#include "server/api/permissions.h"

namespace livedata::server {
namespace {

// Loki's, and those of Cortex and of other log stores.
constexpr std::array<std::string_view, 3> kTenantHeaders = {"x-scope-orgid", "x-tenant-id",
                                                            "x-org-id"};

std::string_view named_tenant(const Request& request) {
  for (const std::string_view name : kTenantHeaders) {
    if (const std::string_view value = request.header(name); !value.empty()) return value;
  }
  return {};
}

/// A token that is no Authorization: Datadog's agents have a header of their own, and senders to
/// Splunk's collector may put it into the query string.
std::string_view api_key_of(const Request& request) {
  if (const std::string_view key = request.header("dd-api-key"); !key.empty()) return key;
  if (request.path.starts_with("/services/collector")) return request.query.get("token");
  return {};
}

bool changes_something(const Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

/// Whether a browser says that a page of this server sent the request.
bool is_from_own_page(const Request& request) {
  if (request.header("sec-fetch-site") == "same-origin") return true;
  std::string_view origin = request.header("origin");
  const std::size_t slashes = origin.find("//");
  if (slashes == std::string_view::npos) return false;
  origin.remove_prefix(slashes + 2);
  return origin == request.header("host");
}

Response refusal(const Error& error) {
  Response response = Response::from(error);
  if (error.code == ErrorCode::kUnauthenticated)
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"livedata\"");
  return response;
}

}  // namespace

std::string_view cookie(const Request& request, std::string_view name) {
  std::string_view rest = request.header("cookie");
  while (!rest.empty()) {
    std::string_view one = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(name) && one.size() > name.size() && one[name.size()] == '=')
      return one.substr(name.size() + 1);
  }
  return {};
}

std::optional<Response> Admission::admit(Request& request, std::string_view route_path) const {
  const RoutePermission* row = find_permission(request.method, route_path);
  if (row != nullptr && !row->needed) {
    if (authenticator_.is_enabled()) request.identity = {.name = "nobody", .roles = {}};
    return std::nullopt;
  }
  tenant::Credentials credentials{.authorization = request.header("authorization"),
                                  .api_key = api_key_of(request),
                                  .tenant = named_tenant(request)};
  std::string session;  // of the browser; the header that it stands for
  if (credentials.authorization.empty() && credentials.api_key.empty() && sessions_ != nullptr) {
    session = sessions_->find(cookie(request, kSessionCookie));
    credentials.authorization = session;
  }
  auto identity = authenticator_.authenticate(credentials);
  if (!identity) {
    request.identity = {.name = "nobody", .roles = {}};
    return refusal(identity.error());
  }
  if (!session.empty() && changes_something(request) && !is_from_own_page(request)) {
    return refusal({ErrorCode::kPermissionDenied,
                    "the request comes from a page of another site, in the name of a browser that "
                    "is signed in here"});
  }
  request.identity = *std::move(identity);
  const tenant::Permission needed = row == nullptr
                                        ? tenant::Permission::kAdminister
                                        : row->needed.value_or(tenant::Permission::kAdminister);
  if (const auto may = request.identity.check(needed); !may) return refusal(may.error());
  return std::nullopt;
}

}  // namespace livedata::server
