#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "tenant/role.h"

namespace livedata::server {

/// What somebody must be allowed to do for a route to take their request.
struct RoutePermission {
  std::string_view methods;                  ///< such as "GET|POST"; "*": all that the route takes
  std::string_view path;                     ///< the route's pattern, as the router has it
  std::optional<tenant::Permission> needed;  ///< nullopt: everybody may, known or not
};

/// Who may do what: the one table. A route that is not in it is open to admins alone.
std::span<const RoutePermission> route_permissions();

/// The row of a route; nullptr: it is not in the table.
const RoutePermission* find_permission(std::string_view method, std::string_view path);

}  // namespace livedata::server
