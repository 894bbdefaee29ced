#include "server/api/permissions.h"

#include <algorithm>
#include <array>

namespace livedata::server {
namespace {

using tenant::Permission;

constexpr std::optional<Permission> kAnybody = std::nullopt;
constexpr Permission kWrite = Permission::kWrite;
constexpr Permission kRead = Permission::kRead;
constexpr Permission kAudit = Permission::kAudit;
constexpr Permission kAdminister = Permission::kAdminister;

// Paths may end with "**", which stands for any rest of a route's pattern.
constexpr auto kRows = std::to_array<RoutePermission>({
    // Whether the process lives, for those who start and stop it.
    {"*", "/ready", kAnybody},
    {"*", "/healthz", kAnybody},
    {"*", "/health", kAnybody},
    {"*", "/services/collector/health**", kAnybody},
    {"OPTIONS", "/services/collector**", kAnybody},
    // Signing in and out.
    {"*", "/api/v1/session", kAnybody},

    // What takes records, and what senders ask before they send.
    {"*", "/loki/api/v1/push", kWrite},
    {"*", "/api/prom/push", kWrite},
    {"*", "/api/v1/push", kWrite},
    {"*", "/api/v1/logs", kWrite},
    {"*", "/ingest", kWrite},
    {"*", "/otlp/v1/**", kWrite},
    {"*", "/v1/**", kWrite},
    {"*", "/upload", kWrite},
    {"*", "/api/v1/journal/upload", kWrite},
    {"*", "/services/collector**", kWrite},
    {"*", "/api/v2/logs**", kWrite},
    {"*", "/v1/input**", kWrite},
    {"*", "/api/v1/validate", kWrite},
    {"POST", "/api/v1/records", kWrite},
    {"*", "/datadog/**", kWrite},
    {"*", "/insert/**", kWrite},
    {"*", "/elasticsearch**", kWrite},
    {"*", "/_**", kWrite},
    {"*", "/*/_**", kWrite},
    {"*", "/*/*/_**", kWrite},
    {"*", "/*", kWrite},
    {"*", "/", kWrite},

    // What answers of records.
    {"*", "/loki/api/v1/query", kRead},
    {"*", "/loki/api/v1/query_range", kRead},
    {"*", "/loki/api/v1/format_query", kRead},
    {"*", "/loki/api/v1/labels", kRead},
    {"*", "/loki/api/v1/label", kRead},
    {"*", "/loki/api/v1/label/*/values", kRead},
    {"*", "/loki/api/v1/series", kRead},
    {"*", "/loki/api/v1/tail", kRead},
    {"*", "/loki/api/v1/patterns", kRead},
    {"*", "/loki/api/v1/index/**", kRead},
    {"*", "/loki/api/v1/detected_labels", kRead},
    {"*", "/loki/api/v1/detected_fields", kRead},
    {"*", "/loki/api/v1/detected_field/*/values", kRead},
    {"*", "/loki/api/v1/status/buildinfo", kRead},
    {"*", "/loki/api/v1/drilldown-limits", kRead},
    {"*", "/api/prom/query", kRead},
    {"*", "/api/prom/label**", kRead},
    {"*", "/api/prom/series", kRead},
    {"*", "/api/prom/tail", kRead},
    {"*", "/api/v1/query", kRead},
    {"GET", "/api/v1/records", kRead},
    {"*", "/api/v1/tail", kRead},
    {"*", "/api/v1/search", kRead},
    {"GET", "/api/v1/lookups**", kRead},
    {"*", "/api/v1/sql", kRead},
    {"*", "/api/v1/sql/schema", kRead},
    {"*", "/api/v1/around**", kRead},
    {"*", "/api/v1/spikes", kRead},
    {"*", "/api/v1/hosts", kRead},
    {"*", "/api/v1/diff", kRead},
    {"GET", "/api/v1/queries", kRead},
    {"GET", "/api/v1/queries/*", kRead},
    {"*", "/api/v1/queries/*/run", kRead},
    {"*", "/prometheus/api/v1/rules", kRead},
    {"*", "/prometheus/api/v1/alerts", kRead},
    {"*", "/config/tenant/v1/limits", kRead},
    {"*", "/services", kRead},
    {"*", "/api/v1/status", kRead},
    {"*", "/api/v1/endpoints", kRead},
    {"*", "/metrics", kRead},
    {"*", "/metrics/host", kRead},

    {"*", "/api/v1/audit", kAudit},

    // What changes more than it adds, or tells of all tenants.
    {"*", "/loki/api/v1/delete", kAdminister},
    {"PUT|DELETE", "/api/v1/queries/*", kAdminister},
    {"PUT|DELETE", "/api/v1/lookups/*", kAdminister},
    {"*", "/api/v1/remotes", kAdminister},
    {"*", "/api/v1/tokens**", kAdminister},
    {"*", "/config", kAdminister},
});

bool holds_method(std::string_view methods, std::string_view method) {
  if (methods == "*") return true;
  if (method == "HEAD") method = "GET";
  while (!methods.empty()) {
    const std::string_view one = methods.substr(0, methods.find('|'));
    if (one == method) return true;
    methods.remove_prefix(std::min(one.size() + 1, methods.size()));
  }
  return false;
}

bool is_of(std::string_view pattern, std::string_view path) {
  if (!pattern.ends_with("**")) return pattern == path;
  return path.starts_with(pattern.substr(0, pattern.size() - 2));
}

}  // namespace

std::span<const RoutePermission> route_permissions() { return kRows; }

const RoutePermission* find_permission(std::string_view method, std::string_view path) {
  const auto* const found = std::find_if(kRows.begin(), kRows.end(), [&](const auto& row) {
    return holds_method(row.methods, method) && is_of(row.path, path);
  });
  return found == kRows.end() ? nullptr : &*found;
}

}  // namespace livedata::server
