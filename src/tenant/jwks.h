#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace livedata::tenant {

/// Algorithms of signatures that are taken (RFC 7518, RFC 8037). Symmetric ones and "none" are not:
/// who can check those can also sign.
enum class JwtAlgorithm { kRs256, kEs256, kEdDsa };

/// "RS256", "ES256" or "EdDSA"; kUnauthenticated for others.
Result<JwtAlgorithm> parse_jwt_algorithm(std::string_view name);

/// One public key of a set. Immutable, thread-safe, copies share the key.
struct VerifyingKey {
  std::string id;  ///< "kid"; may be empty
  JwtAlgorithm algorithm = JwtAlgorithm::kRs256;
  std::shared_ptr<evp_pkey_st> key;

  /// Whether the signature of some bytes is by this key. A signature of ES256 is the two numbers
  /// (64 bytes), as JWS has it (RFC 7518, section 3.4).
  [[nodiscard]] bool has_signed(std::string_view bytes, std::string_view signature) const;
};

/// The keys of a JSON Web Key Set (RFC 7517) that are of a known kind and meant for signatures;
/// others are left out. RSA keys of less than 2048 bits are refused. kInvalidArgument where the
/// text is no set, a key is broken, or none is left.
Result<std::vector<VerifyingKey>> parse_jwks(std::string_view json);

}  // namespace livedata::tenant
