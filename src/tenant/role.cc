#include "tenant/role.h"

#include <array>
#include <utility>

namespace livedata::tenant {
namespace {

constexpr std::array<std::string_view, 5> kRoleNames = {"writer", "reader", "admin", "auditor",
                                                        "service"};
constexpr std::array<std::pair<std::string_view, Role>, 4> kOtherNames = {{
    {"log-writer", Role::kWriter},
    {"log-reader", Role::kReader},
    {"audit-reader", Role::kAuditor},
    {"service-account", Role::kService},
}};

Result<Role> parse_role(std::string_view text) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (text == kRoleNames.at(i)) return static_cast<Role>(i);
  }
  for (const auto& [other, role] : kOtherNames) {
    if (text == other) return role;
  }
  return fail(ErrorCode::kInvalidArgument,
              "'{}' is not a role; roles are writer, reader, admin, auditor and service",
              text.substr(0, 64));
}

}  // namespace

std::string_view name(Role role) { return kRoleNames.at(static_cast<std::size_t>(role)); }

std::string_view name(Permission permission) {
  switch (permission) {
    case Permission::kWrite:
      return "write";
    case Permission::kRead:
      return "read";
    case Permission::kAudit:
      return "audit";
    case Permission::kAdminister:
      break;
  }
  return "administer";
}

Result<Roles> Roles::parse(std::string_view list) {
  Roles roles;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(", "), list.size());
    if (end > 0) {
      LIVEDATA_TRY(const Role role, parse_role(list.substr(0, end)));
      roles.add(role);
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return roles;
}

bool Roles::allow(Permission permission) const {
  if (has(Role::kAdmin)) return true;
  switch (permission) {
    case Permission::kWrite:
      return has(Role::kWriter) || has(Role::kService);
    case Permission::kRead:
      return has(Role::kReader) || has(Role::kService);
    case Permission::kAudit:
      return has(Role::kAuditor);
    case Permission::kAdminister:
      break;
  }
  return false;
}

std::string Roles::text() const {
  std::string out;
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (!has(static_cast<Role>(i))) continue;
    if (!out.empty()) out += ',';
    out += kRoleNames.at(i);
  }
  return out;
}

}  // namespace livedata::tenant
