#include "storage/retention/retention_plan.h"

#include <algorithm>
#include <limits>
#include <set>

namespace livedata::storage {
namespace {

// A larger share of expired records is worth a rewrite.
constexpr std::uint64_t kRewriteDivisor = 5;

TimestampNs before(TimestampNs now, std::chrono::nanoseconds age) {
  return age.count() == 0 ? std::numeric_limits<TimestampNs>::min() : now - age.count();
}

class RetentionPlanner {
 public:
  RetentionPlanner(const std::vector<LiveSegment>& segments, const RetentionOptions& options,
                   const DiskUse& disk, TimestampNs now)
      : options_(options), disk_(disk), now_(now), plan_{.expiry = Expiry(options, now)} {
    for (const LiveSegment& segment : segments) {
      if (segment.reader != nullptr) oldest_first_.push_back(&segment);
    }
    std::sort(oldest_first_.begin(), oldest_first_.end(),
              [](const LiveSegment* a, const LiveSegment* b) {
                return a->meta.max_timestamp < b->meta.max_timestamp;
              });
  }

  RetentionPlan run() {
    for (const RetentionRule& rule : options_.rules) bound_rule(rule);
    for (const LiveSegment* segment : oldest_first_) judge(*segment);
    bound_tenant();
    relieve_disk();
    return std::move(plan_);
  }

 private:
  /// Finds the time before which the rule's streams have more than their bytes or records.
  void bound_rule(const RetentionRule& rule) {
    if (rule.hold || (rule.max_bytes == 0 && rule.max_records == 0)) return;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
    for (auto it = oldest_first_.rbegin(); it != oldest_first_.rend(); ++it) {
      const SegmentMeta& meta = (*it)->meta;
      const std::uint64_t rows = rows_of(**it, rule);
      records += rows;
      bytes += meta.num_rows == 0 ? 0 : meta.file_bytes / meta.num_rows * rows;
      const bool too_much = (rule.max_bytes != 0 && bytes > rule.max_bytes) ||
                            (rule.max_records != 0 && records > rule.max_records);
      if (rows > 0 && too_much) {
        plan_.expiry.set_cutoff(rule, meta.max_timestamp + 1);
        return;
      }
    }
  }

  std::uint64_t rows_of(const LiveSegment& segment, const RetentionRule& rule) const {
    const auto metadata = segment.reader->metadata();
    if (!metadata) return 0;
    std::uint64_t rows = 0;
    for (const StreamOrdinal i : (*metadata)->postings.find(rule.matchers).ordinals()) {
      const segment::StreamEntry& entry = (*metadata)->streams[i];
      if (deciding_rule(options_, entry.stream->labels) == &rule) rows += entry.num_rows;
    }
    return rows;
  }

  /// Records of the segment that have expired, counting streams whose every record has.
  std::uint64_t expired_rows(const LiveSegment& segment) const {
    if (options_.rules.empty()) {
      const bool all = segment.meta.max_timestamp < before(now_, options_.max_age);
      return all ? segment.meta.num_rows : 0;
    }
    const auto metadata = segment.reader->metadata();
    if (!metadata) return 0;
    std::uint64_t rows = 0;
    for (const segment::StreamEntry& entry : (*metadata)->streams) {
      if (plan_.expiry.is_expired(entry.stream->labels, entry.max_timestamp))
        rows += entry.num_rows;
    }
    return rows;
  }

  bool is_held(const LiveSegment& segment) const {
    const bool any_hold = std::any_of(options_.rules.begin(), options_.rules.end(),
                                      [](const RetentionRule& rule) { return rule.hold; });
    if (!any_hold) return false;
    const auto metadata = segment.reader->metadata();
    if (!metadata) return true;
    return std::any_of((*metadata)->streams.begin(), (*metadata)->streams.end(),
                       [&](const segment::StreamEntry& entry) {
                         return plan_.expiry.is_held(entry.stream->labels);
                       });
  }

  void judge(const LiveSegment& segment) {
    const SegmentMeta& meta = segment.meta;
    const std::uint64_t expired = expired_rows(segment);
    if (expired == meta.num_rows) {
      expire(meta, "age");
    } else if (meta.expired_since != 0) {
      plan_.not_expired.push_back(meta);
    } else if (expired > meta.num_rows / kRewriteDivisor && !segment.is_damaged) {
      plan_.rewrites.push_back(meta);
    }
  }

  void expire(const SegmentMeta& meta, std::string reason) {
    if (!judged_.insert(meta.file).second) return;
    if (options_.grace_period.count() == 0 ||
        (meta.expired_since != 0 && meta.expired_since + options_.grace_period.count() <= now_)) {
      remove(meta, std::move(reason));
    } else if (meta.expired_since == 0) {
      plan_.newly_expired.push_back(meta);
    }
  }

  void remove(const SegmentMeta& meta, std::string reason) {
    std::erase_if(plan_.rewrites, [&](const SegmentMeta& m) { return m.file == meta.file; });
    std::erase_if(plan_.newly_expired, [&](const SegmentMeta& m) { return m.file == meta.file; });
    plan_.removals.push_back({meta, std::move(reason)});
  }

  void bound_tenant() {
    if (options_.max_bytes == 0) return;
    std::uint64_t bytes = 0;
    for (const LiveSegment* segment : oldest_first_) bytes += segment->meta.file_bytes;
    for (const LiveSegment* segment : oldest_first_) {
      if (bytes <= options_.max_bytes) return;
      if (is_held(*segment)) continue;
      bytes -= segment->meta.file_bytes;
      std::erase_if(plan_.not_expired,
                    [&](const SegmentMeta& m) { return m.file == segment->meta.file; });
      expire(segment->meta, "size");
    }
  }

  /// A full disk loses new records, so old ones go first, without grace.
  void relieve_disk() {
    const auto total = static_cast<double>(disk_.total_bytes);
    if (disk_.total_bytes == 0) return;
    double used = total - static_cast<double>(disk_.free_bytes);
    if (used <= total * options_.disk_high) return;
    for (const RetentionPlan::Removal& removal : plan_.removals)
      used -= static_cast<double>(removal.meta.file_bytes);
    for (const LiveSegment* segment : oldest_first_) {
      if (used <= total * options_.disk_low) return;
      const SegmentMeta& meta = segment->meta;
      const bool goes_anyway =
          std::any_of(plan_.removals.begin(), plan_.removals.end(),
                      [&](const RetentionPlan::Removal& r) { return r.meta.file == meta.file; });
      if (goes_anyway || is_held(*segment) ||
          meta.max_timestamp > now_ - options_.keep_at_least.count())
        continue;
      used -= static_cast<double>(meta.file_bytes);
      remove(meta, "disk");
    }
  }

  const RetentionOptions& options_;
  const DiskUse disk_;
  const TimestampNs now_;
  std::vector<const LiveSegment*> oldest_first_;
  std::set<std::string> judged_;  // expired ones, each once
  RetentionPlan plan_;
};

}  // namespace

TimestampNs Expiry::cutoff(const Labels& labels) const {
  const RetentionRule* rule = deciding_rule(*options_, labels);
  if (rule == nullptr) return before(now_, options_->max_age);
  if (rule->hold) return std::numeric_limits<TimestampNs>::min();
  const auto bound = cutoffs_.find(rule);
  const TimestampNs by_age = before(now_, rule->max_age);
  return bound == cutoffs_.end() ? by_age : std::max(by_age, bound->second);
}

bool Expiry::is_held(const Labels& labels) const {
  const RetentionRule* rule = deciding_rule(*options_, labels);
  return rule != nullptr && rule->hold;
}

RetentionPlan plan_retention(const std::vector<LiveSegment>& segments,
                             const RetentionOptions& options, const DiskUse& disk,
                             TimestampNs now) {
  return RetentionPlanner(segments, options, disk, now).run();
}

}  // namespace livedata::storage
