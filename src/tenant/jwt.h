#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "tenant/identity.h"
#include "tenant/jwks.h"

namespace livedata::tenant {

/// What a token must say, and where it says whose it is.
struct JwtRules {
  std::string tenant_claim = "tenant_id";
  std::string roles_claim = "roles";  ///< an array of names, or a text such as "reader writer"
  std::string issuer;                 ///< "iss" must be this; empty: anything
  std::string audience;               ///< "aud" must be or hold this; empty: anything
  std::chrono::seconds leeway{60};    ///< by which clocks may differ
};

/// Whether the text has the shape of a JSON Web Token in its compact form (RFC 7515, section 7.1).
bool looks_like_jwt(std::string_view text);

/// Checks the signature by the key that the header names (by any, where it names none), `exp`,
/// `nbf`, issuer and audience, and takes tenant, roles and subject from the claims, all of which
/// must be there. kUnauthenticated says what is wrong.
Result<Identity> verify_jwt(std::string_view text, const std::vector<VerifyingKey>& keys,
                            const JwtRules& rules, TimestampNs now);

}  // namespace livedata::tenant
