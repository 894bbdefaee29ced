#pragma once

#include <string>
#include <string_view>

namespace livedata::archive::s3 {

/// 32 bytes.
std::string sha256(std::string_view bytes);
/// 32 bytes (RFC 2104).
std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// 16 bytes. Against accidents only, as S3's Content-MD5 and ETag are.
std::string md5(std::string_view bytes);
/// Base64 of the four bytes of a CRC-32C, as S3 writes it.
std::string crc32c_base64(std::string_view bytes);
/// In lower case.
std::string hex(std::string_view bytes);

}  // namespace livedata::archive::s3
