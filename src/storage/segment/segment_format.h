#pragma once

#include <cstdint>
#include <string_view>

/// A segment file, format version 3. Integers little-endian; docs/format.md has the whole grammar.
///
///   file      = header  block*  streams  labels  directory  grams  footer
///   header    = magic[8] version:u32 reserved:u32
///   block     = marker:u32 entry_size:u32 entry_crc:u32 entry  part*   (a BlockEntry and its
///   parts) streams   = zstd: per stream its row count and time bounds, sorted by labels labels =
///   zstd: LabelPostings, which hold the streams' label sets directory = zstd: the BlockEntry of
///   every block, a second time grams     = the gram filter over all lines; empty when there is one
///   block only footer    = fixed size, at the end: place and CRC-32C of the four parts, own
///   CRC-32C, magic[8]
///
/// Rows are sorted by stream and within one by time, so a block holds a run of adjacent streams.
/// Each block describes itself, so that the directory can be rebuilt from the blocks.
namespace livedata::storage::segment {

constexpr std::string_view kHeaderMagic = "LDSEGMNT";
constexpr std::string_view kFooterMagic = "LDSEGEND";
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kHeaderBytes = 16;
constexpr std::uint32_t kBlockMarker = 0x4B42'444C;  // "LDBK"
constexpr std::size_t kBlockHeaderBytes = 12;

/// The parts behind the blocks, in the footer's order.
enum Part : std::size_t { kStreamsPart, kLabelsPart, kDirectoryPart, kGramsPart, kNumParts };

/// offset:u64 size:u64 raw_size:u64 crc:u32 for each part, then rows:u64 min:u64 max:u64,
/// footer_crc:u32, magic[8]. raw_size is 0 for a part that is not compressed.
constexpr std::size_t kPartEntryBytes = 28;
constexpr std::size_t kFooterBytes = kNumParts * kPartEntryBytes + 3 * 8 + 4 + 8;

/// Largest uncompressed size of a metadata part that is read.
constexpr std::uint64_t kMaxPartBytes = std::uint64_t{1} << 28U;

}  // namespace livedata::storage::segment
