#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "base/metric.h"
#include "collect/files/content_reader.h"
#include "collect/files/file_counters.h"
#include "collect/files/file_set.h"
#include "collect/files/folder_tree.h"
#include "collect/files/log_table.h"
#include "collect/sink.h"
#include "model/limits.h"

namespace livedata::collect {

struct LogFilesOptions {
  std::vector<FileSet> sets;
  std::string host;
  const ingest::pipeline::Pipelines* pipelines = nullptr;  ///< what lines go through; may be null
  bool use_inotify = true;
  /// How often every file is looked at, should the kernel not tell of all changes.
  std::chrono::nanoseconds poll_interval = std::chrono::seconds(10);
  /// Files that nobody wrote to for so long are closed, and opened again when somebody does.
  std::chrono::nanoseconds idle_time = std::chrono::seconds(60);
  std::size_t max_open_files = 256;  ///< above it idle ones are closed at once
  /// Pace at which what was there before a file was found is read; 0: no bound.
  std::uint64_t backfill_bytes_per_second = 32U << 20U;
  std::size_t turn_bytes = 256U << 10U;  ///< of one file, before the others have their turn
  std::size_t batch_bytes = 1U << 20U;   ///< that are handed to the sink at a time
};

/// Follows the log files of some sets, over rotations of all kinds. Every line is handed to the
/// sink once, together with the bookmark behind it; after a crash reading goes on from the
/// bookmarks. Not thread-safe.
class LogFiles {
 public:
  /// `saved` are the bookmarks of the last run. References must outlive the object.
  LogFiles(LogFilesOptions options, Sink sink, const Bookmarks& saved, const Limits& limits,
           const Clock& clock, Logger& logger, MetricRegistry& metrics);
  ~LogFiles();
  LogFiles(const LogFiles&) = delete;
  LogFiles& operator=(const LogFiles&) = delete;

  /// Does what is due, for a short while. The sink's failure is returned; what it refused is read
  /// again later.
  Result<void> step();
  /// How long step() has nothing to do, unless event_fd() becomes readable.
  [[nodiscard]] std::chrono::nanoseconds wait_time() const;
  /// -1: there is none, and files are only looked at.
  [[nodiscard]] int event_fd() const { return tree_.event_fd(); }

 private:
  struct Batch;

  void look(SteadyTime now);
  void enqueue(LogContent& content);
  void drop(LogContent& content);
  void wake_sleepers(SteadyTime now);
  /// Reads from the files in turn until the batch is full.
  void fill(Batch& batch, SteadyTime now);
  void take_turn(LogContent& content, Batch& batch);
  void after_turn(LogContent& content, ContentReader::Outcome outcome, Batch& batch);
  void meet_surprises(const Batch& batch);
  [[nodiscard]] bool may_read(const LogContent& content) const;
  static bool waits_for_older(const LogContent& content);
  Result<bool> deliver(Batch& batch, SteadyTime now);
  void take_back(Batch& batch);
  void close_idle(SteadyTime now);
  void refill_backfill(SteadyTime now);
  void update_gauges();

  const LogFilesOptions options_;
  const Sink sink_;
  const Limits& limits_;
  const Clock& clock_;
  FileCounters counters_;
  FolderTree tree_;
  ContentReader reader_;
  LogTable table_;
  std::deque<LogContent*> queue_;             // have something to read
  std::unordered_set<LogContent*> sleepers_;  // have a wake_at
  std::optional<SteadyTime> next_poll_;       // none: at once
  std::optional<SteadyTime> retry_at_;        // the sink refused
  std::chrono::nanoseconds retry_pause_{0};
  SteadyTime next_sweep_;
  SteadyTime backfill_at_;
  std::int64_t backfill_bytes_;  // that may be read now
  bool backfill_waits_ = false;  // for such bytes
};

}  // namespace livedata::collect
