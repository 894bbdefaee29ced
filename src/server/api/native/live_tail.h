#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "model/tenant_id.h"
#include "query/logql/engine.h"
#include "server/http/event_stream.h"
#include "storage/store.h"

namespace livedata::server {

/// Sends new records that meet a query to clients that follow it. The store's listener only queues
/// the batch; one thread runs all followers' pipelines. When that thread falls behind, the oldest
/// batches are left out and every follower hears how many. Thread-safe.
class LiveTail {
 public:
  LiveTail(storage::Store& store, TenantId tenant);
  ~LiveTail();
  LiveTail(const LiveTail&) = delete;
  LiveTail& operator=(const LiveTail&) = delete;

  /// Events are {"streams":[...],"dropped_entries":[]} as Loki's tail sends them, labels
  /// categorized.
  Result<std::shared_ptr<EventStream>> follow(std::string_view query);

 private:
  struct Follower {
    query::logql::LivePipeline pipeline;
    std::shared_ptr<EventStream> events;
  };

  void enqueue(const std::shared_ptr<const RecordBatch>& batch) LIVEDATA_EXCLUDES(mutex_);
  void run();
  static void send(const RecordBatch& batch, const Follower& follower);

  const TenantId tenant_;
  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<const RecordBatch>> queue_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<const Follower>> followers_ LIVEDATA_GUARDED_BY(mutex_);
  bool stopping_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::shared_ptr<void> subscription_;
  std::thread thread_;
};

}  // namespace livedata::server
