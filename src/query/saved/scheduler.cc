#include "query/saved/scheduler.h"

#include <algorithm>
#include <charconv>

#include "base/time_format.h"
#include "query/saved/recorded_rows.h"

namespace livedata::query::saved {
namespace {

constexpr std::int64_t kMaxMadeUpFor = 100;  // times of one query

std::string bookmark_of(std::string_view name) { return fmt::format("recorded/{}", name); }

TimestampNs parse_bookmark(const Bookmarks& saved, const std::string& key) {
  const auto found = saved.find(key);
  if (found == saved.end()) return 0;
  TimestampNs time = 0;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), time);
  return time;
}

/// Whether the same may work later.
bool is_passing(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kResourceExhausted;
}

}  // namespace

Scheduler::Scheduler(Options options, const SavedQueries& queries, Ask ask, Record record,
                     const Clock& clock, Logger& logger, MetricRegistry& metrics)
    : options_(std::move(options)),
      queries_(queries),
      ask_(std::move(ask)),
      record_(std::move(record)),
      clock_(clock),
      logger_(logger),
      runs_(metrics.counter("livedata_scheduled_runs_total", "Runs of scheduled queries")),
      failures_(metrics.counter("livedata_scheduled_failures_total",
                                "Runs of scheduled queries that failed")) {}

void Scheduler::run_due() {
  const std::vector<SavedQuery> queries = queries_.all();
  for (const SavedQuery& query : queries) {
    if (!query.schedule) continue;
    for (const TimestampNs at : due_times(query, *query.schedule, clock_.now())) {
      if (deadline_.cancelled() || !run(query, at)) break;
    }
  }
}

std::vector<TimestampNs> Scheduler::due_times(const SavedQuery& query, const Schedule& schedule,
                                              TimestampNs now) {
  const std::int64_t every = schedule.every_ns;
  const TimestampNs latest = (now - schedule.delay_ns) / every * every;
  const auto [slot, is_new] = progress_.try_emplace(query.name);
  Progress& progress = slot->second;
  if (is_new) progress.done = parse_bookmark(options_.saved, bookmark_of(query.name));
  const bool was_changed = !is_new && progress.query != query;
  // A query that is new, or another one now, has no past to make up for.
  if (progress.done == 0 || was_changed) progress.done = std::max(progress.done, latest - every);
  progress.query = query;
  const std::int64_t missed = (latest - progress.done) / every;
  if (missed > kMaxMadeUpFor) {
    const std::int64_t skipped = missed - kMaxMadeUpFor;
    progress.done = latest - kMaxMadeUpFor * every;
    logger_.warn("the scheduled query '{}' skips {} times that were missed, up to {}", query.name,
                 skipped, format_rfc3339(progress.done));
    const MutexLock lock(mutex_);
    status_[query.name].skipped += static_cast<std::uint64_t>(skipped);
  }
  std::vector<TimestampNs> out;
  for (TimestampNs at = (progress.done / every + 1) * every; at <= latest; at += every)
    out.push_back(at);
  return out;
}

bool Scheduler::run(const SavedQuery& query, TimestampNs at) {
  const auto start = clock_.steady_now();
  const auto rows = ask_and_record(query, at);
  runs_.add();
  const MutexLock lock(mutex_);
  RunStatus& status = status_[query.name];
  ++status.runs;
  status.took = clock_.steady_now() - start;
  if (rows) {
    status.last = at;
    status.rows = *rows;
    status.error.clear();
    progress_[query.name].done = at;
    return true;
  }
  if (deadline_.cancelled()) return false;
  failures_.add();
  ++status.failures;
  status.error = rows.error().message;
  logger_.warn("the scheduled query '{}' failed for {}: {}", query.name, format_rfc3339(at),
               rows.error().message);
  if (is_passing(rows.error().code)) return false;
  progress_[query.name].done = at;
  return true;
}

Result<std::size_t> Scheduler::ask_and_record(const SavedQuery& query, TimestampNs at) {
  const TimeRange range{at - query.range_ns(), at};
  LIVEDATA_TRY(const std::string answer, ask_(query, range, deadline_.until(options_.timeout)));
  LIVEDATA_TRY(RecordBatch records, to_records(query, answer, at));
  const std::size_t rows = records.num_rows();
  LIVEDATA_RETURN_IF_ERROR(
      record_(std::move(records), {{bookmark_of(query.name), std::to_string(at)}}));
  return rows;
}

RunStatus Scheduler::status(const std::string& name) const {
  const MutexLock lock(mutex_);
  const auto found = status_.find(name);
  return found == status_.end() ? RunStatus() : found->second;
}

}  // namespace livedata::query::saved
