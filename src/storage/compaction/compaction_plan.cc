#include "storage/compaction/compaction_plan.h"

#include <algorithm>
#include <bit>
#include <map>

namespace livedata::storage {
namespace {

// Segments whose sizes differ by less than this factor, as a power of two, are of one size class.
constexpr int kSizeClassBits = 2;

bool concerns(const DeleteRequest& request, const SegmentMeta& segment) {
  return !request.is_processed && request.id > segment.delete_horizon &&
         request.range.meets(segment.min_timestamp, segment.max_timestamp);
}

TimestampNs floor_to(TimestampNs time, std::int64_t step) {
  const std::int64_t rest = time % step;
  return time - (rest < 0 ? rest + step : rest);
}

class Planner {
 public:
  Planner(const std::vector<SegmentMeta>& segments, const std::vector<DeleteRequest>& requests,
          const CompactionOptions& options, TimestampNs now)
      : segments_(segments), requests_(requests), options_(options), now_(now) {
    // A horizon is one number, so requests are applied in the order of their ids, also when the
    // clock was set back between them.
    for (const DeleteRequest& request : requests_) {
      if (!request.is_processed && now_ - request.created < options_.cancel_period.count()) break;
      ripe_until_ = request.id;
    }
  }

  std::optional<CompactionJob> next() const {
    if (auto job = merge_by_size()) return job;
    if (auto job = merge_quiet_windows()) return job;
    if (auto job = apply_deletes()) return job;
    return raise_tier();
  }

  std::optional<CompactionJob> forced(Tier tier) const {
    for (auto& [window, group] :
         merged_windows([&](const SegmentMeta& s) { return s.tier < tier; })) {
      if (auto job = make_job(group, tier, "by hand", 1)) return job;
    }
    return std::nullopt;
  }

 private:
  using Group = std::vector<const SegmentMeta*>;
  /// Segments that may be merged have had the same delete requests applied that can't be applied
  /// yet: number of those.
  using GroupKey = std::pair<TimestampNs, std::size_t>;

  [[nodiscard]] bool is_ripe(const DeleteRequest& request) const {
    return request.id <= ripe_until_;
  }

  [[nodiscard]] std::size_t num_unripe_settled(const SegmentMeta& segment) const {
    return static_cast<std::size_t>(
        std::count_if(requests_.begin(), requests_.end(), [&](const DeleteRequest& r) {
          return !r.is_processed && !is_ripe(r) && r.id <= segment.delete_horizon;
        }));
  }

  template <class Wanted>
  std::map<GroupKey, Group> group_by(const Wanted& wanted, std::int64_t window) const {
    std::map<GroupKey, Group> groups;
    for (const SegmentMeta& segment : segments_) {
      if (segment.expired_since != 0 || !wanted(segment)) continue;
      const TimestampNs start =
          window == 0 ? segment.window_start : floor_to(segment.window_start, window);
      groups[{start, num_unripe_settled(segment)}].push_back(&segment);
    }
    return groups;
  }
  template <class Wanted>
  std::map<GroupKey, Group> merged_windows(const Wanted& wanted) const {
    return group_by(wanted, options_.merged_window.count());
  }

  [[nodiscard]] std::optional<CompactionJob> merge_by_size() const {
    for (const auto& [window, group] : group_by([](const SegmentMeta&) { return true; }, 0)) {
      std::map<std::pair<Tier, int>, Group> classes;
      for (const SegmentMeta* segment : group) {
        const int size_class =
            static_cast<int>(std::bit_width(segment->file_bytes)) / kSizeClassBits;
        classes[{segment->tier, size_class}].push_back(segment);
      }
      for (const auto& [key, members] : classes) {
        if (auto job = make_job(members, key.first, "size", options_.min_merge)) return job;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<CompactionJob> merge_quiet_windows() const {
    const auto is_hot = [](const SegmentMeta& segment) { return segment.tier == Tier::kHot; };
    for (const auto& [window, group] : group_by(is_hot, 0)) {
      const bool quiet = std::all_of(group.begin(), group.end(), [&](const SegmentMeta* segment) {
        return segment->created + options_.quiet.count() <= now_ &&
               segment->window_end + options_.quiet.count() <= now_;
      });
      if (!quiet) continue;
      if (auto job = make_job(group, Tier::kHot, "window", 2)) return job;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<CompactionJob> apply_deletes() const {
    for (const SegmentMeta& segment : segments_) {
      const bool due = std::any_of(requests_.begin(), requests_.end(), [&](const DeleteRequest& r) {
        return is_ripe(r) && concerns(r, segment);
      });
      if (due) return make_job({&segment}, segment.tier, "deletes", 1);
    }
    return std::nullopt;
  }

  [[nodiscard]] Tier tier_of(const SegmentMeta& segment) const {
    // The whole merged window must be old enough, so that its segments rise together.
    const TimestampNs window_end =
        floor_to(segment.window_end - 1, options_.merged_window.count()) +
        options_.merged_window.count();
    Tier tier = Tier::kHot;
    for (const Tier next : {Tier::kWarm, Tier::kCold}) {
      if (window_end + options_.tiers[static_cast<std::size_t>(next)].age.count() <= now_)
        tier = next;
    }
    return tier;
  }

  [[nodiscard]] std::optional<CompactionJob> raise_tier() const {
    for (const auto& [window, group] :
         merged_windows([&](const SegmentMeta& s) { return s.tier < tier_of(s); })) {
      if (auto job = make_job(group, tier_of(*group.front()), "age", 1)) return job;
    }
    return std::nullopt;
  }

  /// A job for the first members, by time, that fit into one file; none for fewer than `at_least`.
  [[nodiscard]] std::optional<CompactionJob> make_job(Group members, Tier tier, std::string reason,
                                                      std::size_t at_least) const {
    std::sort(members.begin(), members.end(), [](const SegmentMeta* a, const SegmentMeta* b) {
      return std::tie(a->window_start, a->created, a->file) <
             std::tie(b->window_start, b->created, b->file);
    });
    CompactionJob job;
    job.tier = tier;
    job.reason = std::move(reason);
    std::uint64_t bytes = 0;
    for (const SegmentMeta* segment : members) {
      const bool fits = bytes + segment->file_bytes <= options_.max_segment_bytes &&
                        job.inputs.size() < std::max(options_.max_merge, at_least);
      if (!fits && job.inputs.size() >= at_least) break;
      if (!fits) {  // too large for company: try the ones behind it
        job.inputs.clear();
        bytes = 0;
        if (segment->file_bytes > options_.max_segment_bytes && at_least > 1) continue;
      }
      job.inputs.push_back(*segment);
      bytes += segment->file_bytes;
    }
    if (job.inputs.size() < at_least || job.inputs.empty()) return std::nullopt;
    settle_deletes(job);
    return job;
  }

  /// Which requests the job applies, and the horizon of its result: everything up to the first
  /// request that waits, or that no input is done with.
  void settle_deletes(CompactionJob& job) const {
    std::uint64_t highest = 0;
    for (const SegmentMeta& input : job.inputs) highest = std::max(highest, input.delete_horizon);
    if (!requests_.empty()) highest = std::max(highest, requests_.back().id);
    job.delete_horizon = highest;
    for (const DeleteRequest& request : requests_) {
      const auto misses = [&](const SegmentMeta& s) { return request.id > s.delete_horizon; };
      if (request.is_processed || std::none_of(job.inputs.begin(), job.inputs.end(), misses))
        continue;
      if (is_ripe(request)) {
        job.deletes.push_back(request);
      } else {
        // The inputs are grouped so that none of them is done with it.
        job.delete_horizon = std::min(job.delete_horizon, request.id - 1);
      }
    }
    std::erase_if(job.deletes,
                  [&](const DeleteRequest& request) { return request.id > job.delete_horizon; });
  }

  const std::vector<SegmentMeta>& segments_;
  const std::vector<DeleteRequest>& requests_;
  const CompactionOptions& options_;
  const TimestampNs now_;
  std::uint64_t ripe_until_ = 0;  // requests up to this id can't be cancelled any more
};

}  // namespace

std::optional<CompactionJob> plan_compaction(const std::vector<SegmentMeta>& segments,
                                             const std::vector<DeleteRequest>& requests,
                                             const CompactionOptions& options, TimestampNs now) {
  return Planner(segments, requests, options, now).next();
}

std::optional<CompactionJob> plan_forced_compaction(const std::vector<SegmentMeta>& segments,
                                                    const std::vector<DeleteRequest>& requests,
                                                    const CompactionOptions& options, Tier tier,
                                                    TimestampNs now) {
  return Planner(segments, requests, options, now).forced(tier);
}

std::vector<DeleteRequest> processed_requests(const std::vector<SegmentMeta>& segments,
                                              const std::vector<DeleteRequest>& requests,
                                              std::uint64_t head_horizon) {
  std::vector<DeleteRequest> done;
  for (const DeleteRequest& request : requests) {
    const bool waits = std::any_of(segments.begin(), segments.end(),
                                   [&](const SegmentMeta& s) { return concerns(request, s); });
    if (request.is_processed || waits || request.id > head_horizon) continue;
    done.push_back(request);
    done.back().is_processed = true;
  }
  return done;
}

}  // namespace livedata::storage
