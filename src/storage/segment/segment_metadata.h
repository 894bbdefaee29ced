#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"
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

/// One column of one block: which, how long, and its checksum. Parts lie one behind the other.
struct ColumnPart {
  std::uint32_t kind = 0;  ///< kTimestampColumn, ..., kFirstField + index of the field
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
  std::vector<ColumnPart> parts;
};

/// Name and type of a field that some block has a column of.
struct FieldKey {
  std::string name;
  FieldType type = FieldType::kString;
};

/// The block directory: which fields there are, and where each block's columns are.
struct Directory {
  std::vector<FieldKey> fields;
  std::vector<BlockEntry> blocks;
};

void encode_streams(const std::vector<StreamEntry>& streams, encoding::ByteWriter& out);
Result<std::vector<StreamEntry>> decode_streams(encoding::ByteReader& in);

void encode_directory(const Directory& directory, encoding::ByteWriter& out);
/// Checks that every block lies within the file's first `file_size` bytes and has streams below
/// num_streams.
Result<Directory> decode_directory(encoding::ByteReader& in, std::uint64_t file_size,
                                   std::size_t num_streams);

}  // namespace livedata::storage::segment
