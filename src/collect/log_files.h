#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "collect/file_tail.h"
#include "ingest/pipeline/pipeline.h"
#include "model/limits.h"
#include "model/record_batch.h"

namespace livedata::collect {

/// Takes records and returns when they are durable.
using Sink = std::function<Result<void>(RecordBatch)>;

struct LogFilesOptions {
  std::vector<std::string> globs;
  Path state_file;  ///< how far each file has been read
  std::string host;
  std::uint64_t max_backlog = 1U << 20U;
  const ingest::pipeline::Pipelines* pipelines = nullptr;  ///< what lines go through; may be null
};

/// The usual text logs below a folder such as /var/log.
std::vector<std::string> usual_log_globs(const Path& log_folder);

/// Follows the files that meet the globs. A position is saved after the sink has taken the lines,
/// so a crash can repeat lines but loses none. Not thread-safe.
class LogFiles {
 public:
  LogFiles(LogFilesOptions options, Sink sink, const Limits& limits, FileSystem& files,
           const Clock& clock, Logger& logger);

  /// Reads what is new in all files and hands it to the sink.
  Result<void> poll();

 private:
  void find_files();
  void load_positions();
  Result<void> save_positions();
  Result<bool> read_file(FileTail& tail);
  /// Whether the file has not grown for so long.
  bool rests(const FileTail& tail, std::chrono::nanoseconds timeout);

  LogFilesOptions options_;
  Sink sink_;
  const Limits& limits_;
  FileSystem& files_;
  const Clock& clock_;
  Logger& logger_;
  std::map<std::string, FilePosition> saved_;
  std::map<std::string, std::unique_ptr<FileTail>> tails_;
  /// How far each file was read when it last grew; of files whose lines are joined.
  struct Growth {
    std::uint64_t end = 0;
    std::chrono::steady_clock::time_point at;
  };
  std::map<std::string, Growth> growth_;
  std::set<std::string> refused_;  // said once that they can't be read
  int polls_until_search_ = 0;
};

}  // namespace livedata::collect
