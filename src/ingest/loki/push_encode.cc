// PushRequest{1: Stream*}, Stream{1: labels, 2: Entry*}, Entry{1: Timestamp{1: s, 2: ns}, 2: line,
// 3: LabelPair{1, 2}*}
#include "ingest/loki/push_encode.h"

#include <snappy.h>

#include <protozero/pbf_writer.hpp>

namespace livedata::ingest::loki {
namespace {

void write_time(TimestampNs time, protozero::pbf_writer& entry) {
  // Nanoseconds are never negative, also before 1970.
  const TimestampNs nanoseconds = (time % kNsPerSecond + kNsPerSecond) % kNsPerSecond;
  protozero::pbf_writer timestamp(entry, 1);
  timestamp.add_int64(1, (time - nanoseconds) / kNsPerSecond);
  timestamp.add_int32(2, static_cast<std::int32_t>(nanoseconds));
}

void write_entry(const RecordBatch& batch, RowIndex row, protozero::pbf_writer& stream) {
  protozero::pbf_writer entry(stream, 2);
  write_time(batch.timestamps()[row], entry);
  const std::string_view line = batch.line(row);
  entry.add_bytes(2, line.data(), line.size());
  for (const Field& field : batch.fields(row)) {
    protozero::pbf_writer pair(entry, 3);
    const std::string value = to_string(field.value);
    pair.add_bytes(1, field.name.data(), field.name.size());
    pair.add_bytes(2, value.data(), value.size());
  }
}

}  // namespace

std::string encode_push(const RecordBatch& batch) {
  std::vector<std::vector<RowIndex>> rows(batch.streams().size());
  for (RowIndex row = 0; row < batch.num_rows(); ++row)
    rows[batch.stream_ordinals()[row]].push_back(row);
  std::string raw;
  protozero::pbf_writer request(raw);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].empty()) continue;
    protozero::pbf_writer stream(request, 1);
    stream.add_string(1, batch.streams()[i]->labels.to_string());
    for (const RowIndex row : rows[i]) write_entry(batch, row, stream);
  }
  std::string compressed;
  snappy::Compress(raw.data(), raw.size(), &compressed);
  return compressed;
}

}  // namespace livedata::ingest::loki
