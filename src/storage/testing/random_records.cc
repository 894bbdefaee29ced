#include "storage/testing/random_records.h"

#include <algorithm>

namespace livedata::storage {

std::string RandomRecords::line() {
  std::string out = "id=" + std::to_string(next_id_++) + " ";
  switch (below(4)) {
    case 0:
      return out + "GET /api/items/" + std::to_string(below(50)) +
             " status=" + std::to_string(200 + below(4) * 100);
    case 1:
      return out + R"({"level":"info","user":")" + std::to_string(below(1000)) + "\"}";
    case 2:
      for (std::uint64_t n = below(60); n > 0; --n) out += static_cast<char>(below(256));
      return out;
    default:
      return out + std::string(below(300), 'x');
  }
}

RecordBatch RandomRecords::batch(std::size_t num_rows) {
  RecordBatch batch;
  std::vector<std::uint32_t> streams;
  for (std::uint64_t n = 1 + below(6); n > 0; --n) {
    streams.push_back(batch.add_stream(Labels({{"service_name", "svc" + std::to_string(below(8))},
                                               {"host", "web" + std::to_string(below(3))}})));
  }
  for (std::size_t i = 0; i < num_rows; ++i) {
    const std::string text = "trace" + std::to_string(below(100));
    std::vector<Field> fields;
    if (below(2) == 0) fields.push_back({"trace_id", std::string_view(text)});
    if (below(3) == 0) fields.push_back({"status", static_cast<std::int64_t>(below(600))});
    if (below(4) == 0) fields.push_back({"seconds", static_cast<double>(below(1000)) / 8});
    if (below(5) == 0) fields.push_back({"cached", below(2) == 0});
    const auto offset = static_cast<std::int64_t>(below(static_cast<std::uint64_t>(spread_)));
    batch.add(streams[below(streams.size())], start_ + offset, line(), fields);
  }
  return batch;
}

PlainRecord plain_record(const RecordBatch& batch, RowIndex row) {
  PlainRecord record;
  record.labels = batch.stream(row).labels.to_string();
  record.timestamp = batch.timestamps()[row];
  record.line = batch.line(row);
  for (const Field& field : batch.fields(row)) {
    record.fields.push_back(std::string(field.name) + "=" + to_string(field.value));
  }
  return record;
}

std::vector<PlainRecord> plain_records(const RecordBatch& batch) {
  std::vector<PlainRecord> records;
  for (RowIndex row = 0; row < batch.num_rows(); ++row) records.push_back(plain_record(batch, row));
  return records;
}

}  // namespace livedata::storage
