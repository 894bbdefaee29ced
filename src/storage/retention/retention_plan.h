#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/catalog/segment_catalog.h"
#include "storage/retention/retention_policy.h"

namespace livedata::storage {

/// Tells for every stream before which time its records have expired.
class Expiry {
 public:
  Expiry(const RetentionOptions& options, TimestampNs now) : options_(&options), now_(now) {}

  /// Records of the streams that the rule decides about expire up to this time, for size or number.
  void set_cutoff(const RetentionRule& rule, TimestampNs cutoff) { cutoffs_[&rule] = cutoff; }

  /// Records with a smaller timestamp have expired.
  [[nodiscard]] TimestampNs cutoff(const Labels& labels) const;
  [[nodiscard]] bool is_expired(const Labels& labels, TimestampNs time) const {
    return time < cutoff(labels);
  }
  [[nodiscard]] bool is_held(const Labels& labels) const;

 private:
  const RetentionOptions* options_;
  TimestampNs now_;
  std::map<const RetentionRule*, TimestampNs> cutoffs_;
};

struct DiskUse {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
};

struct RetentionPlan {
  struct Removal {
    SegmentMeta meta;
    std::string reason;  ///< "age", "size", "disk"
  };
  std::vector<SegmentMeta> newly_expired = {};  ///< to be marked: their grace period begins
  std::vector<SegmentMeta> not_expired = {};    ///< marked, but a rule has changed: to be unmarked
  std::vector<Removal> removals = {};
  std::vector<SegmentMeta> rewrites = {};  ///< of which a good part has expired
  Expiry expiry;
};

/// What retention wants done now. Segments are whole: one goes when all of its records have
/// expired, and is rewritten when more than a fifth of them have.
RetentionPlan plan_retention(const std::vector<LiveSegment>& segments,
                             const RetentionOptions& options, const DiskUse& disk, TimestampNs now);

}  // namespace livedata::storage
