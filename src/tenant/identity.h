#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/label_matcher.h"
#include "model/tenant_id.h"
#include "tenant/role.h"

namespace livedata::tenant {

/// How somebody showed who they are.
enum class Proof : std::uint8_t {
  kNone,  ///< authentication is off
  kToken,
  kPassword,
  kCertificate,
  kJwt,
  kAddress,  ///< where the sender is, by a map of networks
};

/// "none", "token", "password", "certificate", "jwt" or "address".
std::string_view name(Proof proof);

/// Tenants whose names begin so are livedata's own: no identity works with them.
constexpr char kReservedPrefix = '_';

/// Who asks, as far as it was proved: settled once when a request or connection arrives, then
/// carried along. Immutable.
struct Identity {
  std::string name;  ///< of the token, user, certificate or subject: for people and the audit log
  Proof proof = Proof::kNone;
  TenantId tenant = TenantId::single();  ///< whose data it works with
  Roles roles;
  /// Other tenants that it may name instead of its own; "*" stands for any.
  std::vector<std::string> other_tenants = {};
  /// Only streams whose labels match are there for it, to write to and to read; empty: all.
  std::vector<LabelMatcher> streams = {};
  std::optional<TimestampNs> expires = {};

  /// Somebody on a server without authentication.
  static Identity anyone() { return {.name = "anyone", .roles = {Role::kAdmin}}; }

  /// The same identity with the tenant that a request names, if it may.
  /// kPermissionDenied otherwise; kInvalidArgument where the text is no tenant at all.
  [[nodiscard]] Result<Identity> for_tenant(std::string_view named) const;
  /// kPermissionDenied tells which role would do.
  [[nodiscard]] Result<void> check(Permission permission) const;
};

}  // namespace livedata::tenant
