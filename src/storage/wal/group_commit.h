#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "model/bookmark.h"
#include "model/record_batch.h"
#include "storage/wal/durability.h"

namespace livedata::storage {

/// What one appender wants to have committed.
struct CommitRequest {
  std::string wal_record;  ///< framed, ready to be written
  std::shared_ptr<const RecordBatch> batch;
  Bookmarks bookmarks = {};
  Durability durability = Durability::kNow;
};

/// Lets the appenders that wait at the same time share one write and one fdatasync: the first in
/// the queue leads, commits for everybody behind it (up to a byte limit) and wakes them.
/// Thread-safe.
class GroupCommit {
 public:
  /// Commits all requests or none of them. Called by one thread at a time.
  using Commit = std::function<Result<void>(std::span<CommitRequest* const>)>;

  explicit GroupCommit(Commit commit) : commit_(std::move(commit)) {}

  /// Returns when the request has been committed or has failed.
  Result<void> run(CommitRequest request) LIVEDATA_EXCLUDES(mutex_);

 private:
  struct Waiter {
    CommitRequest request;
    Result<void> result;
    bool done = false;
    std::condition_variable wake;
  };

  [[nodiscard]] std::size_t group_size() const LIVEDATA_REQUIRES(mutex_);

  const Commit commit_;
  Mutex mutex_;
  std::deque<Waiter*> queue_ LIVEDATA_GUARDED_BY(mutex_);  // the first one leads
};

}  // namespace livedata::storage
