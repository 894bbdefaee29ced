#include "tenant/secret.h"

#include <argon2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "encoding/base64.h"

namespace livedata::tenant {
namespace {

constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKiB = 19U * 1024;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::uint32_t kMaxPasses = 16;
constexpr std::uint32_t kMaxMemoryKiB = 256U * 1024;
constexpr std::size_t kMaxTextBytes = 512;

/// The number behind a key such as "m=", up to the next comma or dollar.
std::optional<std::uint32_t> number_behind(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint32_t number = 0;
  const std::string_view digits = text.substr(at + key.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

RandomBytes system_random() {
  return [](std::span<unsigned char> out) {
    // Only a broken system fails here, and nothing safe can be done on one.
    if (::RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
      throw std::runtime_error("the operating system gives no random bytes");
  };
}

std::string base64url(std::span<const unsigned char> bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL has unsigned bytes
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string out = encoding::base64_encode(text);
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  while (out.ends_with('=')) out.pop_back();
  return out;
}

std::string hash_secret(std::string_view secret, const RandomBytes& random) {
  std::array<unsigned char, kSaltBytes> salt{};
  random(salt);
  std::vector<char> encoded(
      ::argon2_encodedlen(kPasses, kMemoryKiB, 1, kSaltBytes, kHashBytes, Argon2_id));
  const int failure =
      ::argon2id_hash_encoded(kPasses, kMemoryKiB, 1, secret.data(), secret.size(), salt.data(),
                              salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (failure != ARGON2_OK) throw std::runtime_error(::argon2_error_message(failure));
  return encoded.data();
}

bool is_secret_hash(std::string_view text) {
  if (!text.starts_with("$argon2id$") || text.size() > kMaxTextBytes) return false;
  const auto memory = number_behind(text, "m=");
  const auto passes = number_behind(text, ",t=");
  const auto lanes = number_behind(text, ",p=");
  return memory && passes && lanes && *memory <= kMaxMemoryKiB && *passes <= kMaxPasses &&
         *lanes <= 16;
}

bool is_secret(std::string_view hash, std::string_view secret) {
  if (!is_secret_hash(hash)) return false;
  return ::argon2id_verify(std::string(hash).c_str(), secret.data(), secret.size()) == ARGON2_OK;
}

bool is_equal_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string digest(std::string_view text) {
  std::string out(32, '\0');
  unsigned size = 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL has unsigned bytes
  ::EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
               ::EVP_sha256(), nullptr);
  return out;
}

}  // namespace livedata::tenant
