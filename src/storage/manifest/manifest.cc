#include "storage/manifest/manifest.h"

#include <algorithm>
#include <unordered_set>

#include "base/bytes.h"
#include "storage/record_log/record_log_reader.h"

namespace livedata::storage {
namespace {

// A rewrite costs about as much as this many bytes of edits, so it waits for that much growth.
constexpr std::uint64_t kRewriteAfter = 1_MiB;
// Processed delete requests are kept to be shown, up to a number.
constexpr std::size_t kMaxRequests = 1000;

void apply_request(DeleteRequest request, std::vector<DeleteRequest>& requests) {
  const auto found = std::find_if(requests.begin(), requests.end(),
                                  [&](const auto& r) { return r.id == request.id; });
  if (found != requests.end()) {
    *found = std::move(request);
    return;
  }
  requests.push_back(std::move(request));
  if (requests.size() <= kMaxRequests) return;
  const auto oldest =
      std::find_if(requests.begin(), requests.end(), [](const auto& r) { return r.is_processed; });
  if (oldest != requests.end()) requests.erase(oldest);
}

void apply_edit(ManifestEdit edit, ManifestState& state) {
  if (edit.next_segment != 0) state.next_segment = edit.next_segment;
  if (edit.wal_start != 0) state.wal_start = edit.wal_start;
  state.last_request = std::max(state.last_request, edit.last_request);
  const std::unordered_set<std::string> removed(edit.removed.begin(), edit.removed.end());
  std::erase_if(state.segments, [&](const SegmentMeta& s) { return removed.contains(s.file); });
  for (SegmentMeta& segment : edit.added) state.segments.push_back(std::move(segment));
  update(state.bookmarks, edit.bookmarks);
  for (DeleteRequest& request : edit.requests) apply_request(std::move(request), state.requests);
  for (const std::uint64_t id : edit.cancelled)
    std::erase_if(state.requests, [&](const DeleteRequest& request) { return request.id == id; });
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
                "{} is damaged ({} bytes); run livedata check --repair, which rebuilds it from the "
                "segments",
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
  record_log::append_record(encode_edit({.node = node_,
                                         .next_segment = state.next_segment,
                                         .wal_start = state.wal_start,
                                         .last_request = state.last_request,
                                         .added = state.segments,
                                         .requests = state.requests,
                                         .bookmarks = state.bookmarks}),
                            record);
  LIVEDATA_RETURN_IF_ERROR(log.write(record));
  LIVEDATA_RETURN_IF_ERROR(log.sync());
  const std::uint64_t size = log.size();
  LIVEDATA_RETURN_IF_ERROR(files_->rename(temporary, path_));
  LIVEDATA_RETURN_IF_ERROR(files_->sync_folder(path_.parent_path()));
  LIVEDATA_TRY(log_, record_log::RecordLogWriter::open(*files_, path_, size));
  bytes_when_rewritten_ = size;
  return {};
}

Result<void> Manifest::apply(ManifestEdit edit) {
  edit.node = node_;
  for (const DeleteRequest& request : edit.requests)
    edit.last_request = std::max(edit.last_request, request.id);
  std::string record;
  record_log::append_record(encode_edit(edit), record);
  ManifestState next = state_;
  apply_edit(std::move(edit), next);
  Result<void> done;
  if (log_ && log_->size() < 2 * bytes_when_rewritten_ + kRewriteAfter) {
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
