#include "app/forward_options.h"

#include <optional>

#include "app/listen_address.h"

namespace livedata {
namespace {

using Address = server::ForwardOptions::Address;

/// Nothing if the text is empty.
Result<std::optional<Address>> address_of(const std::string& text, bool says_who_they_are) {
  if (text.empty()) return std::nullopt;
  LIVEDATA_TRY(ListenAddress address,
               listen_address(text, says_who_they_are,
                              "nothing says who they are; set forward.shared_key, or "
                              "forward.tls_client_ca for TLS, or "));
  return Address{std::move(address.host), address.port};
}

}  // namespace

Result<server::ForwardOptions> forward_options(const Config& config) {
  const bool is_open =
      config.allow_unauthenticated || config.auth_enabled || !config.forward_shared_key.empty();
  server::ForwardOptions options;
  LIVEDATA_TRY(options.address, address_of(config.forward_listen, is_open));
  LIVEDATA_TRY(options.tls_address, address_of(config.forward_tls_listen,
                                               is_open || !config.forward_tls_client_ca.empty()));
  if (options.tls_address &&
      (config.forward_tls_certificate.empty() || config.forward_tls_key.empty())) {
    return fail(ErrorCode::kInvalidArgument,
                "forward.tls_listen needs forward.tls_certificate and forward.tls_key");
  }
  options.tls = {config.forward_tls_certificate, config.forward_tls_key,
                 config.forward_tls_client_ca};
  options.shared_key = config.forward_shared_key;
  options.max_connections = config.forward_max_connections;
  options.max_connections_per_address = config.forward_max_connections_per_address;
  return options;
}

}  // namespace livedata
