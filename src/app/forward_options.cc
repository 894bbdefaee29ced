#include "app/forward_options.h"

#include <optional>

#include "server/net/listen_address.h"

namespace livedata {
namespace {

using Address = server::ForwardOptions::Address;

/// Nothing if the text is empty.
Result<std::optional<Address>> address_of(const std::string& text, bool is_authenticated) {
  if (text.empty()) return std::nullopt;
  LIVEDATA_TRY(const auto address, server::parse_listen_address(text));
  if (!server::is_loopback(address.first) && !is_authenticated) {
    return fail(ErrorCode::kInvalidArgument,
                "{} can be reached by other machines, and nothing says who they are; set "
                "forward.shared_key, or forward.tls_client_ca for TLS, or listen on 127.0.0.1, or "
                "add --allow-unauthenticated if the network is trusted",
                text);
  }
  return Address{address.first, address.second};
}

}  // namespace

Result<server::ForwardOptions> forward_options(const Config& config) {
  const bool is_open = config.allow_unauthenticated || !config.forward_shared_key.empty();
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

std::string addresses_of(const server::ForwardServer& server,
                         const server::ForwardOptions& options) {
  std::string text;
  const auto add = [&text](const Address& address, std::uint16_t port, std::string_view transport) {
    const bool is_v6 = address.host.find(':') != std::string::npos;
    text += fmt::format("{}{}{}{}:{} ({})", text.empty() ? "" : ", ", is_v6 ? "[" : "",
                        address.host, is_v6 ? "]" : "", port, transport);
  };
  if (options.address) add(*options.address, server.port(), "TCP");
  if (options.tls_address) add(*options.tls_address, server.tls_port(), "TLS");
  return text;
}

}  // namespace livedata
