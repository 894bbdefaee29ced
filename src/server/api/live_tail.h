#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "model/tenant_scope.h"
#include "query/logql/engine.h"
#include "server/api/loki/answer.h"
#include "server/http/event_stream.h"
#include "storage/store.h"

namespace livedata::server {

/// Sends new records that meet a query to clients that follow it. The store's listener only queues
/// the batch; one thread runs all followers' pipelines. When that thread falls behind, the oldest
/// batches are left out and every follower hears how many. Thread-safe.
class LiveTail {
 public:
  explicit LiveTail(storage::Store& store);
  ~LiveTail();
  LiveTail(const LiveTail&) = delete;
  LiveTail& operator=(const LiveTail&) = delete;

  /// One client's view. Records wait until start() is called with those from before, so that none
  /// is missing or there twice.
  class Follower;

  /// Records of the scope are sent `delay` after they came, in the order of their times, so that
  /// late ones find their place. kResourceExhausted when there are too many followers.
  Result<std::shared_ptr<Follower>> follow(const TenantScope& scope, std::string_view query,
                                           std::chrono::nanoseconds delay, loki::LabelForm form);
  /// Sends the records from before, oldest first, and lets those that came since then follow.
  std::shared_ptr<EventStream> start(const std::shared_ptr<Follower>& follower,
                                     std::vector<query::LogRow> history);

 private:
  struct Appended {
    TenantId tenant;
    std::shared_ptr<const RecordBatch> batch;
  };
  void enqueue(Appended appended) LIVEDATA_EXCLUDES(mutex_);
  void run();

  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Appended> queue_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Follower>> followers_ LIVEDATA_GUARDED_BY(mutex_);
  bool stopping_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::shared_ptr<void> subscription_;
  std::thread thread_;
};

}  // namespace livedata::server
