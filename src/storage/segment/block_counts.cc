#include "storage/segment/block_counts.h"

#include <algorithm>
#include <map>
#include <span>
#include <tuple>

#include "encoding/integer_column.h"

namespace livedata::storage::segment {
namespace {

// A count takes about as many bytes as the timestamps of four rows.
constexpr std::size_t kMinRowsPerCount = 8;

/// The minute that ends at the time or behind it: windows of queries include their ends.
std::int64_t minute_of(TimestampNs time) {
  return (time - 1) / kMinuteNs - ((time - 1) % kMinuteNs < 0 ? 1 : 0);
}

/// Index into `levels` of each row's level.
std::vector<std::uint32_t> levels_of_rows(std::span<const FieldColumn> fields, std::size_t num_rows,
                                          std::vector<std::string>& levels) {
  std::vector<std::uint32_t> level_of(num_rows, 0);
  levels = {""};
  for (const FieldColumn& field : fields) {
    if (field.name != kLevelField || field.type != FieldType::kString) continue;
    for (std::size_t i = 0; i < field.rows.size(); ++i) {
      const auto found = std::find(levels.begin(), levels.end(), field.strings[i]);
      level_of[field.rows[i]] = static_cast<std::uint32_t>(found - levels.begin());
      if (found == levels.end()) levels.emplace_back(field.strings[i]);
    }
  }
  return level_of;
}

template <class Member>
void encode_member(const BlockCounts& counts, const Member& member, encoding::ByteWriter& out) {
  std::vector<std::int64_t> values;
  values.reserve(counts.counts.size());
  for (const BlockCounts::Count& count : counts.counts)
    values.push_back(static_cast<std::int64_t>(count.*member));
  encoding::encode_integers(values, out);
}

BlockCounts count(std::span<const TimestampNs> timestamps, std::span<const std::uint32_t> ordinals,
                  std::uint32_t first_stream, const StringColumn& lines,
                  std::span<const FieldColumn> fields) {
  BlockCounts out;
  const std::vector<std::uint32_t> level_of = levels_of_rows(fields, timestamps.size(), out.levels);
  const std::size_t most = timestamps.size() / kMinRowsPerCount;
  // Rows come by stream and time, so only the levels of one minute are out of order.
  using Key = std::tuple<std::uint32_t, std::int64_t, std::uint32_t>;
  std::map<Key, std::pair<std::uint32_t, std::uint64_t>> totals;  // rows, bytes
  for (std::size_t row = 0; row < timestamps.size(); ++row) {
    auto& [rows, bytes] =
        totals[{first_stream + ordinals[row], minute_of(timestamps[row]), level_of[row]}];
    ++rows;
    bytes += lines[row].size();
    if (totals.size() > most) return {};
  }
  for (const auto& [key, total] : totals) {
    out.counts.push_back(
        {std::get<0>(key), std::get<1>(key), std::get<2>(key), total.first, total.second});
  }
  return out;
}

}  // namespace

BlockCounts count_rows(const RecordBatch::Columns& columns) {
  return count(columns.timestamps, columns.stream_ordinals, 0, columns.lines,
               columns.field_columns);
}

BlockCounts count_rows(const RecordBatch& batch, std::uint32_t first_stream) {
  return count(batch.timestamps(), batch.stream_ordinals(), first_stream, batch.lines(),
               batch.field_columns());
}

std::string encode_counts(const BlockCounts& counts) {
  std::string bytes;
  encoding::ByteWriter out(bytes);
  out.varint(counts.levels.size());
  for (const std::string& level : counts.levels) out.string(level);
  out.varint(counts.counts.size());
  encode_member(counts, &BlockCounts::Count::stream, out);
  encode_member(counts, &BlockCounts::Count::minute, out);
  encode_member(counts, &BlockCounts::Count::level, out);
  encode_member(counts, &BlockCounts::Count::rows, out);
  encode_member(counts, &BlockCounts::Count::bytes, out);
  return bytes;
}

Result<BlockCounts> decode_counts(std::string_view bytes) {
  encoding::ByteReader in(bytes);
  BlockCounts out;
  out.levels.resize(in.count());
  for (std::string& level : out.levels) level = in.string();
  // Constant columns take no bytes per value, so the input does not bound their number.
  constexpr std::uint64_t kMaxCounts = std::uint64_t{1} << 20U;
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > kMaxCounts) return fail(ErrorCode::kCorrupt, "damaged block counts");
  const auto n = static_cast<std::size_t>(count);
  const auto streams = encoding::decode_integers(in, n);
  const auto minutes = encoding::decode_integers(in, n);
  const auto levels = encoding::decode_integers(in, n);
  const auto rows = encoding::decode_integers(in, n);
  const auto line_bytes = encoding::decode_integers(in, n);
  if (!in.done()) return fail(ErrorCode::kCorrupt, "damaged block counts");
  for (std::size_t i = 0; i < n; ++i) {
    if (levels[i] < 0 || static_cast<std::size_t>(levels[i]) >= out.levels.size())
      return fail(ErrorCode::kCorrupt, "damaged block counts");
    out.counts.push_back(
        {static_cast<std::uint32_t>(streams[i]), minutes[i], static_cast<std::uint32_t>(levels[i]),
         static_cast<std::uint32_t>(rows[i]), static_cast<std::uint64_t>(line_bytes[i])});
  }
  return out;
}

}  // namespace livedata::storage::segment
