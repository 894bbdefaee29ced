#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/record_batch.h"

namespace livedata::storage::segment {

constexpr std::int64_t kMinuteNs = 60 * kNsPerSecond;

/// Rows of a block, and bytes of their lines, by stream, minute and level: what histograms and
/// volumes need, so that they read no column.
struct BlockCounts {
  struct Count {
    std::uint32_t stream = 0;  ///< ordinal in the segment
    std::int64_t minute = 0;   ///< m stands for the times above m and up to m + 1 minutes
    std::uint32_t level = 0;   ///< index of levels
    std::uint32_t rows = 0;
    std::uint64_t bytes = 0;  ///< of their lines
  };
  std::vector<std::string> levels;  ///< values of the field kLevelField; "" stands for none
  std::vector<Count> counts;        ///< by stream, minute, level
};

/// The field that ingest sets to a record's level.
constexpr std::string_view kLevelField = "detected_level";

/// Counts the rows. A block whose rows are spread too thinly for counts to be smaller than its
/// timestamps gets none: the result is empty.
BlockCounts count_rows(const RecordBatch::Columns& columns);
/// The same of a batch, whose stream ordinals are counted from first_stream.
BlockCounts count_rows(const RecordBatch& batch, std::uint32_t first_stream);

/// As bytes: levels:varint string*, counts:varint, integer columns of streams, minutes, levels,
/// rows, bytes.
std::string encode_counts(const BlockCounts& counts);
Result<BlockCounts> decode_counts(std::string_view bytes);

}  // namespace livedata::storage::segment
