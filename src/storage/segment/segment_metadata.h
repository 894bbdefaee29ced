#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"
#include "encoding/gram_filter.h"
#include "model/record_batch.h"
#include "storage/index/label_postings.h"

namespace livedata::storage::segment {

/// A stream's rows in one segment.
struct StreamEntry {
  StreamRef stream;
  std::uint64_t num_rows = 0;
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;  ///< inclusive
};

enum class PartKind : std::uint8_t {
  kTimestamps = 0,
  kStreams = 1,
  kLines = 2,
  kGrams = 3,   ///< encoding::GramFilter over the lines
  kValues = 4,  ///< encoding::BloomFilter over value_hash() of the string fields
  kField = 5,
  kLabels = 6,  ///< LabelPostings of the block's streams, for rebuilding the segment's
};

/// One part of a block. Parts lie one behind the other.
struct BlockPart {
  PartKind kind = PartKind::kTimestamps;
  std::string field = {};               ///< name, for kField
  FieldType type = FieldType::kString;  ///< for kField
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
};

struct BlockEntry {
  std::uint64_t offset = 0;  ///< of the first part in the file
  std::uint32_t num_rows = 0;
  std::uint64_t raw_bytes = 0;  ///< of the lines
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;  ///< inclusive
  StreamOrdinal first_stream = 0;
  StreamOrdinal last_stream = 0;  ///< inclusive
  std::string counts;             ///< encoded BlockCounts; empty where they don't pay
  std::vector<BlockPart> parts;

  [[nodiscard]] const BlockPart* find(PartKind kind) const;
  /// Whether the block has a column of this field that is no string, so that kValues is no answer.
  [[nodiscard]] bool has_typed_field(std::string_view name) const;
};

/// Everything of a segment but its blocks. Immutable.
struct SegmentMetadata {
  std::vector<StreamEntry> streams;  ///< sorted by labels
  LabelPostings postings;
  std::vector<BlockEntry> blocks;
  std::optional<encoding::GramFilter> grams;  ///< over all lines
  /// What was damaged, when all of this had to be made from the blocks; else empty.
  std::string damage;

  [[nodiscard]] std::size_t size_bytes() const;
};

/// What the value filter of a block hashes.
std::uint64_t value_hash(std::string_view field, std::string_view value);

/// Row counts and time bounds as integer columns. The labels are in the postings.
void encode_streams(const std::vector<StreamEntry>& streams, encoding::ByteWriter& out);
/// `stream` of the entries is not set.
Result<std::vector<StreamEntry>> decode_streams(encoding::ByteReader& in);

/// zstd frame behind its raw size as varint.
std::string encode_block_labels(std::span<const StreamRef> streams);
Result<std::vector<Labels>> decode_block_labels(std::string_view bytes, std::size_t num_streams);

/// Everything but the offset, which a block that describes itself can't know.
void encode_block(const BlockEntry& block, encoding::ByteWriter& out);
/// Checks what can be checked without the file. The reader fails for damage.
BlockEntry decode_block(encoding::ByteReader& in);

void encode_directory(const std::vector<BlockEntry>& blocks, encoding::ByteWriter& out);
/// Checks that every block lies within the file's first `file_size` bytes and has streams below
/// num_streams.
Result<std::vector<BlockEntry>> decode_directory(encoding::ByteReader& in, std::uint64_t file_size,
                                                 std::size_t num_streams);
/// Whether the block lies between the header and `file_size`, has streams below num_streams, and
/// the columns that every block has.
bool is_sound(const BlockEntry& block, std::uint64_t file_size, std::size_t num_streams);

}  // namespace livedata::storage::segment
