#include "storage/wal/wal.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"
#include "storage/columns/batch_codec.h"
#include "storage/record_log/record_log_reader.h"

namespace livedata::storage {
namespace {

constexpr std::string_view kSuffix = ".wal";
constexpr std::size_t kNumberDigits = 20;
constexpr std::uint8_t kEntryVersion = 2;

Result<Wal::Entry> decode_entry(std::string_view bytes) {
  encoding::ByteReader in(bytes);
  if (const std::uint8_t version = in.u8(); version != kEntryVersion) {
    return fail(ErrorCode::kUnsupported, "WAL entry version {}; this livedata reads version {}",
                version, kEntryVersion);
  }
  Wal::Entry entry;
  for (std::size_t n = in.count(2); n > 0; --n) {
    const std::string_view key = in.string();
    entry.bookmarks.emplace(key, in.string());
  }
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "damaged bookmarks");
  LIVEDATA_TRY(entry.batch, columns::decode_batch(in.rest()));
  return entry;
}

std::string file_name(std::uint64_t number) { return fmt::format("{:020}{}", number, kSuffix); }

std::optional<std::uint64_t> file_number(std::string_view name) {
  if (name.size() != kNumberDigits + kSuffix.size() || !name.ends_with(kSuffix))
    return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kNumberDigits, number);
  if (error != std::errc() || end != name.data() + kNumberDigits) return std::nullopt;
  return number;
}

/// Numbers of the WAL files in a folder, rising; none for an absent folder.
Result<std::vector<std::uint64_t>> list_files(FileSystem& files, const Path& folder) {
  LIVEDATA_TRY(const bool exists, files.exists(folder));
  std::vector<std::uint64_t> numbers;
  if (!exists) return numbers;
  LIVEDATA_TRY(const auto names, files.list(folder));
  for (const std::string& name : names) {
    if (const auto number = file_number(name)) numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

Result<Wal::Replay> Wal::replay_file(FileSystem& files, const Path& path, std::uint64_t number,
                                     const Visitor& visit) {
  Replay replay;
  const auto summary =
      record_log::read_record_log(files, path, [&](std::string_view payload) -> Result<void> {
        LIVEDATA_TRY(Entry entry, decode_entry(payload));
        ++replay.batches;
        replay.rows += entry.batch.num_rows();
        visit(number, std::move(entry));
        return {};
      });
  if (!summary && summary.error().code == ErrorCode::kCorrupt) {
    replay.unreadable.push_back(path);
    return replay;
  }
  if (!summary) return fail(summary.error());
  replay.torn_bytes = summary->torn_bytes;
  replay.damaged_regions = summary->damaged_regions;
  replay.damaged_bytes = summary->damaged_bytes;
  return replay;
}

Result<Wal::Replay> Wal::replay(FileSystem& files, const Path& folder, std::uint64_t start,
                                ThreadPool& pool, const Visitor& visit) {
  Replay all;
  LIVEDATA_TRY(auto numbers, list_files(files, folder));
  all.next_file = std::max(start, numbers.empty() ? 1 : numbers.back() + 1);
  std::erase_if(numbers, [&](std::uint64_t number) { return number < start; });
  std::vector<Result<Replay>> replays(numbers.size());
  parallel_for(pool, numbers.size(), [&](std::size_t i) {
    replays[i] = replay_file(files, folder / file_name(numbers[i]), numbers[i], visit);
  });
  for (Result<Replay>& replay : replays) {
    if (!replay) return fail(std::move(replay).error());
    all.batches += replay->batches;
    all.rows += replay->rows;
    all.torn_bytes += replay->torn_bytes;
    all.damaged_regions += replay->damaged_regions;
    all.damaged_bytes += replay->damaged_bytes;
    all.unreadable.insert(all.unreadable.end(), replay->unreadable.begin(),
                          replay->unreadable.end());
  }
  return all;
}

Result<Wal> Wal::create(FileSystem& files, const Path& folder, std::uint64_t number) {
  LIVEDATA_TRY(auto log, record_log::RecordLogWriter::create(files, folder / file_name(number)));
  return Wal(files, folder, number, std::move(log));
}

std::string Wal::encode(const RecordBatch& batch, const Bookmarks& bookmarks) {
  std::string bytes;
  encoding::ByteWriter out(bytes);
  out.u8(kEntryVersion);
  out.varint(bookmarks.size());
  for (const auto& [key, value] : bookmarks) {
    out.string(key);
    out.string(value);
  }
  columns::encode_batch(batch, bytes);
  std::string record;
  record_log::append_record(bytes, record);
  return record;
}

Result<void> Wal::rotate() {
  LIVEDATA_RETURN_IF_ERROR(log_.sync());
  return abandon_file();
}

Result<void> Wal::abandon_file() {
  LIVEDATA_TRY(log_,
               record_log::RecordLogWriter::create(*files_, folder_ / file_name(number_ + 1)));
  ++number_;
  return {};
}

Result<void> Wal::remove_before(FileSystem& files, const Path& folder, std::uint64_t start) {
  LIVEDATA_TRY(const auto numbers, list_files(files, folder));
  for (const std::uint64_t number : numbers) {
    if (number < start) LIVEDATA_RETURN_IF_ERROR(files.remove(folder / file_name(number)));
  }
  return {};
}

}  // namespace livedata::storage
