#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "encoding/text_codec.h"
#include "storage/manifest/manifest_edit.h"

namespace livedata::storage {

/// How segments of a tier are made.
struct TierOptions {
  std::chrono::nanoseconds age{0};  ///< of the newest record, from which on segments belong here
  encoding::TextCodec codec = encoding::TextCodec::zstd(1);
};

struct CompactionOptions {
  std::array<TierOptions, 3> tiers = {
      TierOptions{std::chrono::nanoseconds(0), encoding::TextCodec::zstd(1)},
      TierOptions{std::chrono::hours(24), encoding::TextCodec::zstd(12)},
      TierOptions{std::chrono::hours(24 * 30), encoding::TextCodec::zstd(19)}};
  std::uint64_t max_segment_bytes = 256_MiB;  ///< no merge makes larger files
  std::size_t min_merge = 4;   ///< segments of about the same size are merged by so many
  std::size_t max_merge = 32;  ///< each costs the memory of a block
  /// Segments above the hot tier are merged within windows of this length.
  std::chrono::nanoseconds merged_window = std::chrono::hours(24);
  /// A window is merged into one segment when nothing came into it for so long.
  std::chrono::nanoseconds quiet = std::chrono::minutes(10);
  /// Delete requests may be cancelled for so long, and are only then applied to files.
  std::chrono::nanoseconds cancel_period = std::chrono::hours(24);
};

/// Segments to be replaced by one.
struct CompactionJob {
  std::vector<SegmentMeta> inputs;
  Tier tier = Tier::kHot;
  std::vector<DeleteRequest> deletes;  ///< to be applied, each to inputs with a smaller horizon
  std::uint64_t delete_horizon = 0;    ///< of the result
  std::string reason;                  ///< for the log: "window", "tier", "deletes", ...
};

/// What should be done next, or nothing. Pure: the same arguments give the same job.
///
/// Segments of a window are merged in size tiers, `min_merge` of about the same size at a time, so
/// that a record is rewritten a logarithmic number of times; a window that has become quiet is
/// merged into one. When its records are old enough a segment rises to the next tier, together with
/// its neighbours of the same day. Delete requests that can't be cancelled any more are applied.
std::optional<CompactionJob> plan_compaction(const std::vector<SegmentMeta>& segments,
                                             const std::vector<DeleteRequest>& requests,
                                             const CompactionOptions& options, TimestampNs now);

/// All segments of a merged window that are below the tier, whatever their age: what an operator
/// who compacts by hand wants.
std::optional<CompactionJob> plan_forced_compaction(const std::vector<SegmentMeta>& segments,
                                                    const std::vector<DeleteRequest>& requests,
                                                    const CompactionOptions& options, Tier tier,
                                                    TimestampNs now);

/// Delete requests that no segment has to be rewritten for any more, marked so. `head_horizon` is
/// the lowest of the records in memory, which will be segments.
std::vector<DeleteRequest> processed_requests(const std::vector<SegmentMeta>& segments,
                                              const std::vector<DeleteRequest>& requests,
                                              std::uint64_t head_horizon);

}  // namespace livedata::storage
