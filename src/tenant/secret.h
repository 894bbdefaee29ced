#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace livedata::tenant {

/// Fills with random bytes that nobody can foresee.
using RandomBytes = std::function<void(std::span<unsigned char>)>;
/// The operating system's.
RandomBytes system_random();

/// Bytes as base64url without padding (RFC 4648, section 5).
std::string base64url(std::span<const unsigned char> bytes);

/// Argon2id (RFC 9106) with 19 MiB, two passes and a salt of 16 bytes, as text in the PHC format.
/// Takes some 20 ms, on purpose.
std::string hash_secret(std::string_view secret, const RandomBytes& random);
/// Whether the secret is the one whose hash this is; false for what is no such hash, or one that
/// would take more than 256 MiB or 16 passes.
bool is_secret(std::string_view hash, std::string_view secret);
/// Whether the text has the shape that hash_secret() gives, within the bounds of is_secret().
bool is_secret_hash(std::string_view text);

/// In a time that depends on the sizes alone.
bool is_equal_secret(std::string_view a, std::string_view b);

/// SHA-256 of the text, 32 bytes: what is compared and kept in memory instead of a secret that was
/// made by us and can't be guessed.
std::string digest(std::string_view text);

}  // namespace livedata::tenant
