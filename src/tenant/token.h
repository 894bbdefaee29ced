#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/tenant_id.h"
#include "tenant/role.h"

namespace livedata::tenant {

constexpr std::size_t kTokenIdChars = 12;
constexpr std::size_t kMaxTokenNameBytes = 100;
constexpr std::size_t kMaxOtherTenants = 100;
constexpr std::size_t kMaxSelectorBytes = 4096;

/// What is kept of a token; its secret is shown once, when it is made, and kept nowhere.
struct Token {
  std::string id;    ///< kTokenIdChars of base64url; stands in the token's text
  std::string name;  ///< for people
  TenantId tenant = TenantId::single();
  Roles roles;
  std::vector<std::string> other_tenants = {};  ///< see Identity
  std::string streams = {};                     ///< selector such as {team="shop"}; "": all
  TimestampNs created = 0;
  std::optional<TimestampNs> expires = {};
  std::string hash = {};  ///< of the secret, see hash_secret()

  bool operator==(const Token&) const = default;
};

/// The parts of a token's text, `ld_<id>_<secret>`.
struct TokenText {
  std::string_view id;
  std::string_view secret;
};
/// Views into the text; nullopt for what has another shape.
std::optional<TokenText> split_token(std::string_view text);

/// One line of JSON, and back. kCorrupt says what is wrong.
std::string to_json(const Token& token);
Result<Token> parse_token(std::string_view json);

}  // namespace livedata::tenant
