#include "server/api/native/token_routes.h"

#include <algorithm>

#include <yyjson.hpp>

#include "base/time_format.h"
#include "ingest/values/json.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

namespace json = livedata_yyjson;
using tenant::Identity;
using tenant::Token;
using tenant::TokenStore;

/// Members of a token, without its hash.
void write_token(const Token& token, JsonWriter& out) {
  out.key("id").string(token.id).key("name").string(token.name);
  out.key("tenant").string(token.tenant.text()).key("roles").string(token.roles.text());
  if (!token.other_tenants.empty()) {
    out.key("other_tenants").begin_array();
    for (const std::string& other : token.other_tenants) out.string(other);
    out.end_array();
  }
  if (!token.streams.empty()) out.key("streams").string(token.streams);
  out.key("created").string(format_rfc3339(token.created));
  if (token.expires) out.key("expires").string(format_rfc3339(*token.expires));
}

/// An admin of one tenant can't give away what belongs to another one.
Result<void> check_reach(const Identity& asker, const Token& wish) {
  for (const std::string& other : wish.other_tenants) {
    const bool may = std::find(asker.other_tenants.begin(), asker.other_tenants.end(), "*") !=
                         asker.other_tenants.end() ||
                     std::find(asker.other_tenants.begin(), asker.other_tenants.end(), other) !=
                         asker.other_tenants.end();
    if (!may) {
      return fail(ErrorCode::kPermissionDenied,
                  "'{}' may not make tokens that name the tenant '{}'", asker.name, other);
    }
  }
  return {};
}

Result<Token> parse_wish(const Request& request, TimestampNs now) {
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(request.body));
  json::yyjson_val* root = json::yyjson_doc_get_root(document.get());
  const auto text = [root](const char* name) {
    return ingest::json_string(json::yyjson_obj_get(root, name));
  };
  Token wish;
  wish.name = text("name");
  wish.tenant = request.identity.tenant;
  LIVEDATA_TRY(wish.roles, tenant::Roles::parse(text("roles")));
  json::yyjson_arr_iter others =
      json::yyjson_arr_iter_with(json::yyjson_obj_get(root, "other_tenants"));
  while (json::yyjson_val* other = json::yyjson_arr_iter_next(&others))
    wish.other_tenants.emplace_back(ingest::json_string(other));
  wish.streams = text("streams");
  if (const std::string_view lifetime = text("lifetime"); !lifetime.empty()) {
    const auto duration = parse_duration(lifetime);
    if (!duration || *duration <= 0) {
      return fail(ErrorCode::kInvalidArgument,
                  "'lifetime' must be a duration such as 30d, not '{}'", lifetime.substr(0, 64));
    }
    wish.expires = now + *duration;
  }
  return wish;
}

Response create(const Request& request, TokenStore& tokens, TimestampNs now) {
  auto wish = parse_wish(request, now);
  if (!wish) return Response::from(wish.error());
  if (const auto may = check_reach(request.identity, *wish); !may)
    return Response::from(may.error());
  const auto created = tokens.create(*std::move(wish));
  if (!created) return Response::from(created.error());
  JsonWriter out;
  out.begin_object().key("token").string(created->text);
  write_token(created->token, out);
  Response response = Response::json(out.end_object().take());
  response.status = 201;
  return response;
}

Response list(const Identity& asker, TokenStore& tokens) {
  const auto all = tokens.list();
  if (!all) return Response::from(all.error());
  JsonWriter out;
  out.begin_object().key("tokens").begin_array();
  for (const Token& token : *all) {
    if (token.tenant != asker.tenant) continue;
    out.begin_object();
    write_token(token, out);
    out.end_object();
  }
  return Response::json(out.end_array().end_object().take());
}

Response revoke(const Identity& asker, std::string_view id, TokenStore& tokens) {
  const auto all = tokens.list();
  if (!all) return Response::from(all.error());
  const bool is_own = std::any_of(all->begin(), all->end(), [&](const Token& token) {
    return token.id == id && token.tenant == asker.tenant;
  });
  if (!is_own)
    return Response::from({ErrorCode::kNotFound, fmt::format("there is no token '{}'", id)});
  const auto revoked = tokens.revoke(id);
  return revoked ? Response::text(204, "") : Response::from(revoked.error());
}

}  // namespace

void add_token_routes(TokenStore& tokens, const Clock& clock, Router& router) {
  router.add("GET", "/api/v1/tokens",
             [&tokens](const Request& r) { return list(r.identity, tokens); });
  router.add("POST", "/api/v1/tokens",
             [&tokens, &clock](const Request& r) { return create(r, tokens, clock.now()); });
  router.add_wildcard(
      "DELETE", "/api/v1/tokens/*",
      [&tokens](const Request& r, std::string_view id) { return revoke(r.identity, id, tokens); });
}

}  // namespace livedata::server::native
