#pragma once

#include <cstdint>
#include <string_view>

/// A segment file, format version 1. Integers little-endian; docs/format.md has the whole grammar.
///
///   file      = header  block*  streams  postings  directory  footer
///   header    = magic[8] version:u32 reserved:u32
///   block     = column part*        one part per column, in the directory's order
///   streams   = zstd: per stream its labels, row count and time bounds, sorted by labels
///   postings  = zstd: LabelPostings
///   directory = zstd: per block its place, bounds and column parts, each with a CRC-32C
///   footer    = fixed size, at the end: place and CRC-32C of the three parts, own CRC-32C,
///   magic[8]
///
/// Rows are sorted by stream and within one by time, so a block holds a run of adjacent streams.
namespace livedata::storage::segment {

constexpr std::string_view kHeaderMagic = "LDSEGMNT";
constexpr std::string_view kFooterMagic = "LDSEGEND";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 16;

/// offset:u64 size:u64 raw_size:u64 crc:u32 for each of the three parts, then rows:u64 min:u64
/// max:u64, footer_crc:u32, magic[8].
constexpr std::size_t kPartEntryBytes = 28;
constexpr std::size_t kFooterBytes = 3 * kPartEntryBytes + 3 * 8 + 4 + 8;

/// Largest uncompressed size of a metadata part that is read.
constexpr std::uint64_t kMaxPartBytes = std::uint64_t{1} << 30U;

/// Column kinds in the directory; fields follow as kFirstField + index into the directory's field
/// table.
enum : std::uint32_t { kTimestampColumn = 0, kStreamColumn = 1, kLineColumn = 2, kFirstField = 3 };

}  // namespace livedata::storage::segment
