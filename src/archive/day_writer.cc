#include "archive/day_writer.h"

#include <algorithm>

#include "archive/file/archived_file.h"
#include "archive/file/index_builder.h"
#include "archive/parquet/parquet_writer.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "storage/compaction/record_merge.h"

namespace livedata::archive {
namespace {

// A file is cut between two blocks.
constexpr std::size_t kMinMergeBlockBytes = 4_KiB;
constexpr std::size_t kMaxMergeBlockBytes = 4_MiB;

/// What the inputs have of the wanted streams.
struct InputFacts {
  storage::ColumnNames names;
  std::uint64_t raw_bytes = 0;  // of lines, about
};

Result<InputFacts> look_at(const std::vector<storage::MergeInput>& inputs) {
  InputFacts facts;
  for (const storage::MergeInput& input : inputs) {
    LIVEDATA_TRY(const auto metadata, input.reader->metadata());
    std::vector<bool> wanted;
    for (const auto& entry : metadata->streams) {
      wanted.push_back(!input.wants || input.wants(entry.stream->labels));
      if (!wanted.back()) continue;
      facts.names.rows += entry.num_rows;
      for (const Label& label : entry.stream->labels)
        facts.names.labels[label.name] += entry.num_rows;
    }
    for (const auto& block : metadata->blocks) {
      const auto first = wanted.begin() + block.first_stream;
      if (std::find(first, wanted.begin() + block.last_stream + 1, true) ==
          wanted.begin() + block.last_stream + 1)
        continue;
      facts.raw_bytes += block.raw_bytes;
      for (const auto& column : block.parts) {
        if (column.kind == storage::segment::PartKind::kField)
          facts.names.fields[{column.field, column.type}] += block.num_rows;
      }
    }
  }
  return facts;
}

class DayWriter {
 public:
  DayWriter(FileSystem& files, ObjectStore& store, const ArchiveOptions& options,
            const DayPart& part, const std::function<Result<void>(std::size_t)>& pace,
            const Deadline& deadline)
      : files_(files),
        store_(store),
        options_(options),
        part_(part),
        pace_(pace),
        deadline_(deadline) {
    merge_options_.pace = pace;
  }

  Result<std::vector<FileEntry>> run(const std::function<std::string()>& next_name) {
    LIVEDATA_TRY(const InputFacts facts, look_at(part_.inputs));
    columns_ = choose_columns(facts.names);
    const std::uint64_t num_files =
        (part_.input_bytes + options_.file_bytes - 1) / options_.file_bytes;
    raw_bytes_per_file_ = facts.raw_bytes / std::max<std::uint64_t>(num_files, 1) + 1;
    merge_options_.block_bytes = std::clamp<std::size_t>(
        static_cast<std::size_t>(raw_bytes_per_file_), kMinMergeBlockBytes, kMaxMergeBlockBytes);
    storage::RecordMerge merge(part_.inputs, merge_options_, storage::OnDamage::kFail);
    LIVEDATA_RETURN_IF_ERROR(merge.open());
    std::vector<FileEntry> out;
    LIVEDATA_TRY(next_, next_batch(merge));
    while (next_ != nullptr) {
      LIVEDATA_TRY(FileEntry file, write_file(merge, next_name()));
      out.push_back(std::move(file));
    }
    return out;
  }

 private:
  static Result<std::shared_ptr<const RecordBatch>> next_batch(storage::RecordMerge& merge) {
    LIVEDATA_TRY(auto block, merge.next_block());
    if (!block) return std::shared_ptr<const RecordBatch>();
    // Rows are sorted by stream.
    const std::uint32_t first = block->stream_ordinals.front();
    const std::uint32_t last = block->stream_ordinals.back();
    const auto& streams = merge.streams();
    block->streams.assign(streams.begin() + first, streams.begin() + last + 1);
    for (std::uint32_t& ordinal : block->stream_ordinals) ordinal -= first;
    return std::make_shared<const RecordBatch>(RecordBatch::adopt(*std::move(block)));
  }

  Result<FileEntry> write_file(storage::RecordMerge& merge, const std::string& name) {
    const Path path = options_.staging_folder / ("part-" + name + ".parquet");
    auto stored = write_and_put(merge, path, name);
    // What is left of it is removed at the next start.
    static_cast<void>(files_.remove(path));
    return stored;
  }

  Result<FileEntry> write_and_put(storage::RecordMerge& merge, const Path& path,
                                  const std::string& name) {
    LIVEDATA_TRY(FileSurvey survey, write_staged(merge, path));
    return put(path, name, std::move(survey));
  }

  /// Writes a file and reads it back.
  Result<FileSurvey> write_staged(storage::RecordMerge& merge, const Path& path) {
    ParquetWriteOptions write;
    write.columns = columns_;
    write.metadata = {{"livedata.tenant", part_.tenant},
                      {"livedata.day", part_.day},
                      {"livedata.source", part_.source},
                      {"livedata.sorted_by", "service, labels, time"},
                      {"livedata.delete_horizon", std::to_string(part_.delete_horizon)}};
    RecordSum sum;
    std::uint64_t raw_bytes = 0;
    LIVEDATA_RETURN_IF_ERROR(
        write_parquet(path, write, [&]() -> Result<std::shared_ptr<const RecordBatch>> {
          if (next_ == nullptr || raw_bytes >= raw_bytes_per_file_)
            return std::shared_ptr<const RecordBatch>();
          std::shared_ptr<const RecordBatch> batch = std::move(next_);
          LIVEDATA_TRY(next_, next_batch(merge));
          sum.add(*batch);
          raw_bytes += batch->lines().bytes().size();
          return batch;
        }));
    LIVEDATA_TRY(const auto reader, ParquetReader::open(path));
    LIVEDATA_TRY(FileSurvey survey, survey_file(*reader, pace_));
    if (survey.sum != sum) {
      return fail(ErrorCode::kInternal,
                  "{} does not give back the records that were written: {} of {}", path.string(),
                  survey.sum.rows(), sum.rows());
    }
    return survey;
  }

  Result<FileEntry> put(const Path& path, const std::string& name, FileSurvey survey) {
    FileEntry entry;
    entry.key = file_key(part_.day, part_.source, name);
    entry.rows = survey.sum.rows();
    entry.min_timestamp = survey.min_timestamp;
    entry.max_timestamp = survey.max_timestamp;
    entry.delete_horizon = part_.delete_horizon;
    entry.census = std::move(survey.census);
    LIVEDATA_RETURN_IF_ERROR(measure(path, entry));
    const std::string key = part_.tenant + "/" + entry.key;
    LIVEDATA_RETURN_IF_ERROR(store_.put_file(key, path, deadline_));
    LIVEDATA_RETURN_IF_ERROR(store_.put(index_key(key), encode_index(survey.index), deadline_));
    return entry;
  }

  Result<void> measure(const Path& path, FileEntry& entry) const {
    LIVEDATA_TRY(const auto file, files_.open(path));
    entry.bytes = file->size();
    std::string piece(1_MiB, '\0');
    for (std::uint64_t at = 0; at < entry.bytes; at += piece.size()) {
      piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(1_MiB, entry.bytes - at)));
      LIVEDATA_RETURN_IF_ERROR(file->read_at(at, piece));
      entry.crc32c = crc32c(piece, entry.crc32c);
    }
    return {};
  }

  FileSystem& files_;
  ObjectStore& store_;
  const ArchiveOptions& options_;
  const DayPart& part_;
  const std::function<Result<void>(std::size_t)>& pace_;
  const Deadline& deadline_;
  storage::MergeOptions merge_options_;
  std::vector<ValueColumn> columns_;
  std::uint64_t raw_bytes_per_file_ = 0;
  std::shared_ptr<const RecordBatch> next_;  // null: there are no more
};

}  // namespace

Result<std::vector<FileEntry>> write_day(FileSystem& files, ObjectStore& store,
                                         const ArchiveOptions& options, const DayPart& part,
                                         const std::function<std::string()>& next_name,
                                         const std::function<Result<void>(std::size_t)>& pace,
                                         const Deadline& deadline) {
  return DayWriter(files, store, options, part, pace, deadline).run(next_name);
}

}  // namespace livedata::archive
