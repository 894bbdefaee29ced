#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "storage/manifest/manifest_edit.h"
#include "storage/record_log/record_log_writer.h"

namespace livedata::storage {

/// What all edits together say.
struct ManifestState {
  std::vector<SegmentMeta> segments = {};
  std::vector<DeleteRequest> requests = {};  ///< by rising id, processed ones included
  std::uint64_t next_segment = 1;
  std::uint64_t wal_start = 1;
  std::uint64_t last_request = 0;  ///< ids are not given twice, also when requests are forgotten
  Bookmarks bookmarks = {};        ///< as of wal_start
};

/// A tenant's list of live segments: a record log of edits. An edit is one record, so after a crash
/// it is there or not, never in half. Not thread-safe.
class Manifest {
 public:
  /// Reads an existing manifest. No file: the empty state. Damage inside is kCorrupt, since a lost
  /// edit would hide segments; a torn last edit never took effect and is left out.
  static Result<ManifestState> read(FileSystem& files, const Path& path);

  /// Reads, then writes the state into a new file in one edit, so that the log does not grow for
  /// ever.
  static Result<Manifest> open(FileSystem& files, const Path& path, std::string node);

  [[nodiscard]] const ManifestState& state() const { return state_; }

  /// Durable on return; `node` of the edit is set here. After a failure the state is as before, and
  /// the next call starts a new file. A log that has grown far beyond its state is rewritten.
  Result<void> apply(ManifestEdit edit);

 private:
  Manifest(FileSystem& files, Path path, std::string node, ManifestState state)
      : files_(&files), path_(std::move(path)), node_(std::move(node)), state_(std::move(state)) {}

  /// Replaces the file by one that holds `state` in a single edit.
  Result<void> rewrite(const ManifestState& state);

  FileSystem* files_;
  Path path_;
  std::string node_;
  ManifestState state_;
  std::optional<record_log::RecordLogWriter> log_;
  std::uint64_t bytes_when_rewritten_ = 0;
};

}  // namespace livedata::storage
