#include "ingest/fluent/handshake.h"

#include <array>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "ingest/fluent/msgpack.h"

namespace livedata::ingest::fluent {
namespace {

// PING: type, hostname, salt, digest of the shared key, user name, digest of the password.
constexpr std::size_t kPingParts = 6;
constexpr std::size_t kHostname = 1;
constexpr std::size_t kSalt = 2;
constexpr std::size_t kDigest = 3;

std::string sha512_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha512(), nullptr) != 1)
    return {};
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest.at(i));
  return out;
}

/// Takes the same time wherever the texts differ.
bool are_equal(std::string_view a, std::string_view b) {
  return !a.empty() && a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string pong(bool accepted, std::string_view reason, std::string_view hostname,
                 std::string_view digest) {
  std::string out;
  append_msgpack_array(5, out);
  append_msgpack_string("PONG", out);
  append_msgpack_bool(accepted, out);
  append_msgpack_string(reason, out);
  append_msgpack_string(hostname, out);
  append_msgpack_string(digest, out);
  return out;
}

}  // namespace

std::string Handshake::hello() const {
  std::string out;
  append_msgpack_array(2, out);
  append_msgpack_string("HELO", out);
  append_msgpack_map(3, out);
  append_msgpack_string("nonce", out);
  append_msgpack_binary(nonce_, out);
  append_msgpack_string("auth", out);  // "": no users
  append_msgpack_binary("", out);
  append_msgpack_string("keepalive", out);
  append_msgpack_bool(true, out);
  return out;
}

std::string Handshake::digest(std::string_view salt, std::string_view hostname) const {
  return sha512_hex(fmt::format("{}{}{}{}", salt, hostname, nonce_, shared_key_));
}

/// The client's salt, if it has proven that it knows the key.
Result<std::string_view> Handshake::read_salt(std::string_view message) const {
  MsgpackReader reader(message);
  LIVEDATA_TRY(const MsgpackValue array, reader.next());
  if (array.type != MsgpackValue::Type::kArray || array.count != kPingParts)
    return fail(ErrorCode::kUnauthenticated, "invalid ping message");
  std::array<std::string_view, kPingParts> parts;
  for (std::string_view& part : parts) {
    LIVEDATA_TRY(const MsgpackValue value, reader.next());
    if (!value.is_text()) return fail(ErrorCode::kUnauthenticated, "invalid ping message");
    part = value.bytes;
  }
  if (parts[0] != "PING") return fail(ErrorCode::kUnauthenticated, "invalid ping message");
  if (!are_equal(parts[kDigest], digest(parts[kSalt], parts[kHostname])))
    return fail(ErrorCode::kUnauthenticated, "shared_key mismatch");
  return parts[kSalt];
}

Handshake::Verdict Handshake::check(std::string_view message) const {
  const auto salt = read_salt(message);
  if (!salt) return {false, salt.error().message, pong(false, salt.error().message, "", "")};
  return {true, "", pong(true, "", server_hostname_, digest(*salt, server_hostname_))};
}

}  // namespace livedata::ingest::fluent
