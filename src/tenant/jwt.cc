#include "tenant/jwt.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include <yyjson.hpp>

#include "encoding/base64.h"

namespace livedata::tenant {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::size_t kMaxJwtBytes = std::size_t{16} << 10U;
constexpr double kLastSecond = 9e9;  // year 2255, within TimestampNs

struct FreeDocument {
  void operator()(yyjson_doc* document) const { yyjson_doc_free(document); }
};
using Document = std::unique_ptr<yyjson_doc, FreeDocument>;

template <class... Args>
tl::unexpected<Error> refuse(fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorCode::kUnauthenticated, format, std::forward<Args>(args)...);
}

Result<Document> object_in(std::string_view part) {
  LIVEDATA_TRY(std::string text, encoding::base64_decode(part));
  Document document(yyjson_read(text.data(), text.size(), YYJSON_READ_NOFLAG));
  if (!yyjson_is_obj(yyjson_doc_get_root(document.get())))
    return refuse("a part of the token is no JSON object");
  return document;
}

yyjson_val* member(const Document& document, const std::string& name) {
  return yyjson_obj_getn(yyjson_doc_get_root(document.get()), name.data(), name.size());
}

std::string_view text_of(yyjson_val* value) {
  return yyjson_is_str(value) ? std::string_view(yyjson_get_str(value), yyjson_get_len(value))
                              : std::string_view();
}

/// Seconds since 1970 (RFC 7519, section 2: NumericDate).
std::optional<double> seconds_of(yyjson_val* value) {
  if (!yyjson_is_num(value)) return std::nullopt;
  const double seconds = yyjson_get_num(value);
  if (!std::isfinite(seconds) || std::abs(seconds) > kLastSecond) return std::nullopt;
  return seconds;
}

Result<void> check_audience(yyjson_val* audience, std::string_view wanted) {
  if (wanted.empty() || text_of(audience) == wanted) return {};
  yyjson_arr_iter it = yyjson_arr_iter_with(audience);
  while (yyjson_val* one = yyjson_arr_iter_next(&it)) {
    if (text_of(one) == wanted) return {};
  }
  return refuse("the token is for somebody else (its claim \"aud\")");
}

Result<TimestampNs> check_times(const Document& claims, const JwtRules& rules, TimestampNs now) {
  const double seconds = static_cast<double>(now) / static_cast<double>(kNsPerSecond);
  const auto leeway = static_cast<double>(rules.leeway.count());
  const auto expires = seconds_of(member(claims, "exp"));
  if (!expires) return refuse("the token does not say when it expires (its claim \"exp\")");
  if (seconds >= *expires + leeway) return refuse("the token has expired");
  yyjson_val* not_before = member(claims, "nbf");
  if (not_before != nullptr) {
    const auto from = seconds_of(not_before);
    if (!from || seconds < *from - leeway)
      return refuse("the token is not valid yet (its claim \"nbf\")");
  }
  return static_cast<TimestampNs>(*expires) * kNsPerSecond;
}

Result<Roles> roles_in(yyjson_val* value, const std::string& claim) {
  std::string list(text_of(value));
  yyjson_arr_iter it = yyjson_arr_iter_with(value);
  while (yyjson_val* one = yyjson_arr_iter_next(&it)) {
    list += text_of(one);
    list += ' ';
  }
  auto roles = Roles::parse(list);
  if (!roles) return refuse("the claim \"{}\": {}", claim, roles.error().message);
  if (roles->empty()) return refuse("the token names no roles (its claim \"{}\")", claim);
  return roles;
}

Result<void> check_signature(std::string_view signed_part, std::string_view signature_part,
                             const Document& header, const std::vector<VerifyingKey>& keys) {
  LIVEDATA_TRY(const JwtAlgorithm algorithm, parse_jwt_algorithm(text_of(member(header, "alg"))));
  if (member(header, "crit") != nullptr)
    return refuse("the token has critical extensions, of which none is known here");
  const std::string_view id = text_of(member(header, "kid"));
  const auto signature = encoding::base64_decode(signature_part);
  const bool good =
      signature && std::any_of(keys.begin(), keys.end(), [&](const VerifyingKey& key) {
        return key.algorithm == algorithm && (id.empty() || key.id.empty() || key.id == id) &&
               key.has_signed(signed_part, *signature);
      });
  if (!good) return refuse("the token is not signed by a key that is trusted here");
  return {};
}

}  // namespace

bool looks_like_jwt(std::string_view text) {
  return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2;
}

Result<Identity> verify_jwt(std::string_view text, const std::vector<VerifyingKey>& keys,
                            const JwtRules& rules, TimestampNs now) {
  if (text.size() > kMaxJwtBytes || !looks_like_jwt(text)) return refuse("this is no token");
  const std::size_t first = text.find('.');
  const std::size_t second = text.rfind('.');
  auto header = object_in(text.substr(0, first));
  if (!header) return refuse("the token's header can't be read");
  LIVEDATA_RETURN_IF_ERROR(
      check_signature(text.substr(0, second), text.substr(second + 1), *header, keys));
  auto claims = object_in(text.substr(first + 1, second - first - 1));
  if (!claims) return refuse("the token's claims can't be read");

  if (!rules.issuer.empty() && text_of(member(*claims, "iss")) != rules.issuer)
    return refuse("the token is by another issuer (its claim \"iss\")");
  LIVEDATA_RETURN_IF_ERROR(check_audience(member(*claims, "aud"), rules.audience));
  Identity identity;
  identity.proof = Proof::kJwt;
  LIVEDATA_TRY(identity.expires, check_times(*claims, rules, now));
  const std::string_view named = text_of(member(*claims, rules.tenant_claim));
  auto tenant = TenantId::parse(named);
  if (!tenant) {
    return refuse("the token names no tenant, or none that can be one (its claim \"{}\")",
                  rules.tenant_claim);
  }
  identity.tenant = *std::move(tenant);
  LIVEDATA_TRY(identity.roles, roles_in(member(*claims, rules.roles_claim), rules.roles_claim));
  const std::string_view subject = text_of(member(*claims, "sub"));
  identity.name = subject.empty() ? "jwt" : subject.substr(0, 100);
  return identity;
}

}  // namespace livedata::tenant
