#pragma once

#include <optional>
#include <string>
#include <vector>

#include "archive/archive_options.h"
#include "archive/manifest/archive_manifest.h"
#include "model/time_range.h"
#include "storage/manifest/manifest_edit.h"

namespace livedata::archive {

/// What is to be done for one day of a tenant: segments that go into the archive, together with
/// what it has of that day, or files that delete requests have to be applied to.
struct DayJob {
  std::string day;  ///< such as 2026-01-02
  std::vector<storage::SegmentMeta> segments = {};
  std::vector<std::string> files = {};  ///< keys, of those that are rewritten without segments
  std::vector<storage::DeleteRequest> deletes = {};  ///< that can't be cancelled any more
  /// Of what is written: the requests up to this id are done with.
  std::uint64_t delete_horizon = 0;
};

/// The next job, or nothing. Pure. Days are archived in their order. A day waits while a delete
/// request that may still be cancelled concerns it. Segments that reach over the end of a day are
/// not archived.
std::optional<DayJob> plan_archive(const std::vector<storage::SegmentMeta>& segments,
                                   const ArchiveManifest& manifest,
                                   const std::vector<storage::DeleteRequest>& requests,
                                   const ArchiveOptions& options, TimestampNs now);

/// Days whose archived segments are to leave the store.
std::vector<std::string> days_to_drop(const ArchiveManifest& manifest,
                                      const ArchiveOptions& options, TimestampNs now);

/// "2026-01-02" of a time, and the range of such a day. Precondition: it is one.
std::string day_name(TimestampNs time);
TimeRange day_range(std::string_view day);

}  // namespace livedata::archive
