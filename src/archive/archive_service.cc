#include "archive/archive_service.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "archive/day_writer.h"
#include "base/hash.h"
#include "base/thread_pool.h"
#include "model/metric_sources.h"

namespace livedata::archive {
namespace {

constexpr auto kRetryAfter = std::chrono::minutes(5);
constexpr std::string_view kLogs = "logs";
constexpr std::string_view kMetrics = "metrics";

bool is_of(std::string_view source, const Labels& labels) {
  return is_own_metric_source(labels.get("source")) == (source == kMetrics);
}

std::vector<storage::DeleteRequest> requests_above(
    const std::vector<storage::DeleteRequest>& requests, std::uint64_t horizon) {
  std::vector<storage::DeleteRequest> out;
  for (const storage::DeleteRequest& request : requests) {
    if (request.id > horizon) out.push_back(request);
  }
  return out;
}

/// One run of a job: which files of the day it reads, and what the manifest becomes.
class JobRun {
 public:
  JobRun(ArchiveManifest manifest, const DayJob& job,
         const std::vector<storage::SealedSegment>& live)
      : manifest_(std::move(manifest)), job_(job) {
    for (const storage::SealedSegment& segment : live) {
      const bool is_input =
          std::any_of(job.segments.begin(), job.segments.end(),
                      [&](const auto& meta) { return meta.file == segment.meta.file; });
      if (is_input) segments_.push_back(segment);
    }
  }

  /// Whether a segment has been merged away since the job was planned.
  [[nodiscard]] bool is_outdated() const { return segments_.size() != job_.segments.size(); }

  /// The inputs of one source; none: there is nothing to do for it.
  Result<DayPart> part(const TenantId& tenant, std::string_view source,
                       const ArchiveCatalog& catalog) {
    replaced_.clear();
    native_.clear();
    all_native_ = true;
    DayPart part{.tenant = tenant.text(),
                 .day = job_.day,
                 .source = std::string(source),
                 .delete_horizon = job_.delete_horizon};
    const auto wants = [source](const Labels& labels) { return is_of(source, labels); };
    for (const storage::SealedSegment& segment : segments_) {
      LIVEDATA_TRY(const auto metadata, segment.blocks->metadata());
      const auto& streams = metadata->streams;
      if (std::none_of(streams.begin(), streams.end(),
                       [&](const auto& entry) { return wants(entry.stream->labels); }))
        continue;
      part.inputs.push_back(
          {segment.blocks, requests_above(job_.deletes, segment.meta.delete_horizon), wants});
      part.input_bytes += segment.meta.file_bytes;
      native_.insert(segment.meta.file);
    }
    for (const FileEntry& file : manifest_.files) {
      const bool is_input = job_.segments.empty() ? std::find(job_.files.begin(), job_.files.end(),
                                                              file.key) != job_.files.end()
                                                  : !part.inputs.empty();
      if (!is_input || file.day() != job_.day || file.source() != source) continue;
      add_file(tenant, file, catalog, part);
    }
    return part;
  }

  /// Whether the job's delete requests mean no stream of its files: then raising their horizon is
  /// all there is to do, which this does.
  Result<bool> only_raises_horizon(const TenantId& tenant, const ArchiveCatalog& catalog) {
    if (!job_.segments.empty()) return false;
    for (FileEntry& file : manifest_.files) {
      if (std::find(job_.files.begin(), job_.files.end(), file.key) == job_.files.end()) continue;
      LIVEDATA_TRY(const auto metadata, catalog.file(tenant, file.key)->metadata());
      for (const auto& request : requests_above(job_.deletes, file.delete_horizon)) {
        if (request.range.meets(file.min_timestamp, file.max_timestamp) &&
            !metadata->postings.find(request.matchers).empty())
          return false;
      }
      file.delete_horizon = job_.delete_horizon;
    }
    return true;
  }

  /// The part's files take the place of those that it was made of.
  void add(std::vector<FileEntry> written) {
    std::erase_if(manifest_.files,
                  [&](const FileEntry& file) { return replaced_.contains(file.key); });
    for (FileEntry& file : written) {
      if (all_native_) file.native.assign(native_.begin(), native_.end());
      manifest_.files.push_back(std::move(file));
    }
  }

  ArchiveManifest finish() {
    if (!job_.segments.empty()) {
      auto& archived = manifest_.archived_segments[job_.day];
      for (const auto& meta : job_.segments) archived.push_back(meta.file);
    }
    return std::move(manifest_);
  }

  std::string next_name() {
    const std::uint64_t number = manifest_.next_file++;
    return fmt::format("{:08}-{:08x}", number,
                       static_cast<std::uint32_t>(hash64(job_.day, number)));
  }

 private:
  void add_file(const TenantId& tenant, const FileEntry& file, const ArchiveCatalog& catalog,
                DayPart& part) {
    replaced_.insert(file.key);
    part.inputs.push_back(
        {catalog.file(tenant, file.key), requests_above(job_.deletes, file.delete_horizon), {}});
    part.input_bytes += file.bytes;
    all_native_ = all_native_ && !file.native.empty();
    native_.insert(file.native.begin(), file.native.end());
  }

  ArchiveManifest manifest_;
  const DayJob& job_;
  std::vector<storage::SealedSegment> segments_;
  // Of the part that is written.
  std::set<std::string> replaced_;
  std::set<std::string> native_;
  bool all_native_ = true;
};

}  // namespace

ArchiveService::ArchiveService(storage::Store& store, ArchiveCatalog& catalog,
                               ArchiveOptions options, FileSystem& files, const Clock& clock,
                               Logger& logger, MetricRegistry& metrics)
    : store_(store),
      catalog_(catalog),
      options_(std::move(options)),
      files_(files),
      clock_(clock),
      logger_(logger),
      metrics_(metrics),
      throttle_(options_.bytes_per_second) {}

Result<void> ArchiveService::clean_up() {
  LIVEDATA_RETURN_IF_ERROR(files_.create_folders(options_.staging_folder));
  LIVEDATA_TRY(const auto names, files_.list(options_.staging_folder));
  for (const std::string& name : names)
    LIVEDATA_RETURN_IF_ERROR(files_.remove(options_.staging_folder / name));
  return catalog_.remove_orphans(deadline_);
}

Result<void> ArchiveService::start() {
  LIVEDATA_RETURN_IF_ERROR(clean_up());
  thread_ = std::thread([this] {
    name_this_thread("ld-archive");
    set_priority_of_this_thread(Priority::kIdle);
    work();
  });
  return {};
}

void ArchiveService::stop() {
  deadline_.cancel();
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool ArchiveService::sleep(std::chrono::nanoseconds time) {
  MutexLock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + time;
  while (!stopping_) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds(0)) return true;
    static_cast<void>(lock.wait_for(wake_, left));
  }
  return false;
}

void ArchiveService::work() {
  std::chrono::nanoseconds wait = options_.interval;
  while (sleep(wait)) {
    wait = options_.interval;
    const auto done = run();
    if (done || done.error().code == ErrorCode::kCancelled) continue;
    logger_.error("archiving failed, will be tried again: {}", done.error().message);
    metrics_.counter("livedata_archive_failures_total", "Runs of the archive that failed").add();
    wait = kRetryAfter;
  }
}

Result<void> ArchiveService::pace(std::size_t raw_bytes) {
  LIVEDATA_RETURN_IF_ERROR(deadline_.check());
  const auto wait = throttle_.take(raw_bytes, std::chrono::steady_clock::now());
  if (wait > std::chrono::nanoseconds(0) && !sleep(wait))
    return fail(ErrorCode::kCancelled, "livedata is shutting down");
  return {};
}

Result<void> ArchiveService::run() {
  LIVEDATA_RETURN_IF_ERROR(files_.create_folders(options_.staging_folder));
  for (const TenantId& tenant : store_.tenants()) LIVEDATA_RETURN_IF_ERROR(run_tenant(tenant));
  return {};
}

Result<void> ArchiveService::run_tenant(const TenantId& tenant) {
  for (;;) {
    LIVEDATA_RETURN_IF_ERROR(deadline_.check());
    LIVEDATA_RETURN_IF_ERROR(drop_segments(tenant));
    std::vector<storage::SegmentMeta> metas;
    for (auto& segment : store_.segments(tenant)) metas.push_back(std::move(segment.meta));
    const auto job = plan_archive(metas, catalog_.manifest(tenant), store_.delete_requests(tenant),
                                  options_, clock_.now());
    if (!job) return {};
    LIVEDATA_RETURN_IF_ERROR(run_job(tenant, *job));
    catalog_.remove_retired(deadline_);
  }
}

Result<void> ArchiveService::run_job(const TenantId& tenant, const DayJob& job) {
  JobRun run(catalog_.manifest(tenant), job, store_.segments(tenant));
  if (run.is_outdated()) return {};  // the next plan knows better
  LIVEDATA_TRY(const bool is_done, run.only_raises_horizon(tenant, catalog_));
  if (is_done) return catalog_.replace(tenant, run.finish(), deadline_);
  const auto pace = [this](std::size_t bytes) { return this->pace(bytes); };
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  for (const std::string_view source : {kLogs, kMetrics}) {
    LIVEDATA_TRY(const DayPart part, run.part(tenant, source, catalog_));
    if (part.inputs.empty()) continue;
    LIVEDATA_TRY(auto written, write_day(
                                   files_, catalog_.store(), options_, part,
                                   [&run] { return run.next_name(); }, pace, deadline_));
    for (const FileEntry& file : written) {
      rows += file.rows;
      bytes += file.bytes;
    }
    run.add(std::move(written));
  }
  LIVEDATA_RETURN_IF_ERROR(catalog_.replace(tenant, run.finish(), deadline_));
  metrics_.counter("livedata_archived_records_total", "Records written into the archive").add(rows);
  metrics_.counter("livedata_archived_bytes_total", "Bytes of Parquet files of the archive")
      .add(bytes);
  logger_.info("archived {} of {}: {} records, {} bytes", job.day, tenant.text(), rows, bytes);
  return {};
}

Result<void> ArchiveService::drop_segments(const TenantId& tenant) {
  ArchiveManifest manifest = catalog_.manifest(tenant);
  const auto days = days_to_drop(manifest, options_, clock_.now());
  if (days.empty()) return {};
  std::vector<std::string> segments;
  for (const std::string& day : days) {
    const auto& of_day = manifest.archived_segments[day];
    segments.insert(segments.end(), of_day.begin(), of_day.end());
  }
  LIVEDATA_RETURN_IF_ERROR(store_.drop_archived(tenant, segments));
  for (const std::string& day : days) {
    manifest.archived_segments.erase(day);
    for (FileEntry& file : manifest.files) {
      if (file.day() == day) file.native.clear();
    }
  }
  return catalog_.replace(tenant, std::move(manifest), deadline_);
}

}  // namespace livedata::archive
