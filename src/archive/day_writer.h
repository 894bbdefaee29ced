#pragma once

#include <functional>
#include <string>
#include <vector>

#include "archive/archive_options.h"
#include "archive/manifest/archive_manifest.h"
#include "archive/object_store/object_store.h"
#include "base/deadline.h"
#include "base/file_system.h"
#include "storage/compaction/merge.h"

namespace livedata::archive {

/// Which records of a day are written, and as what.
struct DayPart {
  std::string tenant;
  std::string day;                               ///< such as 2026-01-02
  std::string source;                            ///< "logs" or "metrics"
  std::vector<storage::MergeInput> inputs = {};  ///< whose wants() is set
  std::uint64_t input_bytes = 0;                 ///< of their files
  std::uint64_t delete_horizon = 0;              ///< of the result
};

/// Writes a part of a day into files of about the wanted size: merged and sorted into the staging
/// folder, read back and compared, and put into the store with their indexes. The manifest is not
/// touched: after a failure the files are orphans. No records: no files.
///
/// `next_name` gives names that no file had before. `pace` as MergeOptions has it.
Result<std::vector<FileEntry>> write_day(FileSystem& files, ObjectStore& store,
                                         const ArchiveOptions& options, const DayPart& part,
                                         const std::function<std::string()>& next_name,
                                         const std::function<Result<void>(std::size_t)>& pace,
                                         const Deadline& deadline);

}  // namespace livedata::archive
