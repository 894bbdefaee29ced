#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "cli/files/file_records.h"
#include "model/time_range.h"
#include "storage/store.h"

namespace livedata::cli {

/// A store with the records of log files, in a folder among temporary files that goes with it: for
/// questions that one pass over the lines does not answer. Folders that a killed process has left
/// are taken away too.
class ScratchStore {
 public:
  static Result<std::unique_ptr<ScratchStore>> make(const Clock& clock);
  ~ScratchStore();
  ScratchStore(const ScratchStore&) = delete;
  ScratchStore& operator=(const ScratchStore&) = delete;

  /// Adds the records of files. Those that can't be read, or not to their end, are told to `skip`.
  using Skip = std::function<void(const std::string& path, const Error& error)>;
  Result<void> add(const std::vector<std::string>& files, FileRecords& records, const Skip& skip);

  [[nodiscard]] const storage::Store& store() const { return *store_; }
  /// From the oldest record to behind the newest one; empty when there is none.
  [[nodiscard]] TimeRange range() const { return range_; }

 private:
  ScratchStore(Path folder, const Clock& clock);

  const Path folder_;
  PosixFileSystem files_;
  Logger logger_;
  MetricRegistry metrics_;
  std::unique_ptr<storage::Store> store_;
  TimeRange range_ = {};
};

/// A store with the records of the files that arguments name.
Result<std::shared_ptr<const storage::Store>> read_into_scratch(
    const std::vector<std::string>& arguments, FileRecords::Options options,
    const Deadline& deadline, const ScratchStore::Skip& skip);

}  // namespace livedata::cli
