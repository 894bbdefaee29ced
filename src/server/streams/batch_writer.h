#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/mutex.h"
#include "ingest/decoded.h"
#include "ingest/writer.h"
#include "model/bookmark.h"
#include "model/tenant_id.h"

namespace livedata::server {

/// Where records go. `write` blocks until they are durable, together with the bookmarks; a batch
/// that was refused may be given again. `source` is the door that they came through. `count` is
/// told once what a decoder refused and changed.
struct RecordSink {
  std::function<Result<void>(const TenantId&, const std::shared_ptr<RecordBatch>&,
                             std::string_view source, const Bookmarks&)>
      write;
  std::function<void(const ingest::Decoded&)> count;
};
/// `writer` must outlive the sink.
RecordSink sink_of(ingest::Writer& writer);

/// Decodes and writes what connections have received, on threads of its own. What comes at about
/// the same time for one tenant, from whichever connection, is written together. What the store
/// refuses for now is tried again until it takes it; whoever submits must therefore bound what it
/// submits. Thread-safe.
class BatchWriter {
 public:
  struct Options {
    std::string thread_name = "ld-batch";
    std::size_t num_threads = 2;
    std::chrono::nanoseconds max_delay = std::chrono::milliseconds(20);  ///< to collect more
    std::size_t enough_bytes = 64_KiB;  ///< that wait, and are not held back any longer
    /// Of tasks that become one batch. Merging costs more than an append of its own, for large
    /// ones.
    std::size_t max_bytes = 256_KiB;
    std::chrono::nanoseconds retry_pause = std::chrono::milliseconds(200);
  };

  /// Both are called on one of the threads, `done` after the records of `decode` are durable, or
  /// with false when they never will be.
  struct Task {
    std::size_t bytes = 0;
    std::function<ingest::Decoded()> decode;
    std::function<void(bool durable)> done;
    Bookmarks bookmarks = {};              ///< stored in one step with the records
    bool is_kept = false;                  ///< what give_up() leaves unwritten is not lost
    TenantId tenant = TenantId::single();  ///< whose records they are
  };

  /// `metric_prefix` as in livedata_syslog.
  BatchWriter(Options options, RecordSink sink, std::string_view metric_prefix, Logger& logger,
              MetricRegistry& metrics);
  /// Writes what waits.
  ~BatchWriter();
  BatchWriter(const BatchWriter&) = delete;
  BatchWriter& operator=(const BatchWriter&) = delete;

  void submit(Task task) LIVEDATA_EXCLUDES(mutex_);
  /// From now on nothing is tried again: the process ends.
  void give_up() LIVEDATA_EXCLUDES(mutex_);

 private:
  struct Waiting {
    Task task;
    std::chrono::steady_clock::time_point since;
  };

  void work();
  bool wait_for_tasks(MutexLock& lock) LIVEDATA_REQUIRES(mutex_);
  std::vector<Task> take_tasks() LIVEDATA_REQUIRES(mutex_);
  /// The records of some tasks.
  struct Load {
    std::shared_ptr<RecordBatch> batch = std::make_shared<RecordBatch>();
    std::string_view source;
    Bookmarks bookmarks;
    std::size_t num_kept = 0;  // records of tasks that are kept elsewhere
  };
  void write(const std::vector<Task>& tasks);
  Load decode(const std::vector<Task>& tasks) const;
  bool write_load(const TenantId& tenant, const Load& load);
  bool pause();

  const Options options_;
  const RecordSink sink_;
  Logger& logger_;
  Counter& retries_;
  Counter& lost_;
  Mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable end_pause_;
  std::deque<Waiting> waiting_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t waiting_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  bool stopping_ LIVEDATA_GUARDED_BY(mutex_) = false;
  bool given_up_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace livedata::server
