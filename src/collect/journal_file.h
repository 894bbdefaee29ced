#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/record_intake.h"

namespace livedata::collect {

/// Reads journal files, such as those of another machine, to their end: all of them as one journal,
/// in the order of time. Not thread-safe.
class JournalFile {
 public:
  /// Goes on behind the entry with `cursor`, or starts at the beginning if it is "". kUnavailable
  /// without libsystemd, kNotFound for a missing file, kCorrupt for one that is no journal,
  /// kInvalidArgument for a cursor of another journal.
  static Result<std::unique_ptr<JournalFile>> open(const std::vector<std::string>& paths,
                                                   const std::string& cursor, const Limits& limits);
  ~JournalFile();
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;

  /// Hands over the next entries, until there are `max_entries` or their lines have `max_bytes`;
  /// returns how many there were, 0 at the end. kCorrupt where the journal is damaged.
  Result<std::size_t> read(ingest::RecordIntake& intake, std::size_t max_entries,
                           std::size_t max_bytes);
  /// Of the entry that was read last: what open() goes on from.
  [[nodiscard]] const std::string& cursor() const;

 private:
  class Impl;
  explicit JournalFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::collect
