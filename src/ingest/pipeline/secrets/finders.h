#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace livedata::ingest::pipeline {

/// A part of a text: [begin, end).
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The first secret of a kind at or behind `from`; later calls go on behind its end. All of them
/// look at each byte a bounded number of times.
using FindSecret = std::optional<Span> (*)(std::string_view text, std::size_t from);

// Numbers of payment cards: 13 to 19 digits, also in groups, of a known issuer and with a valid
// check digit (ISO/IEC 7812).
std::optional<Span> find_credit_card(std::string_view text, std::size_t from);
std::optional<Span> find_email(std::string_view text, std::size_t from);
std::optional<Span> find_ipv4(std::string_view text, std::size_t from);
std::optional<Span> find_ipv6(std::string_view text, std::size_t from);
/// What stands behind Bearer or Basic (RFC 6750, RFC 7617).
std::optional<Span> find_bearer(std::string_view text, std::size_t from);
/// JSON Web Tokens (RFC 7519), which begin with {" in base64url.
std::optional<Span> find_jwt(std::string_view text, std::size_t from);
/// Identifiers of AWS access keys.
std::optional<Span> find_aws_key(std::string_view text, std::size_t from);
/// PEM blocks (RFC 7468); without an end, all of the rest.
std::optional<Span> find_private_key(std::string_view text, std::size_t from);
/// The password of scheme://user:password@host.
std::optional<Span> find_url_password(std::string_view text, std::size_t from);
/// The value of a member that is_secret_name(): password=x, "token": "x", api-key: x.
std::optional<Span> find_password(std::string_view text, std::size_t from);

/// Whether what has this name is to be kept secret: it ends with password, secret, token, ...
bool is_secret_name(std::string_view name);

struct SecretKind {
  std::string_view name;
  FindSecret find;
  bool by_default = false;
};
/// All of the above.
const std::vector<SecretKind>& secret_kinds();

}  // namespace livedata::ingest::pipeline
