#include "server/api/native/session_routes.h"

#include <yyjson.hpp>

#include "encoding/base64.h"
#include "ingest/values/json.h"
#include "server/api/admission.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

namespace json = livedata_yyjson;

constexpr std::size_t kMaxBodyBytes = std::size_t{16} << 10U;

/// The header Authorization of what the body shows: {"token": ...} or {"user": ..., "password":
/// ...}.
Result<std::string> authorization_in(const std::string& body) {
  if (body.size() > kMaxBodyBytes)
    return fail(ErrorCode::kTooLarge, "signing in takes {} bytes at most", kMaxBodyBytes);
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(body));
  json::yyjson_val* root = json::yyjson_doc_get_root(document.get());
  const auto text = [root](const char* name) {
    return std::string(ingest::json_string(json::yyjson_obj_get(root, name)));
  };
  if (const std::string token = text("token"); !token.empty()) return "Bearer " + token;
  if (const std::string user = text("user"); !user.empty())
    return "Basic " + encoding::base64_encode(user + ":" + text("password"));
  return fail(ErrorCode::kInvalidArgument,
              "signing in takes a JSON object with 'token', or with 'user' and 'password'");
}

/// HttpOnly: no script can read it. SameSite=Strict: no other site can use it. Secure is for a
/// proxy that speaks TLS to say, as this server may be asked over both.
std::string set_cookie(const std::string& value, std::chrono::seconds lifetime) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}", kSessionCookie, value,
                     lifetime.count());
}

std::string describe(const tenant::Identity& identity, bool is_enabled) {
  JsonWriter out;
  out.begin_object().key("authentication").raw(is_enabled ? "true" : "false");
  out.key("name").string(identity.name).key("proof").string(name(identity.proof));
  out.key("tenant").string(identity.tenant.text()).key("roles").begin_array();
  for (const tenant::Role role :
       {tenant::Role::kWriter, tenant::Role::kReader, tenant::Role::kAdmin, tenant::Role::kAuditor,
        tenant::Role::kService}) {
    if (identity.roles.has(role)) out.string(name(role));
  }
  return out.end_array().end_object().take();
}

}  // namespace

void add_session_routes(const tenant::Authenticator& authenticator, tenant::Sessions& sessions,
                        Router& router) {
  const std::string path = "/api/v1/session";
  router.add("POST", path, [&authenticator, &sessions](const Request& request) {
    auto authorization = authorization_in(request.body);
    if (!authorization) return Response::from(authorization.error());
    const auto identity = authenticator.authenticate({.authorization = *authorization});
    if (!identity) return Response::from(identity.error());
    Response response = Response::json(describe(*identity, authenticator.is_enabled()));
    response.headers.emplace_back("Set-Cookie",
                                  set_cookie(sessions.begin(*std::move(authorization)),
                                             std::chrono::seconds(tenant::Sessions::kLifetime)));
    return response;
  });
  router.add("GET", path, [&authenticator, &sessions](const Request& request) {
    std::string authorization(request.header("authorization"));
    if (authorization.empty()) authorization = sessions.find(cookie(request, kSessionCookie));
    const auto identity = authenticator.authenticate({.authorization = authorization});
    return identity ? Response::json(describe(*identity, authenticator.is_enabled()))
                    : Response::from(identity.error());
  });
  router.add("DELETE", path, [&sessions](const Request& request) {
    sessions.end(cookie(request, kSessionCookie));
    Response response;
    response.status = 204;
    response.headers.emplace_back("Set-Cookie", set_cookie("", std::chrono::seconds(0)));
    return response;
  });
}

}  // namespace livedata::server::native
