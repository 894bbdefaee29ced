#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/mutex.h"
#include "model/bookmark.h"
#include "model/record_batch.h"
#include "model/time_range.h"
#include "query/saved/saved_queries.h"

namespace livedata::query::saved {

/// How a scheduled query is doing.
struct RunStatus {
  TimestampNs last = 0;  ///< the time that was recorded last; 0: none yet
  std::size_t rows = 0;  ///< then
  std::chrono::nanoseconds took{0};
  std::uint64_t runs = 0;      ///< since the start of the process
  std::uint64_t failures = 0;  ///< the same
  std::uint64_t skipped = 0;   ///< times too long ago to be made up for
  std::string error = {};      ///< of the last run; "": it was good
};

/// Asks scheduled queries at their times and records what they answer. Each time is recorded once,
/// also over restarts: how far a query has come is stored with the records. Times that were missed
/// are made up for, the last hundred of them. A query that fails for want of room is asked again;
/// one that can't be answered is told of, and goes on with its next time.
class Scheduler {
 public:
  /// The answer of a query over a range, an object per line.
  using Ask =
      std::function<Result<std::string>(const SavedQuery&, const TimeRange&, const Deadline&)>;
  /// Stores records and bookmarks in one step.
  using Record = std::function<Result<void>(RecordBatch, const Bookmarks&)>;

  struct Options {
    Bookmarks saved = {};                                        ///< as they were stored last
    std::chrono::nanoseconds timeout = std::chrono::minutes(1);  ///< of one run
  };
  /// What is given by reference must outlive the scheduler.
  Scheduler(Options options, const SavedQueries& queries, Ask ask, Record record,
            const Clock& clock, Logger& logger, MetricRegistry& metrics);

  /// Runs what is due, one after the other. To be called every second, by one thread.
  void run_due();
  /// Ends a run that goes on; no other begins. Thread-safe.
  void stop() { deadline_.cancel(); }
  /// Thread-safe.
  [[nodiscard]] RunStatus status(const std::string& name) const;

 private:
  /// The times that are due, ascending.
  std::vector<TimestampNs> due_times(const SavedQuery& query, const Schedule& schedule,
                                     TimestampNs now);
  /// False: the same time is to be tried again.
  bool run(const SavedQuery& query, TimestampNs at);
  Result<std::size_t> ask_and_record(const SavedQuery& query, TimestampNs at);

  const Deadline deadline_;
  const Options options_;
  const SavedQueries& queries_;
  const Ask ask_;
  const Record record_;
  const Clock& clock_;
  Logger& logger_;
  Counter& runs_;
  Counter& failures_;
  struct Progress {
    SavedQuery query;      // a changed one begins anew
    TimestampNs done = 0;  // the last time that is over
  };
  std::map<std::string, Progress> progress_;  // of the running thread
  mutable Mutex mutex_;
  std::map<std::string, RunStatus> status_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::query::saved
