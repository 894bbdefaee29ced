#pragma once

#include <memory>
#include <optional>

#include "base/bytes.h"
#include "cli/records/record_stream.h"

namespace livedata::cli {

/// Sorts records by service, labels and time, as much of them at a time as fit into some memory,
/// and parts them by day if that is wanted. Not thread-safe.
class SortedRecords {
 public:
  enum class Parts { kOne, kDays };
  /// The stream must give days (in UTC) in their order where parts are days.
  SortedRecords(RecordStream& stream, Parts parts, std::size_t memory_bytes = 64_MiB)
      : stream_(stream), parts_(parts), memory_bytes_(memory_bytes) {}

  /// Moves to the next part, and returns a time in it; nothing at the end. The last part must have
  /// been read to its end.
  Result<std::optional<TimestampNs>> next_part();
  /// The next sorted records of the part; null at its end.
  Result<std::shared_ptr<const RecordBatch>> next();

 private:
  Result<void> fill();
  [[nodiscard]] std::shared_ptr<const RecordBatch> take_sorted();

  RecordStream& stream_;
  const Parts parts_;
  const std::size_t memory_bytes_;
  std::vector<std::shared_ptr<const RecordBatch>> waiting_;  // not given yet
  std::size_t waiting_bytes_ = 0;
  bool is_done_ = false;
  std::optional<TimestampNs> window_;  // start of the part's day
};

}  // namespace livedata::cli
