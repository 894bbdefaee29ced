#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ingest/line_clock.h"
#include "ingest/pipeline/multi_line.h"
#include "ingest/record_intake.h"
#include "model/limits.h"

namespace livedata::collect {

/// Makes records of the lines of one reading of a file: gives each the time that stands in it, and
/// joins those that belong together. Not thread-safe; for one reading.
class TailedRecords {
 public:
  /// `rules` may be null: each line is a record.
  TailedRecords(ingest::RecordIntake& intake, const ingest::RecordIntake::StreamSlot& stream,
                const Limits& limits, const ingest::pipeline::MultiLineRules* rules);

  /// A line and its place in the file.
  void add(std::string_view line, std::uint64_t offset);

  /// Where the record begins of which more lines may come.
  [[nodiscard]] std::optional<std::uint64_t> pending() const;
  /// Hands it on.
  void flush();

 private:
  void add_record(TimestampNs timestamp, std::string_view line);

  ingest::RecordIntake& intake_;
  const ingest::RecordIntake::StreamSlot& stream_;
  std::optional<ingest::pipeline::MultiLine> joiner_;
  ingest::LineClock times_;
  std::vector<Field> fields_;
};

}  // namespace livedata::collect
