#include "storage/catalog/segment_catalog.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

namespace livedata::storage {

SegmentCatalog::SegmentCatalog(const Context& context, const Path& folder)
    : context_(context), folder_(folder), segments_folder_(folder / "segments") {}

Result<std::unique_ptr<SegmentCatalog>> SegmentCatalog::open(const Context& context,
                                                             const Path& folder,
                                                             const std::string& node) {
  std::unique_ptr<SegmentCatalog> catalog(
      new SegmentCatalog(context, folder));  // NOLINT: the constructor is private
  catalog->node_ = node;
  LIVEDATA_RETURN_IF_ERROR(context.files.create_folders(catalog->segments_folder_));
  LIVEDATA_RETURN_IF_ERROR(context.files.sync_folder(folder));
  ManifestState state;
  {
    const MutexLock lock(catalog->edit_mutex_);
    LIVEDATA_TRY(catalog->manifest_, Manifest::open(context.files, folder / "MANIFEST", node));
    state = catalog->manifest_->state();  // NOLINT(bugprone-unchecked-optional-access): set above
  }
  LIVEDATA_RETURN_IF_ERROR(catalog->remove_orphans(state));
  LIVEDATA_RETURN_IF_ERROR(catalog->open_segments(state.segments));
  const MutexLock lock(catalog->mutex_);
  catalog->next_segment_ = state.next_segment;
  catalog->take_over(state);
  return catalog;
}

Result<std::unique_ptr<SegmentCatalog>> SegmentCatalog::open_read_only(const Context& context,
                                                                       const Path& folder) {
  // A writer may replace segments between our reading of its manifest and of its segments: then
  // the manifest has changed, too.
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    std::unique_ptr<SegmentCatalog> catalog(
        new SegmentCatalog(context, folder));  // NOLINT: the constructor is private
    LIVEDATA_TRY(const ManifestState state, Manifest::read(context.files, folder / "MANIFEST"));
    bool is_gone = false;
    for (const SegmentMeta& meta : state.segments) {
      LIVEDATA_TRY(const bool exists, context.files.exists(catalog->segments_folder_ / meta.file));
      is_gone = is_gone || !exists;
    }
    if (is_gone && attempt < kAttempts) continue;
    LIVEDATA_RETURN_IF_ERROR(catalog->open_segments(state.segments));
    const MutexLock lock(catalog->mutex_);
    catalog->take_over(state);
    return catalog;
  }
}

Result<std::shared_ptr<const segment::SegmentReader>> SegmentCatalog::open_reader(
    const SegmentMeta& meta) const {
  return segment::SegmentReader::open(context_.files, segments_folder_ / meta.file,
                                      context_.sharing);
}

Result<void> SegmentCatalog::open_segments(const std::vector<SegmentMeta>& segments) {
  for (const SegmentMeta& meta : segments) {
    auto reader = open_reader(meta);
    if (!reader) {
      // The rest of the data must stay available; the manifest keeps the segment for a repair.
      context_.logger.error("segment left out: {}; livedata check says more",
                            reader.error().message);
      context_.metrics
          .counter("livedata_segments_damaged_total", "Segments that turned out to be damaged")
          .add();
    }
    const MutexLock lock(mutex_);
    const bool is_damaged = !reader;
    segments_.push_back({meta, reader ? *std::move(reader) : nullptr, is_damaged});
  }
  return {};
}

Result<void> SegmentCatalog::remove_orphans(const ManifestState& state) const {
  std::set<std::string> live;
  for (const SegmentMeta& segment : state.segments) live.insert(segment.file);
  LIVEDATA_TRY(const auto windows, context_.files.list(segments_folder_));
  for (const std::string& window : windows) {
    LIVEDATA_TRY(const auto names, context_.files.list(segments_folder_ / window));
    for (const std::string& name : names) {
      if (live.contains((Path(window) / name).string())) continue;
      // Files that were set aside as damaged are a person's to remove.
      if (!name.ends_with(".seg") && !name.ends_with(".tmp")) continue;
      LIVEDATA_RETURN_IF_ERROR(context_.files.remove(segments_folder_ / window / name));
    }
  }
  return {};
}

CatalogView SegmentCatalog::view() const {
  const MutexLock lock(mutex_);
  CatalogView view;
  view.deletes = deletes_;
  for (const LiveSegment& segment : segments_) {
    if (segment.reader != nullptr) view.segments.push_back(segment);
  }
  return view;
}

std::vector<LiveSegment> SegmentCatalog::segments() const {
  const MutexLock lock(mutex_);
  return segments_;
}

std::vector<DeleteRequest> SegmentCatalog::requests() const {
  const MutexLock lock(mutex_);
  return requests_;
}

std::uint64_t SegmentCatalog::wal_start() const {
  const MutexLock lock(mutex_);
  return wal_start_;
}

Bookmarks SegmentCatalog::bookmarks() const {
  const MutexLock lock(mutex_);
  return bookmarks_;
}

std::uint64_t SegmentCatalog::delete_horizon() const {
  const MutexLock lock(mutex_);
  return last_request_;
}

std::string SegmentCatalog::next_name() {
  const MutexLock lock(mutex_);
  return fmt::format("{}-{:012x}", node_, next_segment_++);
}

void SegmentCatalog::take_over(const ManifestState& state) {
  wal_start_ = state.wal_start;
  last_request_ = state.last_request;
  bookmarks_ = state.bookmarks;
  requests_ = state.requests;
  auto active = std::make_shared<std::vector<DeleteRequest>>();
  for (const DeleteRequest& request : state.requests) {
    if (!request.is_processed) active->push_back(request);
  }
  deletes_ = active->empty() ? nullptr : std::move(active);
}

Result<void> SegmentCatalog::apply(ManifestEdit edit) {
  const MutexLock edit_lock(edit_mutex_);
  if (!manifest_) return fail(ErrorCode::kUnsupported, "the data folder is open for reading only");
  std::vector<LiveSegment> added;
  {
    const MutexLock lock(mutex_);
    edit.next_segment = next_segment_;
    // A segment that is removed and added again keeps its reader.
    for (const SegmentMeta& meta : edit.added) {
      const auto known =
          std::find_if(segments_.begin(), segments_.end(),
                       [&](const LiveSegment& s) { return s.meta.file == meta.file; });
      added.push_back({meta, nullptr, false});
      if (known == segments_.end()) continue;
      added.back().reader = known->reader;
      added.back().is_damaged = known->is_damaged;
    }
  }
  for (LiveSegment& segment : added) {
    if (segment.reader != nullptr) continue;
    LIVEDATA_TRY(segment.reader, open_reader(segment.meta));
  }
  const std::unordered_set<std::string> removed(edit.removed.begin(), edit.removed.end());
  LIVEDATA_RETURN_IF_ERROR(manifest_->apply(std::move(edit)));
  const MutexLock lock(mutex_);
  take_over(manifest_->state());
  std::vector<LiveSegment> next;
  for (LiveSegment& segment : segments_) {
    if (!removed.contains(segment.meta.file)) {
      next.push_back(std::move(segment));
      continue;
    }
    const bool stays = std::any_of(added.begin(), added.end(), [&](const LiveSegment& s) {
      return s.meta.file == segment.meta.file;
    });
    if (!stays) retired_.push_back({segment.reader, segments_folder_ / segment.meta.file});
  }
  for (LiveSegment& segment : added) next.push_back(std::move(segment));
  segments_ = std::move(next);
  return {};
}

void SegmentCatalog::mark_damaged(const std::string& file) {
  context_.logger.error(
      "the segment {} is damaged; livedata check --repair saves what can be saved",
      (segments_folder_ / file).string());
  context_.metrics
      .counter("livedata_segments_damaged_total", "Segments that turned out to be damaged")
      .add();
  const MutexLock lock(mutex_);
  for (LiveSegment& segment : segments_) {
    if (segment.meta.file == file) segment.is_damaged = true;
  }
}

void SegmentCatalog::remove_retired() {
  std::vector<Path> unused;
  {
    const MutexLock lock(mutex_);
    std::erase_if(retired_, [&](const Retired& retired) {
      if (!retired.reader.expired()) return false;
      unused.push_back(retired.path);
      return true;
    });
  }
  for (const Path& path : unused) {
    if (auto removed = context_.files.remove(path);
        !removed && removed.error().code != ErrorCode::kNotFound) {
      // The next start finds it again: it is in no manifest.
      context_.logger.warn("{}; it is removed at the next start", removed.error().message);
    }
  }
}

}  // namespace livedata::storage
