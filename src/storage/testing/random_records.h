#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "model/record_batch.h"

namespace livedata::storage {

/// Random but repeatable record batches: several streams, lines of text and of bytes, fields of all
/// types, timestamps within [start, start + spread). Every line holds a number of its own.
class RandomRecords {
 public:
  explicit RandomRecords(std::uint64_t seed, TimestampNs start = 1'700'000'000 * kNsPerSecond,
                         std::int64_t spread_ns = 600 * kNsPerSecond)
      : random_(seed), start_(start), spread_(spread_ns) {}

  RecordBatch batch(std::size_t num_rows);
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

 private:
  std::string line();

  std::mt19937_64 random_;
  TimestampNs start_;
  std::int64_t spread_;
  std::uint64_t next_id_ = 0;
};

/// One record in a form that compares and prints well.
struct PlainRecord {
  std::string labels;
  TimestampNs timestamp = 0;
  std::string line;
  std::vector<std::string> fields;  ///< "name=value", sorted
  auto operator<=>(const PlainRecord&) const = default;
};

PlainRecord plain_record(const RecordBatch& batch, RowIndex row);
std::vector<PlainRecord> plain_records(const RecordBatch& batch);

}  // namespace livedata::storage
