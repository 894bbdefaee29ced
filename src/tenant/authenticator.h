#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "tenant/identity.h"
#include "tenant/jwt.h"
#include "tenant/network.h"
#include "tenant/token_store.h"

namespace livedata::tenant {

/// What an identity has that does not come from a token: in the configuration, by hand.
struct Grant {
  std::string name;  ///< of a user, or the subject of a certificate
  TenantId tenant = TenantId::single();
  Roles roles;
  std::vector<std::string> other_tenants = {};
  std::vector<LabelMatcher> streams = {};
};

struct User {
  Grant grant;
  std::string password_hash;  ///< see hash_secret()
};

struct TrustedNetwork {
  Network network;
  Grant grant;
};

struct AuthenticatorOptions {
  bool enabled = false;  ///< else everybody is an admin
  /// Without authentication: whether requests choose their tenant by a header. With it, identities
  /// say which they may choose.
  bool multi_tenant = false;
  std::vector<User> users = {};
  std::vector<Grant> certificates = {};       ///< by subject, of certificates that were verified
  std::vector<TrustedNetwork> networks = {};  ///< for protocols without credentials
  std::vector<VerifyingKey> jwt_keys = {};    ///< empty: no JSON Web Tokens
  JwtRules jwt = {};
};

/// What a request or a connection says of who sends it. Views into the request.
struct Credentials {
  std::string_view authorization = {};  ///< the HTTP header of this name
  std::string_view api_key = {};        ///< a token by itself, as in DD-API-KEY
  /// Common name or DNS name of a client's certificate that was verified; "" without one.
  std::string_view certificate = {};
  std::string_view address = {};  ///< of a sender that can't show anything else; "" elsewhere
  std::string_view tenant = {};   ///< that it wants to work with; "": its own
};

/// Settles who somebody is. Thread-safe.
class Authenticator {
 public:
  /// `tokens` may be null: there are none. Both must outlive the object.
  Authenticator(AuthenticatorOptions options, TokenStore* tokens, const Clock& clock,
                const RandomBytes& random);

  [[nodiscard]] bool is_enabled() const { return options_.enabled; }
  /// kUnauthenticated: nothing was shown, or what is not good; kPermissionDenied: the named tenant
  /// is not its own; kInvalidArgument: it can't be a tenant; kResourceExhausted: too many passwords
  /// are being checked.
  Result<Identity> authenticate(const Credentials& credentials) const;
  /// The same for a name and a password, of the page where one signs in.
  Result<Identity> sign_in(std::string_view user, std::string_view password) const;

 private:
  Result<Identity> identify(const Credentials& credentials) const;
  Result<Identity> by_header(std::string_view header) const;
  Result<Identity> by_token(std::string_view token) const;
  Result<Identity> by_basic(std::string_view encoded) const;
  Result<Identity> by_certificate(std::string_view subject) const;
  Result<Identity> by_address(std::string_view address) const;
  bool is_password(const User& user, std::string_view password) const LIVEDATA_EXCLUDES(mutex_);

  const AuthenticatorOptions options_;
  TokenStore* const tokens_;
  const Clock& clock_;
  std::string salt_;  // of the digests below, which are of secrets that people chose
  mutable std::atomic<int> hashing_{0};
  mutable Mutex mutex_;
  // By user: the digest of the password that was found right.
  mutable std::unordered_map<std::string, std::string> verified_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::tenant
