#include "storage/manifest/manifest.h"

#include "storage/record_log/record_log_reader.h"

namespace livedata::storage {
namespace {

void apply_edit(ManifestEdit edit, ManifestState& state) {
  state.next_segment = edit.next_segment;
  state.wal_start = edit.wal_start;
  for (SegmentMeta& segment : edit.added) state.segments.push_back(std::move(segment));
}

}  // namespace

Result<ManifestState> Manifest::read(FileSystem& files, const Path& path) {
  ManifestState state;
  LIVEDATA_TRY(const bool exists, files.exists(path));
  if (!exists) return state;
  LIVEDATA_TRY(
      const record_log::RecordLogSummary summary,
      record_log::read_record_log(files, path, [&](std::string_view payload) -> Result<void> {
        LIVEDATA_TRY(ManifestEdit edit, decode_edit(payload));
        apply_edit(std::move(edit), state);
        return {};
      }));
  if (summary.damaged_bytes > 0 || summary.records == 0) {
    return fail(ErrorCode::kCorrupt,
                "{} is damaged ({} bytes); restore it from a backup, or move the tenant's folder "
                "away to start empty",
                path.string(), summary.damaged_bytes + summary.torn_bytes);
  }
  return state;
}

Result<Manifest> Manifest::open(FileSystem& files, const Path& path, std::string node) {
  LIVEDATA_TRY(ManifestState state, read(files, path));
  Manifest manifest(files, path, std::move(node), std::move(state));
  LIVEDATA_RETURN_IF_ERROR(manifest.rewrite(manifest.state_));
  return manifest;
}

Result<void> Manifest::rewrite(const ManifestState& state) {
  log_.reset();
  const Path temporary = path_.string() + ".tmp";
  LIVEDATA_TRY(auto log, record_log::RecordLogWriter::create(*files_, temporary));
  std::string record;
  record_log::append_record(
      encode_edit({node_, state.next_segment, state.wal_start, state.segments}), record);
  LIVEDATA_RETURN_IF_ERROR(log.write(record));
  LIVEDATA_RETURN_IF_ERROR(log.sync());
  const std::uint64_t size = log.size();
  LIVEDATA_RETURN_IF_ERROR(files_->rename(temporary, path_));
  LIVEDATA_RETURN_IF_ERROR(files_->sync_folder(path_.parent_path()));
  LIVEDATA_TRY(log_, record_log::RecordLogWriter::open(*files_, path_, size));
  return {};
}

Result<void> Manifest::apply(std::vector<SegmentMeta> added, std::uint64_t next_segment,
                             std::uint64_t wal_start) {
  ManifestEdit edit{node_, next_segment, wal_start, std::move(added)};
  std::string record;
  record_log::append_record(encode_edit(edit), record);
  ManifestState next = state_;
  apply_edit(std::move(edit), next);
  Result<void> done;
  if (log_) {
    done = log_->write(record);
    if (done) done = log_->sync();
    if (!done) log_.reset();  // nobody knows how much of the edit is on disk
  } else {
    done = rewrite(next);
  }
  if (done) state_ = std::move(next);
  return done;
}

}  // namespace livedata::storage
