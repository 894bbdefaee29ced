#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"

namespace livedata::query {

/// One record of a log query's answer. Labels come in three categories, as Loki tells them apart.
struct LogRow {
  StreamRef stream;
  TimestampNs timestamp = 0;
  std::string line;
  std::vector<Label> metadata;  ///< the record's fields (structured metadata), sorted by name
  std::vector<Label>
      parsed;  ///< what the pipeline's stages added, sorted by name; wins over the others
};

struct Sample {
  TimestampNs time = 0;
  double value = 0;
};

struct Series {
  Labels labels;
  std::vector<Sample> samples;  ///< ascending time
};

struct LogRows {
  std::vector<LogRow> rows;
};  ///< in the query's direction
struct Matrix {
  std::vector<Series> series;
};  ///< sorted by labels
struct Vector {
  std::vector<Series> series;
};  ///< one sample each
struct Scalar {
  Sample sample;
};

/// One step of a query's plan, as it was run.
struct PlanStep {
  std::string text;
  std::uint64_t rows_in = 0;
  std::uint64_t rows_out = 0;
  std::uint64_t bytes = 0;  ///< read from storage by it
};

struct QueryStats {
  std::uint64_t bytes_processed = 0;  ///< raw bytes of the lines that were looked at
  std::uint64_t lines_processed = 0;
  std::uint64_t lines_matched = 0;  ///< after all filters
  std::uint64_t entries_returned = 0;
  std::uint64_t blocks_total = 0;
  std::uint64_t blocks_read = 0;
  std::uint64_t blocks_cached = 0;    ///< that were still in memory
  std::uint64_t blocks_filtered = 0;  ///< that their filters let nobody read
  std::uint64_t segments_skipped = 0;
  std::uint64_t blocks_skipped = 0;   ///< by time and labels
  std::uint64_t line_bytes_read = 0;  ///< of text, in columns of lines that were decoded
  double queue_seconds = 0;           ///< waited for its turn
  double exec_seconds = 0;
  bool explains = false;  ///< whether `plan` is to be filled
  std::vector<PlanStep> plan = {};
  std::vector<std::string> warnings = {};  ///< what is missing from the answer, and why
};

struct QueryAnswer {
  std::variant<LogRows, Matrix, Vector, Scalar> value;
  QueryStats stats;
};

}  // namespace livedata::query
