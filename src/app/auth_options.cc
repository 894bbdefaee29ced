#include "app/auth_options.h"

#include <fmt/format.h>

#include "ingest/pipeline/settings/options.h"
#include "tenant/secret.h"

namespace livedata {
namespace {

using ingest::pipeline::Node;
using ingest::pipeline::Options;
using ingest::pipeline::Scope;
using tenant::Grant;

constexpr std::size_t kMaxEntries = 10'000;

/// What every entry has beside what it is known by.
Grant read_grant(Options& options, std::string name) {
  Grant grant;
  grant.name = std::move(name);
  auto owner = TenantId::parse(options.text("tenant", TenantId::single().text()));
  if (owner) {
    grant.tenant = *std::move(owner);
  } else {
    options.mistake("tenant", owner.error().message);
  }
  std::string list;
  for (const std::string& role : options.list("roles")) list += role + " ";
  const auto roles = tenant::Roles::parse(list);
  if (!roles) {
    options.mistake("roles", roles.error().message);
  } else if (roles->empty()) {
    options.require("roles", "'roles: [reader]'");
  } else {
    grant.roles = *roles;
  }
  grant.other_tenants = options.list("other_tenants");
  for (const std::string& other : grant.other_tenants) {
    if (other != "*" && !TenantId::parse(other))
      options.mistake("other_tenants", fmt::format("'{}' can't be a tenant", other));
  }
  grant.streams = options.matchers("streams");
  return grant;
}

tenant::User read_user(Options& options) {
  options.require("name", "'name: grafana'");
  tenant::User user{.grant = read_grant(options, options.text("name")),
                    .password_hash = options.text("password_hash")};
  if (!tenant::is_secret_hash(user.password_hash)) {
    options.mistake("password_hash",
                    "it must be an argon2id hash; `livedata token hash-password` makes one");
  }
  return user;
}

Grant read_certificate(Options& options) {
  options.require("subject", "'subject: web1.example.com'");
  return read_grant(options, options.text("subject"));
}

tenant::TrustedNetwork read_network(Options& options) {
  const std::string text = options.text("network");
  auto network = tenant::Network::parse(text);
  if (!network) options.mistake("network", network.error().message);
  Grant grant = read_grant(options, text);
  return {.network = network ? *network : tenant::Network(), .grant = std::move(grant)};
}

/// Reads each map of a list with `read`.
template <class T, class Read>
Result<std::vector<T>> read_list(Options& section, std::string_view name, const Read& read) {
  std::vector<T> out;
  const Node* const list = section.node(name);
  if (list == nullptr) return out;
  if (list->kind != Node::Kind::kList || list->items.size() > kMaxEntries) {
    section.mistake_at(*list, fmt::format("'{}' is a list of {} at most", name, kMaxEntries));
    return out;
  }
  for (const Node& item : list->items) {
    Scope scope = section.scope();
    scope.what = fmt::format("identities, {} {}", name, out.size() + 1);
    Options options(item, std::move(scope));
    out.push_back(read(options));
    LIVEDATA_RETURN_IF_ERROR(options.finish());
  }
  return out;
}

}  // namespace

Result<tenant::AuthenticatorOptions> auth_options(const Config& config, FileSystem& files) {
  tenant::AuthenticatorOptions out;
  out.enabled = config.auth_enabled;
  out.multi_tenant = config.auth_multi_tenant;
  out.jwt = {.tenant_claim = config.auth_jwt_tenant_claim,
             .roles_claim = config.auth_jwt_roles_claim,
             .issuer = config.auth_jwt_issuer,
             .audience = config.auth_jwt_audience};
  if (!config.auth_jwks_file.empty()) {
    auto text = files.read_all(config.auth_jwks_file);
    if (!text) return fail(std::move(text).error().with_context("auth.jwks_file"));
    auto keys = tenant::parse_jwks(*text);
    if (!keys) return fail(std::move(keys).error().with_context(config.auth_jwks_file));
    out.jwt_keys = *std::move(keys);
  }
  LIVEDATA_TRY(const Node node,
               ingest::pipeline::read_section(config.file_text, config.file_name, "identities"));
  if (node.kind == Node::Kind::kNull) return out;
  Options section(node, {.file_name = config.file_name, .what = "identities"});
  LIVEDATA_TRY(out.users, read_list<tenant::User>(section, "users", read_user));
  LIVEDATA_TRY(out.certificates, read_list<Grant>(section, "certificates", read_certificate));
  LIVEDATA_TRY(out.networks, read_list<tenant::TrustedNetwork>(section, "networks", read_network));
  LIVEDATA_RETURN_IF_ERROR(section.finish());
  return out;
}

}  // namespace livedata
