#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/label_matcher.h"

namespace livedata::storage {

/// How long, how much and how many records of some streams are kept.
struct RetentionRule {
  std::string id = {};                      ///< for the audit log
  std::vector<LabelMatcher> matchers = {};  ///< none: every stream
  std::chrono::nanoseconds max_age{0};      ///< 0: for ever
  std::uint64_t max_bytes = 0;              ///< on disk, about; 0: no bound
  std::uint64_t max_records = 0;            ///< 0: no bound
  int priority = 0;
  bool hold = false;  ///< nothing of these streams is ever deleted, whatever other rules say
};

struct RetentionOptions {
  std::chrono::nanoseconds max_age = std::chrono::hours(24 * 30);  ///< 0: for ever
  std::uint64_t max_bytes = 0;                                     ///< of a tenant; 0: no bound
  std::vector<RetentionRule> rules = {};  ///< each for the streams it matches, instead of max_age
  /// What has expired stays for so long, so that a mistaken rule can be taken back.
  std::chrono::nanoseconds grace_period = std::chrono::hours(1);
  /// Above this share of the disk the oldest segments go at once, until the lower share is reached.
  double disk_high = 0.95;
  double disk_low = 0.90;
  /// What is younger is not deleted for the disk's sake.
  std::chrono::nanoseconds keep_at_least = std::chrono::hours(1);
  std::chrono::nanoseconds interval = std::chrono::hours(1);  ///< between two evaluations
};

/// Which rule decides about a stream: a hold wins; then the highest priority; then the longest age.
/// Null: none matches, and the options' own age holds.
const RetentionRule* deciding_rule(const RetentionOptions& options, const Labels& labels);

}  // namespace livedata::storage
