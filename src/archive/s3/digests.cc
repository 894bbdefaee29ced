#include "archive/s3/digests.h"

#include <array>
#include <climits>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/hash.h"
#include "encoding/base64.h"

namespace livedata::archive::s3 {
namespace {

std::string digest(const EVP_MD* kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> target{};
  unsigned size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), target.data(), &size, kind, nullptr);
  LIVEDATA_CHECK(done == 1);
  return {reinterpret_cast<const char*>(target.data()), size};
}

}  // namespace

std::string sha256(std::string_view bytes) { return digest(EVP_sha256(), bytes); }

std::string md5(std::string_view bytes) { return digest(EVP_md5(), bytes); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> target{};
  unsigned size = 0;
  LIVEDATA_CHECK(key.size() <= INT_MAX);
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), target.data(), &size);
  return {reinterpret_cast<const char*>(target.data()), size};
}

std::string crc32c_base64(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  std::string big_endian;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    big_endian += static_cast<char>(static_cast<unsigned char>(crc >> shift));
  return encoding::base64_encode(big_endian);
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace livedata::archive::s3
