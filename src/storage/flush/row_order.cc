#include "storage/flush/row_order.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <unordered_set>

#include "encoding/byte_writer.h"
#include "storage/flush/flush.h"

namespace livedata::storage {
namespace {

struct RankedStreams {
  std::vector<StreamRef> sorted;
  std::vector<std::vector<std::uint32_t>> rank_of;  // by batch and the batch's ordinal
};

/// Ranks those streams that the rows use.
RankedStreams rank_streams(BatchList batches, const std::vector<SortedRow>& rows) {
  std::vector<std::vector<bool>> used(batches.size());
  for (std::size_t b = 0; b < batches.size(); ++b) used[b].resize(batches[b]->streams().size());
  for (const SortedRow& row : rows)
    used[row.batch][batches[row.batch]->stream_ordinals()[row.row]] = true;

  RankedStreams ranked;
  std::unordered_map<StreamId, std::uint32_t> rank_by_id;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    for (std::size_t s = 0; s < used[b].size(); ++s) {
      const StreamRef& stream = batches[b]->streams()[s];
      if (used[b][s] && rank_by_id.try_emplace(stream->id, 0).second)
        ranked.sorted.push_back(stream);
    }
  }
  std::sort(ranked.sorted.begin(), ranked.sorted.end(), [](const StreamRef& a, const StreamRef& b) {
    return comes_before(a->labels, b->labels);
  });
  for (std::uint32_t i = 0; i < ranked.sorted.size(); ++i) rank_by_id[ranked.sorted[i]->id] = i;
  ranked.rank_of.resize(batches.size());
  for (std::size_t b = 0; b < batches.size(); ++b) {
    for (std::size_t s = 0; s < used[b].size(); ++s) {
      ranked.rank_of[b].push_back(used[b][s] ? rank_by_id[batches[b]->streams()[s]->id] : 0);
    }
  }
  return ranked;
}

/// Drops repeated records from a sorted list. Only runs of equal stream and time are looked at
/// closely.
void drop_identical(BatchList batches, std::vector<SortedRow>& rows) {
  std::size_t out = 0;
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && rows[end].stream == rows[begin].stream &&
           rows[end].timestamp == rows[begin].timestamp) {
      ++end;
    }
    std::unordered_set<Hash128> seen;
    for (std::size_t i = begin; i < end; ++i) {
      const bool alone = end - begin == 1;
      if (alone || seen.insert(record_hash(*batches[rows[i].batch], rows[i].row)).second)
        rows[out++] = rows[i];
    }
    begin = end;
  }
  rows.resize(out);
}

}  // namespace

bool comes_before(const Labels& a, const Labels& b) {
  constexpr std::string_view kServiceLabel = "service_name";
  const int services = a.get(kServiceLabel).compare(b.get(kServiceLabel));
  return services != 0 ? services < 0 : a < b;
}

Hash128 record_hash(const RecordBatch& batch, RowIndex row) {
  std::string bytes;
  encoding::ByteWriter out(bytes);
  const StreamId& id = batch.stream(row).id;
  out.u64(id.low);
  out.u64(id.high);
  out.u64(static_cast<std::uint64_t>(batch.timestamps()[row]));
  out.string(batch.line(row));
  for (const Field& field : batch.fields(row)) {
    out.string(field.name);
    out.u8(static_cast<std::uint8_t>(field.value.index()));
    out.string(to_string(field.value));
  }
  return hash128(bytes);
}

std::map<TimestampNs, std::vector<SortedRow>> split_by_window(BatchList batches,
                                                              std::chrono::nanoseconds window) {
  std::map<TimestampNs, std::vector<SortedRow>> windows;
  for (std::uint32_t b = 0; b < batches.size(); ++b) {
    const auto timestamps = batches[b]->timestamps();
    TimestampNs current = 0;
    std::vector<SortedRow>* rows = nullptr;
    for (RowIndex row = 0; row < timestamps.size(); ++row) {
      const TimestampNs start = window_start(timestamps[row], window);
      if (rows == nullptr || start != current) {
        rows = &windows[start];
        current = start;
      }
      rows->push_back({.timestamp = timestamps[row], .batch = b, .row = row});
    }
  }
  return windows;
}

RowOrder order_rows(BatchList batches, std::vector<SortedRow> rows) {
  RankedStreams ranked = rank_streams(batches, rows);
  for (SortedRow& row : rows)
    row.stream = ranked.rank_of[row.batch][batches[row.batch]->stream_ordinals()[row.row]];
  std::sort(rows.begin(), rows.end(), [](const SortedRow& a, const SortedRow& b) {
    return std::tie(a.stream, a.timestamp, a.batch, a.row) <
           std::tie(b.stream, b.timestamp, b.batch, b.row);
  });
  drop_identical(batches, rows);
  return {std::move(ranked.sorted), std::move(rows)};
}

}  // namespace livedata::storage
