#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "model/record_batch.h"

namespace livedata::cli {

/// Takes the next records of a file, and how many bytes of it have been read (0: nobody knows). An
/// error ends the reading.
using TakeRecords = std::function<Result<void>(RecordBatch&&, std::uint64_t bytes_read)>;

/// Gives the records of a file that an export or the archive has written: Parquet, CSV or NDJSON,
/// the latter two also packed by gzip or zstd. What it is is told by its first bytes; - is standard
/// input, which can't be Parquet. Errors name the place.
Result<void> read_record_file(const std::string& path, const Deadline& deadline,
                              const TakeRecords& take);

/// A file stands for itself, a folder for the files in it and below it that may be such.
std::vector<std::string> record_files_of(const std::vector<std::string>& arguments);

}  // namespace livedata::cli
