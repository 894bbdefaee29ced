#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"

namespace livedata::storage::record_log {

/// What reading a log found beside its good records.
struct RecordLogSummary {
  std::uint64_t records = 0;
  /// End of the last good record: what follows is a torn tail of an interrupted write, to be cut
  /// off before the log is written on.
  std::uint64_t good_bytes = 0;
  std::uint64_t torn_bytes = 0;
  /// Damage that good records follow: lost for good, stepped over.
  std::uint64_t damaged_regions = 0;
  std::uint64_t damaged_bytes = 0;
};

/// Calls visit for the payload of each good record, in order, and steps over damaged ones. A
/// payload that the visitor refuses counts as damaged, but kUnsupported ends the reading with that
/// error. A file that is shorter than its header is a torn creation: no records, no error. kCorrupt
/// for another kind of file, kUnsupported for a newer version.
Result<RecordLogSummary> read_record_log(
    FileSystem& files, const Path& path,
    const std::function<Result<void>(std::string_view payload)>& visit);

}  // namespace livedata::storage::record_log
