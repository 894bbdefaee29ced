#include "server/net/tls_context.h"

#include <openssl/ssl.h>

namespace livedata::server {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Result<void> check(std::string_view what, const std::string& file, const error_code& error) {
  if (!error) return {};
  return fail(ErrorCode::kInvalidArgument, "can't use '{}' as the {} of TLS: {}", file, what,
              error.message());
}

}  // namespace

Result<std::shared_ptr<ssl::context>> make_tls_context(const TlsOptions& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // OpenSSL would ask for the password of an encrypted key on the terminal.
  context->set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  context->use_certificate_chain_file(options.certificate, error);
  LIVEDATA_RETURN_IF_ERROR(check("certificate", options.certificate, error));
  context->use_private_key_file(options.key, ssl::context::pem, error);
  LIVEDATA_RETURN_IF_ERROR(check("key", options.key, error));
  if (!options.client_ca.empty()) {
    context->load_verify_file(options.client_ca, error);
    LIVEDATA_RETURN_IF_ERROR(check("authority for clients", options.client_ca, error));
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error);
    LIVEDATA_RETURN_IF_ERROR(check("authority for clients", options.client_ca, error));
    // Sessions are resumed only within one context of a name (OpenSSL wants one with client
    // certificates).
    static constexpr unsigned char kName[] = "livedata";
    ::SSL_CTX_set_session_id_context(context->native_handle(), kName, sizeof kName - 1);
  }
  return context;
}

}  // namespace livedata::server
