#include "archive/archive_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/time_format.h"

namespace livedata::archive {
namespace {

using storage::DeleteRequest;
using storage::SegmentMeta;

constexpr std::int64_t kDay = 24 * 3600 * kNsPerSecond;
constexpr std::size_t kDateLength = 10;

bool is_final(const DeleteRequest& request, const ArchiveOptions& options, TimestampNs now) {
  return request.created + options.cancel_period.count() <= now;
}

bool is_later(TimestampNs time, std::chrono::nanoseconds delay, TimestampNs now) {
  return time <= now && now - time >= delay.count();
}

class Planner {
 public:
  Planner(const ArchiveManifest& manifest, const std::vector<DeleteRequest>& requests,
          const ArchiveOptions& options, TimestampNs now)
      : manifest_(manifest), options_(options), now_(now) {
    for (const DeleteRequest& request : requests) {
      last_request_ = std::max(last_request_, request.id);
      if (!request.is_processed) requests_.push_back(request);
    }
  }

  std::optional<DayJob> plan(const std::vector<SegmentMeta>& segments) const {
    std::map<std::string, std::vector<SegmentMeta>> days;
    for (const SegmentMeta& segment : segments) {
      const std::string day = day_name(segment.window_start);
      if (segment.window_end > day_range(day).end || is_archived(day, segment.file)) continue;
      days[day].push_back(segment);
    }
    for (auto& [day, of_day] : days) {
      if (is_due(day, of_day) && !has_open_request(day))
        return make_job(day, std::move(of_day), {});
    }
    return plan_deletes();
  }

 private:
  [[nodiscard]] bool is_archived(const std::string& day, const std::string& segment) const {
    const auto found = manifest_.archived_segments.find(day);
    return found != manifest_.archived_segments.end() &&
           std::find(found->second.begin(), found->second.end(), segment) != found->second.end();
  }

  [[nodiscard]] bool is_due(const std::string& day,
                            const std::vector<SegmentMeta>& segments) const {
    return is_later(day_range(day).end, options_.after, now_) &&
           std::all_of(segments.begin(), segments.end(), [&](const SegmentMeta& segment) {
             return is_later(segment.created, options_.quiet, now_);
           });
  }

  [[nodiscard]] bool has_open_request(const std::string& day) const {
    const TimeRange range = day_range(day);
    return std::any_of(requests_.begin(), requests_.end(), [&](const DeleteRequest& request) {
      return !is_final(request, options_, now_) && !request.range.empty() &&
             request.range.meets(range.start, range.end - 1);
    });
  }

  [[nodiscard]] std::optional<DayJob> plan_deletes() const {
    for (const FileEntry& file : manifest_.files) {
      const bool concerned =
          std::any_of(requests_.begin(), requests_.end(), [&](const DeleteRequest& request) {
            return request.id > file.delete_horizon && is_final(request, options_, now_) &&
                   request.range.meets(file.min_timestamp, file.max_timestamp);
          });
      const std::string day(file.day());
      if (concerned && !has_open_request(day)) return make_job(day, {}, {file.key});
    }
    return std::nullopt;
  }

  [[nodiscard]] DayJob make_job(std::string day, std::vector<SegmentMeta> segments,
                                std::vector<std::string> files) const {
    DayJob job;
    job.day = std::move(day);
    job.segments = std::move(segments);
    job.files = std::move(files);
    // Those that can still be cancelled do not concern the day.
    for (const DeleteRequest& request : requests_) {
      if (is_final(request, options_, now_)) job.deletes.push_back(request);
    }
    job.delete_horizon = last_request_;
    return job;
  }

  const ArchiveManifest& manifest_;
  const ArchiveOptions& options_;
  const TimestampNs now_;
  std::vector<DeleteRequest> requests_;  // not processed
  std::uint64_t last_request_ = 0;
};

}  // namespace

std::optional<DayJob> plan_archive(const std::vector<SegmentMeta>& segments,
                                   const ArchiveManifest& manifest,
                                   const std::vector<DeleteRequest>& requests,
                                   const ArchiveOptions& options, TimestampNs now) {
  return Planner(manifest, requests, options, now).plan(segments);
}

std::vector<std::string> days_to_drop(const ArchiveManifest& manifest,
                                      const ArchiveOptions& options, TimestampNs now) {
  std::vector<std::string> days;
  for (const auto& [day, segments] : manifest.archived_segments) {
    if (!segments.empty() && is_later(day_range(day).end, options.keep_native, now))
      days.push_back(day);
  }
  return days;
}

std::string day_name(TimestampNs time) { return format_rfc3339(time).substr(0, kDateLength); }

TimeRange day_range(std::string_view day) {
  const TimestampNs start = parse_rfc3339(std::string(day) + "T00:00:00Z").value_or(0);
  return {start, start > INT64_MAX - kDay ? INT64_MAX : start + kDay};
}

}  // namespace livedata::archive
