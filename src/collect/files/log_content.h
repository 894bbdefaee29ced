#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collect/files/byte_source.h"
#include "collect/files/position.h"
#include "collect/files/seen_file.h"
#include "ingest/pipeline/multi_line.h"
#include "ingest/repeated_times.h"

namespace livedata::collect {

struct RotatedLog;

using SteadyTime = std::chrono::steady_clock::time_point;

/// What stood in a log between two rotations or truncations, and is read once: in the file that it
/// was written to, under whatever name, or else in a copy of it, which may be compressed.
struct LogContent {
  RotatedLog* log = nullptr;
  std::uint64_t number = 0;  ///< ascending within the log

  Position position;  ///< as far as it is stored

  SeenFile* file = nullptr;            ///< that has it; null: it is gone
  std::vector<SeenFile*> copies = {};  ///< that others may be once that file is gone
  const FileSet* set = nullptr;        ///< null: not found since the start
  std::string shown_path = {};         ///< label `filename`
  bool was_loaded = false;             ///< known from a bookmark, and not found since
  bool has_bookmark = false;
  bool was_live = false;  ///< the file had the log's own name, and has not got another

  // As far as it is read. That may be ahead of the position, where lines wait to be joined.
  ContentMark reading;
  bool reading_in_line = false;
  TextEncoding encoding = TextEncoding::kAuto;
  std::unique_ptr<ByteSource> source = nullptr;                   ///< of the file, if it is open
  std::unique_ptr<ingest::pipeline::MultiLine> joiner = nullptr;  ///< tags are offsets
  bool skips_zeros = false;                                       ///< nothing but zeros so far
  std::uint64_t backlog_end = 0;   ///< what is before it was there when the file was found
  std::uint64_t seen_size = 0;     ///< of the file, when it was read last
  SteadyTime grown = {};           ///< when that changed
  TimestampNs line_time = 0;       ///< of the last line that states one
  SteadyTime line_time_read = {};  ///< when it was read
  bool was_refused = false;        ///< opening it failed, which was said

  // In the queue.
  bool is_queued = false;
  std::optional<SteadyTime> wake_at = {};
  SteadyTime last_turn = {};

  // Without a file.
  struct Rest {
    std::string text;
    std::uint64_t offset = 0;
  };
  std::optional<Rest> rest = {};  ///< lines that waited to be joined, and are all that is left
  SteadyTime gone_since = {};
  std::uint64_t gone_bytes = 0;  ///< that were not read of the file when it went

  [[nodiscard]] bool has_name() const { return file != nullptr && !file->names.empty(); }
  /// Whether the log goes on elsewhere, so that not much more is written here.
  [[nodiscard]] bool is_rotated() const;
  [[nodiscard]] bool is_compressed() const { return source != nullptr && source->is_compressed(); }
  /// Reads on from the position. Without a file there is nothing to read again.
  void go_back() {
    if (file == nullptr && !was_loaded) return;
    reading = position.mark;
    reading_in_line = position.in_line;
    encoding = position.encoding;
    if (joiner != nullptr) joiner->clear();
  }
};

/// The file of a name, and all that it was rotated into.
struct RotatedLog {
  std::string folder;
  std::string name;  ///< before any rotation
  std::uint64_t next_number = 1;
  bool was_seen = false;  ///< a file of this very name
  ingest::RepeatedTimes times;
  std::vector<std::unique_ptr<LogContent>> contents = {};  ///< by number

  [[nodiscard]] std::string path() const { return join_path(folder, name); }
};

inline bool LogContent::is_rotated() const {
  return !has_name() || (log->was_seen && file->name() != log->name);
}

}  // namespace livedata::collect
