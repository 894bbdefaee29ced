#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::tenant {

/// What somebody may be to a tenant. An admin may do everything; a service writes and reads, and
/// is meant to be restricted to some streams.
enum class Role : std::uint8_t { kWriter, kReader, kAdmin, kAuditor, kService };

/// What a request needs.
enum class Permission : std::uint8_t {
  kWrite,       ///< add records
  kRead,        ///< ask for records, and what is known of them
  kAudit,       ///< read who did what
  kAdminister,  ///< change what is kept, who may do what, rules and settings
};

/// "writer", "reader", "admin", "auditor" or "service".
std::string_view name(Role role);
/// "write", "read", "audit" or "administer".
std::string_view name(Permission permission);

/// A set of roles.
class Roles {
 public:
  Roles() = default;
  Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) add(role);
  }
  /// A list such as "reader, writer"; the names log-writer, log-reader, audit-reader and
  /// service-account are taken as well. kInvalidArgument names what is no role.
  static Result<Roles> parse(std::string_view list);

  void add(Role role) { bits_ = static_cast<std::uint8_t>(bits_ | bit(role)); }
  [[nodiscard]] bool has(Role role) const { return (bits_ & bit(role)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  [[nodiscard]] bool allow(Permission permission) const;
  /// As parse() reads it, in the order of the enumeration.
  [[nodiscard]] std::string text() const;
  bool operator==(const Roles&) const = default;

 private:
  static std::uint8_t bit(Role role) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace livedata::tenant
