#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/result.h"
#include "ingest/pipeline/pipeline.h"
#include "model/limits.h"
#include "model/record_batch.h"

namespace livedata::cli {

/// Makes records of the lines of log files, as a server does of lines that are sent to it: labels
/// `service_name` and `filename`, the time that a line states, its level. Not thread-safe.
class FileRecords {
 public:
  struct Options {
    /// Whether members of JSON lines, logfmt pairs and the parts of access logs become fields.
    bool finds_fields = false;
    /// Whether times matter; without them they are the file's, ascending.
    bool reads_times = true;
    /// Lines that lack one of these need not be given.
    std::vector<std::string> needles = {};
  };
  /// An error ends the reading, and is what read() returns.
  using Take = std::function<Result<void>(RecordBatch&&)>;

  FileRecords(Options options, const Clock& clock, const Deadline& deadline);

  /// Gives a file's records in the order of its lines, a batch of about a megabyte at a time;
  /// sooner where a pipe is read and nothing comes. Errors as of LineReader; the lines in front of
  /// the damage were given.
  Result<void> read(const std::string& path, const Take& take);

  /// What has been read of all files, as they are stored.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::uint64_t lines_read() const { return lines_read_; }

 private:
  /// The lines of a file that wait to be given.
  struct Waiting {
    RecordBatch lines;  // of one stream, with their times
    std::size_t bytes = 0;
  };
  Result<void> give(const std::vector<Label>& labels, Waiting& waiting, const Take& take) const;

  const Options options_;
  const Clock& clock_;
  const Deadline deadline_;
  Limits limits_;
  ingest::pipeline::Pipelines pipelines_;  // that find fields
  std::uint64_t bytes_read_ = 0;
  std::uint64_t lines_read_ = 0;
};

}  // namespace livedata::cli
