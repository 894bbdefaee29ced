#include "tenant/token.h"

#include <cstdlib>
#include <memory>

#include <yyjson.hpp>

#include "base/time_format.h"
#include "encoding/base64.h"
#include "tenant/secret.h"

namespace livedata::tenant {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::string_view kPrefix = "ld_";
constexpr std::size_t kMaxTextBytes = 256;

struct FreeDocument {
  void operator()(yyjson_doc* document) const { yyjson_doc_free(document); }
  void operator()(yyjson_mut_doc* document) const { yyjson_mut_doc_free(document); }
};

std::string text_member(yyjson_val* object, const char* name) {
  yyjson_val* value = yyjson_obj_get(object, name);
  return yyjson_is_str(value) ? std::string(yyjson_get_str(value), yyjson_get_len(value))
                              : std::string();
}

Result<std::optional<TimestampNs>> time_member(yyjson_val* object, const char* name) {
  const std::string text = text_member(object, name);
  if (text.empty()) return std::optional<TimestampNs>();
  LIVEDATA_TRY(const TimestampNs time, parse_rfc3339(text));
  return std::optional(time);
}

}  // namespace

std::optional<TokenText> split_token(std::string_view text) {
  if (text.size() > kMaxTextBytes || !text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.size() < kTokenIdChars + 2 || text[kTokenIdChars] != '_') return std::nullopt;
  return TokenText{.id = text.substr(0, kTokenIdChars), .secret = text.substr(kTokenIdChars + 1)};
}

std::string to_json(const Token& token) {
  const std::unique_ptr<yyjson_mut_doc, FreeDocument> document(yyjson_mut_doc_new(nullptr));
  yyjson_mut_doc* out = document.get();
  yyjson_mut_val* root = yyjson_mut_obj(out);
  yyjson_mut_doc_set_root(out, root);
  const auto add = [&](const char* key, std::string_view value) {
    yyjson_mut_obj_add_strncpy(out, root, key, value.data(), value.size());
  };
  add("id", token.id);
  add("name", token.name);
  add("tenant", token.tenant.text());
  add("roles", token.roles.text());
  if (!token.other_tenants.empty()) {
    yyjson_mut_val* others = yyjson_mut_obj_add_arr(out, root, "other_tenants");
    for (const std::string& other : token.other_tenants)
      yyjson_mut_arr_add_strncpy(out, others, other.data(), other.size());
  }
  if (!token.streams.empty()) add("streams", token.streams);
  add("created", format_rfc3339(token.created));
  if (token.expires) add("expires", format_rfc3339(*token.expires));
  add("hash", token.hash);
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      yyjson_mut_write(out, YYJSON_WRITE_ALLOW_INVALID_UNICODE, &size), std::free);
  return text == nullptr ? std::string() : std::string(text.get(), size);
}

Result<Token> parse_token(std::string_view json) {
  std::string copy(json);  // the parser's parameter is not const
  const std::unique_ptr<yyjson_doc, FreeDocument> document(
      yyjson_read(copy.data(), copy.size(), YYJSON_READ_ALLOW_INVALID_UNICODE));
  yyjson_val* root = yyjson_doc_get_root(document.get());
  if (!yyjson_is_obj(root)) return fail(ErrorCode::kCorrupt, "a token is a JSON object");
  Token token;
  token.id = text_member(root, "id");
  if (token.id.size() != kTokenIdChars || !encoding::base64_decode(token.id))
    return fail(ErrorCode::kCorrupt, "a token's id has {} characters of base64url", kTokenIdChars);
  token.name = text_member(root, "name");
  LIVEDATA_TRY(token.tenant, TenantId::parse(text_member(root, "tenant")));
  LIVEDATA_TRY(token.roles, Roles::parse(text_member(root, "roles")));
  yyjson_arr_iter others = yyjson_arr_iter_with(yyjson_obj_get(root, "other_tenants"));
  while (yyjson_val* other = yyjson_arr_iter_next(&others)) {
    if (token.other_tenants.size() == kMaxOtherTenants)
      return fail(ErrorCode::kCorrupt, "a token has {} other tenants at most", kMaxOtherTenants);
    if (yyjson_is_str(other)) token.other_tenants.emplace_back(yyjson_get_str(other));
  }
  token.streams = text_member(root, "streams");
  LIVEDATA_TRY(const auto created, time_member(root, "created"));
  token.created = created.value_or(0);
  LIVEDATA_TRY(token.expires, time_member(root, "expires"));
  token.hash = text_member(root, "hash");
  if (!is_secret_hash(token.hash))
    return fail(ErrorCode::kCorrupt, "the hash of token {} is no argon2id", token.id);
  return token;
}

}  // namespace livedata::tenant
