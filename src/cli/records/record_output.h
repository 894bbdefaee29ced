#pragma once

#include <functional>
#include <string>

#include "cli/records/record_stream.h"

namespace livedata::cli {

enum class RecordFormat { kParquet, kCsv, kNdjson };

struct OutputTarget {
  RecordFormat format = RecordFormat::kNdjson;
  std::string path;  ///< a file, a folder (which is there, or ends with a slash), or - for stdout
};

/// Called with every part of the records that is written.
using OnRecords = std::function<void(const RecordBatch&)>;

/// Writes all records of a stream. A file gets its name when it is whole; a folder gets a file per
/// day, day=YYYY-MM-DD/records.EXTENSION.
Result<void> write_records(RecordStream& stream, const OutputTarget& target,
                           const OnRecords& on_records);

}  // namespace livedata::cli
