#include "storage/check/store_check.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/bytes.h"
#include "model/tenant_id.h"
#include "storage/check/segment_check.h"
#include "storage/compaction/compactor.h"
#include "storage/wal/wal.h"

namespace livedata::storage {
namespace {

constexpr std::size_t kCacheBytes = 64_MiB;

std::string joined(const std::vector<std::string>& sentences) {
  std::string out;
  for (const std::string& sentence : sentences) out += (out.empty() ? "" : "; ") + sentence;
  return out;
}

/// The number at the end of NODE-NUMBER.seg, hexadecimal; 0 for other names.
std::uint64_t number_of(const std::string& file) {
  const std::size_t dash = file.rfind('-');
  std::uint64_t number = 0;
  if (dash != std::string::npos)
    std::from_chars(file.data() + dash + 1, file.data() + file.size(), number, 16);
  return number;
}

/// Checks, and repairs, one tenant's folder.
class TenantCheck {
 public:
  TenantCheck(const SegmentCatalog::Context& context, Path folder, std::string node, CheckMode mode,
              CheckReport& report)
      : context_(context),
        folder_(std::move(folder)),
        node_(std::move(node)),
        mode_(mode),
        report_(report) {}

  Result<void> run() {
    LIVEDATA_TRY(const ManifestState state, check_manifest());
    LIVEDATA_RETURN_IF_ERROR(check_wal(state.wal_start));
    std::vector<std::string> damaged;
    std::vector<std::string> missing;
    for (const SegmentMeta& meta : state.segments) {
      LIVEDATA_TRY(const Verdict verdict, check_file(meta));
      if (verdict == Verdict::kDamaged) damaged.push_back(meta.file);
      if (verdict == Verdict::kUseless) missing.push_back(meta.file);
    }
    if (mode_ == CheckMode::kReport || (damaged.empty() && missing.empty())) return {};
    return repair_segments(damaged, missing);
  }

 private:
  enum class Verdict { kGood, kDamaged, kUseless };

  [[nodiscard]] Path manifest_path() const { return folder_ / "MANIFEST"; }
  [[nodiscard]] bool repairing() const { return mode_ == CheckMode::kRepair; }

  Result<ManifestState> check_manifest() {
    auto state = Manifest::read(context_.files, manifest_path());
    if (state || state.error().code != ErrorCode::kCorrupt) return state;
    report_.findings.push_back(
        {manifest_path().string(), state.error().message,
         "delete requests are forgotten, and records that compaction had removed from files still "
         "lying there come back",
         "rebuild it from the segments", repairing()});
    LIVEDATA_TRY(ManifestState rebuilt, state_from_segments());
    if (repairing()) LIVEDATA_RETURN_IF_ERROR(write_manifest(rebuilt));
    return rebuilt;
  }

  Result<ManifestState> state_from_segments() {
    ManifestState state;
    const Path segments = folder_ / "segments";
    LIVEDATA_TRY(const bool exists, context_.files.exists(segments));
    if (!exists) return state;
    LIVEDATA_TRY(const auto windows, context_.files.list(segments));
    for (const std::string& window : windows) {
      LIVEDATA_TRY(const auto names, context_.files.list(segments / window));
      for (const std::string& name : names) {
        if (!name.ends_with(".seg")) continue;
        const auto meta = meta_from_file(fmt::format("{}/{}", window, name));
        if (meta) state.segments.push_back(*meta);
        state.next_segment = std::max(state.next_segment, number_of(name) + 1);
      }
    }
    return state;
  }

  Result<SegmentMeta> meta_from_file(const std::string& file) {
    LIVEDATA_TRY(const auto reader,
                 segment::SegmentReader::open(context_.files, folder_ / "segments" / file,
                                              context_.sharing));
    return SegmentMeta{.file = file,
                       .window_start = reader->min_timestamp(),
                       .window_end = reader->max_timestamp() + 1,
                       .file_bytes = reader->file_bytes(),
                       .num_rows = reader->num_rows(),
                       .min_timestamp = reader->min_timestamp(),
                       .max_timestamp = reader->max_timestamp(),
                       .created = context_.clock.now()};
  }

  Result<void> write_manifest(const ManifestState& state) {
    LIVEDATA_RETURN_IF_ERROR(
        context_.files.rename(manifest_path(), manifest_path().string() + ".damaged"));
    LIVEDATA_TRY(Manifest manifest, Manifest::open(context_.files, manifest_path(), node_));
    return manifest.apply({.next_segment = state.next_segment, .added = state.segments});
  }

  Result<void> check_wal(std::uint64_t wal_start) {
    ThreadPool no_threads("ld-check", 0, 0);
    LIVEDATA_TRY(const Wal::Replay replay,
                 Wal::replay(context_.files, folder_ / "wal", wal_start, no_threads,
                             [](std::uint64_t, const Wal::Entry&) {}));
    report_.wal_rows += replay.rows;
    const std::string where = (folder_ / "wal").string();
    if (replay.damaged_bytes > 0) {
      report_.findings.push_back({where,
                                  fmt::format("{} damaged bytes in {} places", replay.damaged_bytes,
                                              replay.damaged_regions),
                                  "the records in them", "nothing to do: recovery steps over them",
                                  false});
    }
    for (const Path& path : replay.unreadable) {
      report_.findings.push_back({path.string(), "not readable as a write-ahead log",
                                  "the records in it",
                                  "nothing to do: the next start sets it aside", false});
    }
    return {};
  }

  Result<Verdict> check_file(const SegmentMeta& meta) {
    ++report_.segments;
    const Path path = folder_ / "segments" / meta.file;
    const std::string lost_all = fmt::format("{} records", meta.num_rows);
    const auto useless = [&](const std::string& what) {
      report_.findings.push_back(
          {path.string(), what, lost_all, "take it off the manifest", repairing()});
      return Verdict::kUseless;
    };
    const auto reader = segment::SegmentReader::open(context_.files, path, context_.sharing);
    if (!reader) return useless(reader.error().message);
    const auto checked = check_segment(**reader);
    if (!checked) return useless(checked.error().message);
    report_.blocks += checked->blocks;
    report_.rows += checked->rows;
    report_.bytes += (*reader)->file_bytes();
    const bool lacks_blocks = checked->rows + checked->lost_rows < meta.num_rows;
    if (checked->damaged_blocks.empty() && checked->damaged_index.empty() && !lacks_blocks)
      return Verdict::kGood;
    std::vector<std::string> sentences = checked->damaged_blocks;
    sentences.insert(sentences.end(), checked->damaged_index.begin(), checked->damaged_index.end());
    const std::uint64_t lost = meta.num_rows - std::min(meta.num_rows, checked->rows);
    report_.findings.push_back({path.string(), joined(sentences),
                                lost == 0 ? "" : fmt::format("{} records", lost),
                                "write it anew from the blocks that can be read", repairing()});
    return Verdict::kDamaged;
  }

  Result<void> repair_segments(const std::vector<std::string>& damaged,
                               const std::vector<std::string>& missing) {
    LIVEDATA_TRY(const auto catalog, SegmentCatalog::open(context_, folder_, node_));
    MergeOptions merge;
    merge.block_bytes = 1_MiB;
    Compactor compactor(*catalog, context_, CompactionOptions(), merge);
    for (const LiveSegment& segment : catalog->segments()) {
      const std::string& file = segment.meta.file;
      const Path path = catalog->segments_folder() / file;
      if (std::find(missing.begin(), missing.end(), file) != missing.end()) {
        LIVEDATA_RETURN_IF_ERROR(keep_copy(path));
        LIVEDATA_RETURN_IF_ERROR(catalog->apply({.removed = {file}}));
      }
      if (std::find(damaged.begin(), damaged.end(), file) == damaged.end()) continue;
      LIVEDATA_RETURN_IF_ERROR(keep_copy(path));
      LIVEDATA_RETURN_IF_ERROR(compactor.rewrite(segment.meta, {}, OnDamage::kLeaveOut));
    }
    catalog->remove_retired();
    return {};
  }

  /// The damaged file under another name, for a person to look at.
  Result<void> keep_copy(const Path& path) {
    auto content = context_.files.read_all(path);
    if (!content) return {};  // missing, or the disk can't read it
    return write_atomically(context_.files, path.string() + ".damaged", *content);
  }

  const SegmentCatalog::Context& context_;
  const Path folder_;
  const std::string node_;
  const CheckMode mode_;
  CheckReport& report_;
};

}  // namespace

Result<CheckReport> check_store(FileSystem& files, const Clock& clock, Logger& logger,
                                MetricRegistry& metrics, const Path& data_folder, CheckMode mode) {
  const Path tenants = data_folder / "tenants";
  LIVEDATA_TRY(const bool exists, files.exists(tenants));
  if (!exists) return fail(ErrorCode::kNotFound, "{} holds no livedata data", data_folder.string());
  std::unique_ptr<FileLock> lock;
  std::string node;
  if (mode == CheckMode::kRepair) {
    LIVEDATA_TRY(lock, files.lock(data_folder / "LOCK"));
    LIVEDATA_TRY(node, files.read_all(data_folder / "NODE"));
  }
  const SegmentCatalog::Context context{
      files,
      clock,
      logger,
      metrics,
      {std::make_shared<StreamTable>(), std::make_shared<segment::SegmentCache>(kCacheBytes, 0)}};
  CheckReport report;
  LIVEDATA_TRY(const auto names, files.list(tenants));
  for (const std::string& name : names) {
    LIVEDATA_RETURN_IF_ERROR(TenantId::parse(name));
    ++report.tenants;
    LIVEDATA_RETURN_IF_ERROR(TenantCheck(context, tenants / name, node, mode, report).run());
  }
  return report;
}

}  // namespace livedata::storage
