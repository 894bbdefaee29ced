#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// A record log: a file of checksummed byte strings, appended one behind the other. The WAL and the
/// manifest are record logs. All integers little-endian.
///
///   file    = magic[8] version:u32 reserved:u32  record*
///   record  = marker:u32 length:u32 payload_crc:u32 header_crc:u32  payload[length]
///
/// header_crc is the CRC-32C of the 12 bytes before it, payload_crc that of the payload. The header
/// has a checksum of its own, so that a record with a damaged payload can be stepped over by its
/// length, and a marker, so that after a damaged header the next record can be looked for.
namespace livedata::storage::record_log {

constexpr std::string_view kMagic = "LDRECLOG";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFileHeaderBytes = 16;
constexpr std::uint32_t kMarker = 0xA7D3'1C5E;
constexpr std::size_t kRecordHeaderBytes = 16;
constexpr std::size_t kMaxPayloadBytes = std::size_t{1} << 30U;

}  // namespace livedata::storage::record_log
