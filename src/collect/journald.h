#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "collect/journal_filter.h"
#include "collect/sink.h"
#include "ingest/pipeline/pipeline.h"
#include "model/bookmark.h"
#include "model/limits.h"

namespace livedata::collect {

struct JournaldOptions {
  Path journal_folder = {};  ///< empty: this machine's journal
  std::string machine = {};  ///< whose journal it is, in the name of the bookmark
  std::string host = {};
  const ingest::pipeline::Pipelines* pipelines = nullptr;  ///< what entries go through; may be null
  std::chrono::nanoseconds backlog = std::chrono::hours(24);  ///< that the first start reads
  JournalFilter filter = {};
};

/// Follows the systemd journal. libsystemd is loaded when the first journal is opened, so that
/// livedata runs without it. The cursor is stored together with the entries, under
/// "journal:<machine>", so that each is stored once. Not thread-safe.
class Journald {
 public:
  /// kUnavailable where there is no libsystemd, no journal, or nothing in it that may be read.
  /// `saved` are the bookmarks of the last run.
  static Result<std::unique_ptr<Journald>> open(JournaldOptions options, Sink sink,
                                                const Bookmarks& saved, const Limits& limits,
                                                const Clock& clock);
  ~Journald();
  Journald(const Journald&) = delete;
  Journald& operator=(const Journald&) = delete;

  /// Takes the entries that are new, up to a few thousand.
  Result<void> poll();

 private:
  class Impl;
  explicit Journald(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::collect
