#include "app/syslog_options.h"

#include "app/listen_address.h"

namespace livedata {
namespace {

using Address = server::SyslogOptions::Address;

/// Nothing if the text is empty.
Result<std::optional<Address>> address_of(const std::string& text, bool says_who_they_are) {
  if (text.empty()) return std::nullopt;
  LIVEDATA_TRY(
      ListenAddress address,
      listen_address(
          text, says_who_they_are,
          "nobody is asked who they are: set auth.enabled, or syslog.tls_client_ca with TLS, "));
  return Address{std::move(address.host), address.port};
}

}  // namespace

Result<server::SyslogOptions> syslog_options(const Config& config) {
  server::SyslogOptions options;
  LIVEDATA_TRY(options.address, address_of(config.syslog_listen,
                                           (config.allow_unauthenticated || config.auth_enabled)));
  LIVEDATA_TRY(
      options.tls_address,
      address_of(config.syslog_tls_listen, (config.allow_unauthenticated || config.auth_enabled) ||
                                               !config.syslog_tls_client_ca.empty()));
  if (options.tls_address &&
      (config.syslog_tls_certificate.empty() || config.syslog_tls_key.empty())) {
    return fail(ErrorCode::kInvalidArgument,
                "syslog.tls_listen needs syslog.tls_certificate and syslog.tls_key");
  }
  options.tls = {config.syslog_tls_certificate, config.syslog_tls_key, config.syslog_tls_client_ca};
  options.max_connections = config.syslog_max_connections;
  options.max_connections_per_address = config.syslog_max_connections_per_address;
  options.idle_timeout = config.syslog_idle_timeout;
  options.udp_queue_bytes = config.syslog_udp_memory_bytes;
  return options;
}

}  // namespace livedata
