#include "tenant/authenticator.h"

#include <algorithm>
#include <array>

#include "encoding/base64.h"

namespace livedata::tenant {
namespace {

constexpr int kMaxHashing = 4;  // at the same time: each takes 19 MiB and a core
constexpr std::size_t kMaxHeaderBytes = std::size_t{20} << 10U;

tl::unexpected<Error> not_shown() {
  return fail(ErrorCode::kUnauthenticated,
              "this server wants to know who asks: send 'Authorization: Bearer <token>', or a "
              "name and a password; `livedata token create` makes a token");
}

tl::expected<Identity, Error> not_reserved(Identity identity) {
  if (!identity.tenant.text().starts_with(kReservedPrefix)) return identity;
  return fail(ErrorCode::kPermissionDenied,
              "nobody may work with the tenant '{}', which is livedata's own",
              identity.tenant.text());
}

tl::unexpected<Error> wrong_password() {
  return fail(ErrorCode::kUnauthenticated, "the name or the password is wrong");
}

Identity identity_of(const Grant& grant, Proof proof) {
  return {.name = grant.name,
          .proof = proof,
          .tenant = grant.tenant,
          .roles = grant.roles,
          .other_tenants = grant.other_tenants,
          .streams = grant.streams};
}

bool has_prefix_without_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

/// One of those who are hashing at the moment.
class Place {
 public:
  explicit Place(std::atomic<int>& taken) : taken_(taken), number_(taken.fetch_add(1)) {}
  ~Place() { taken_.fetch_sub(1); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  std::atomic<int>& taken_;
  const int number_;
};

}  // namespace

Authenticator::Authenticator(AuthenticatorOptions options, TokenStore* tokens, const Clock& clock,
                             const RandomBytes& random)
    : options_(std::move(options)), tokens_(tokens), clock_(clock) {
  std::array<unsigned char, 16> salt{};
  random(salt);
  salt_ = base64url(salt);
}

Result<Identity> Authenticator::authenticate(const Credentials& credentials) const {
  if (!options_.enabled) {
    Identity anyone = Identity::anyone();
    if (!options_.multi_tenant) return anyone;
    anyone.other_tenants = {"*"};
    return anyone.for_tenant(credentials.tenant).and_then(not_reserved);
  }
  LIVEDATA_TRY(const Identity identity, identify(credentials));
  return identity.for_tenant(credentials.tenant).and_then(not_reserved);
}

Result<Identity> Authenticator::identify(const Credentials& credentials) const {
  if (!credentials.authorization.empty()) return by_header(credentials.authorization);
  if (!credentials.api_key.empty()) return by_token(credentials.api_key);
  if (!credentials.certificate.empty()) return by_certificate(credentials.certificate);
  if (!credentials.address.empty()) return by_address(credentials.address);
  return not_shown();
}

Result<Identity> Authenticator::by_header(std::string_view header) const {
  if (header.size() > kMaxHeaderBytes)
    return fail(ErrorCode::kUnauthenticated, "the header Authorization is too long");
  const auto behind = [header](std::string_view scheme) {
    std::string_view rest = header.substr(scheme.size());
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    while (rest.ends_with(' ')) rest.remove_suffix(1);
    return rest;
  };
  for (const std::string_view scheme : {"bearer ", "splunk ", "token "}) {
    if (has_prefix_without_case(header, scheme)) return by_token(behind(scheme));
  }
  if (has_prefix_without_case(header, "basic ")) return by_basic(behind("basic "));
  if (has_prefix_without_case(header, "apikey ")) {
    // Elasticsearch's: base64 of "<id>:<key>", of which the key is a token of ours.
    const std::string decoded = encoding::base64_decode(behind("apikey ")).value_or(std::string());
    const std::size_t colon = decoded.find(':');
    return by_token(std::string_view(decoded).substr(colon == std::string::npos ? 0 : colon + 1));
  }
  return fail(ErrorCode::kUnauthenticated,
              "the header Authorization must begin with Bearer, Basic, Splunk, Token or ApiKey");
}

Result<Identity> Authenticator::by_token(std::string_view token) const {
  if (!options_.jwt_keys.empty() && looks_like_jwt(token))
    return verify_jwt(token, options_.jwt_keys, options_.jwt, clock_.now());
  if (tokens_ == nullptr)
    return fail(ErrorCode::kUnauthenticated, "the token is not known here, or was revoked");
  return tokens_->verify(token);
}

Result<Identity> Authenticator::by_basic(std::string_view encoded) const {
  const auto decoded = encoding::base64_decode(encoded);
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos)
    return fail(ErrorCode::kUnauthenticated, "the header Authorization is no name and password");
  const std::string_view user = std::string_view(*decoded).substr(0, colon);
  const std::string_view password = std::string_view(*decoded).substr(colon + 1);
  return sign_in(user, password);
}

Result<Identity> Authenticator::sign_in(std::string_view user, std::string_view password) const {
  // Agents that know passwords only send a token as one, beside any name.
  if (split_token(password)) return by_token(password);
  const auto found = std::find_if(options_.users.begin(), options_.users.end(),
                                  [user](const User& one) { return one.grant.name == user; });
  if (found == options_.users.end()) return wrong_password();
  const Place place(hashing_);
  if (place.number() >= kMaxHashing) {
    return fail(ErrorCode::kResourceExhausted,
                "too many passwords are being checked; try again in a moment");
  }
  if (!is_password(*found, password)) return wrong_password();
  return identity_of(found->grant, Proof::kPassword);
}

bool Authenticator::is_password(const User& user, std::string_view password) const {
  const std::string presented = digest(salt_ + std::string(password));
  {
    const MutexLock lock(mutex_);
    const auto before = verified_.find(user.grant.name);
    if (before != verified_.end() && is_equal_secret(before->second, presented)) return true;
  }
  if (!is_secret(user.password_hash, password)) return false;
  const MutexLock lock(mutex_);
  verified_[user.grant.name] = presented;
  return true;
}

Result<Identity> Authenticator::by_certificate(std::string_view subject) const {
  const auto found = std::find_if(options_.certificates.begin(), options_.certificates.end(),
                                  [subject](const Grant& one) { return one.name == subject; });
  if (found == options_.certificates.end()) {
    return fail(ErrorCode::kUnauthenticated,
                "the certificate of '{}' is good, but nobody here is known by it",
                subject.substr(0, 100));
  }
  return identity_of(*found, Proof::kCertificate);
}

Result<Identity> Authenticator::by_address(std::string_view address) const {
  const TrustedNetwork* narrowest = nullptr;
  for (const TrustedNetwork& one : options_.networks) {
    if (!one.network.holds(address)) continue;
    if (narrowest == nullptr || one.network.prefix_bits() > narrowest->network.prefix_bits())
      narrowest = &one;
  }
  if (narrowest == nullptr) {
    return fail(ErrorCode::kUnauthenticated,
                "senders at {} are not known here; auth.networks names those that are",
                address.substr(0, 64));
  }
  return identity_of(narrowest->grant, Proof::kAddress);
}

}  // namespace livedata::tenant
