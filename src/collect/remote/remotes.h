#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "collect/remote/remote_status.h"
#include "collect/remote/session.h"
#include "ingest/decoded.h"
#include "ingest/pipeline/pipeline.h"
#include "model/bookmark.h"
#include "model/limits.h"

namespace livedata::collect::remote {

/// Stores records and bookmarks in one atomic step; the batch may be handed over again after a
/// failure.
using RemoteSink = std::function<Result<void>(const std::shared_ptr<RecordBatch>&, Bookmarks)>;

struct RemotesOptions {
  Path data_folder;                                             ///< has the list, see RemoteList
  std::string ssh_program = "ssh";                              ///< looked up in PATH
  std::chrono::nanoseconds interval = std::chrono::seconds(5);  ///< of most metrics
  SessionOptions session;
  std::size_t max_connecting = 8;  ///< at the same time
  std::chrono::nanoseconds flush_interval = std::chrono::milliseconds(500);
  const ingest::pipeline::Pipelines* pipelines = nullptr;  ///< what logs go through; may be null
  Bookmarks saved;                                         ///< of the last run
};

/// Watches the machines of a list over SSH: each by one child process, all of them by one thread.
/// Follows changes of the list. A machine that is away is tried again, with growing pauses.
class Remotes {
 public:
  /// The sink is called from the thread of the object. References must outlive it.
  Remotes(RemotesOptions options, RemoteSink sink, const Limits& limits, const Clock& clock,
          Logger& logger, MetricRegistry& metrics);
  /// Ends all connections.
  ~Remotes();
  Remotes(const Remotes&) = delete;
  Remotes& operator=(const Remotes&) = delete;

  /// In the order of the list. Thread-safe.
  [[nodiscard]] std::vector<RemoteStatus> status() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace livedata::collect::remote
