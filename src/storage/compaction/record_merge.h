#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/compaction/merge.h"

namespace livedata::storage {

/// Merges sorted inputs into blocks of sorted rows, one after the other: identical records once,
/// without deleted, expired and unwanted ones. Holds one block of each input in memory. Not
/// thread-safe.
class RecordMerge {
 public:
  /// The arguments must outlive this.
  RecordMerge(const std::vector<MergeInput>& inputs, const MergeOptions& options,
              OnDamage on_damage);
  ~RecordMerge();
  RecordMerge(const RecordMerge&) = delete;
  RecordMerge& operator=(const RecordMerge&) = delete;

  /// Reads the inputs' metadata. Call once, first.
  Result<void> open();
  /// Of all inputs, sorted; some may turn out to have no row.
  [[nodiscard]] const std::vector<StreamRef>& streams() const;
  /// The next rows, about MergeOptions::block_bytes of them, with ordinals into streams(); the
  /// columns' own streams are not set. Nothing at the end.
  Result<std::optional<RecordBatch::Columns>> next_block();
  /// `segment` is not set.
  [[nodiscard]] const MergeSummary& summary() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::storage
