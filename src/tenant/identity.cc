#include "tenant/identity.h"

#include <algorithm>

namespace livedata::tenant {
namespace {

std::string_view roles_that(Permission permission) {
  switch (permission) {
    case Permission::kWrite:
      return "writer, service or admin";
    case Permission::kRead:
      return "reader, service or admin";
    case Permission::kAudit:
      return "auditor or admin";
    case Permission::kAdminister:
      break;
  }
  return "admin";
}

}  // namespace

std::string_view name(Proof proof) {
  switch (proof) {
    case Proof::kNone:
      return "none";
    case Proof::kToken:
      return "token";
    case Proof::kPassword:
      return "password";
    case Proof::kCertificate:
      return "certificate";
    case Proof::kJwt:
      return "jwt";
    case Proof::kAddress:
      break;
  }
  return "address";
}

Result<Identity> Identity::for_tenant(std::string_view named) const {
  if (named.empty() || named == tenant.text()) return *this;
  LIVEDATA_TRY(TenantId other, TenantId::parse(named));
  const bool may = std::any_of(other_tenants.begin(), other_tenants.end(),
                               [&](const std::string& one) { return one == "*" || one == named; });
  if (!may) {
    return fail(ErrorCode::kPermissionDenied,
                "'{}' belongs to the tenant '{}' and may not name the tenant '{}'", name,
                tenant.text(), other.text());
  }
  Identity changed = *this;
  changed.tenant = std::move(other);
  return changed;
}

Result<void> Identity::check(Permission permission) const {
  if (roles.allow(permission)) return {};
  return fail(ErrorCode::kPermissionDenied,
              "'{}' may not {} in the tenant '{}': that needs the role {}, it has {}", name,
              tenant::name(permission), tenant.text(), roles_that(permission),
              roles.empty() ? "none" : roles.text());
}

}  // namespace livedata::tenant
