#include "archive/file/archived_file.h"

#include "archive/file/index_builder.h"
#include "archive/parquet/parquet_reader.h"

namespace livedata::archive {
namespace {

constexpr auto kIndexTimeout = std::chrono::minutes(1);

}  // namespace

ArchivedFile::ArchivedFile(ObjectStore& store, Facts facts,
                           std::shared_ptr<storage::segment::SegmentCache> cache)
    : store_(store),
      facts_(std::move(facts)),
      cache_(std::move(cache)),
      cache_id_(cache_->next_id()) {}

ArchivedFile::~ArchivedFile() { cache_->forget(cache_id_); }

std::string index_key(std::string_view file_key) { return std::string(file_key) + ".index"; }

Result<FileIndex> ArchivedFile::read_index(const Deadline& deadline) const {
  LIVEDATA_TRY(const std::string bytes,
               store_.get(index_key(facts_.key), kMaxIndexBytes, deadline));
  return decode_index(bytes);
}

Result<FileIndex> ArchivedFile::load_index() const {
  const Deadline deadline = Deadline::after(kIndexTimeout);
  auto stored = read_index(deadline);
  const bool is_lost = !stored && (stored.error().code == ErrorCode::kCorrupt ||
                                   stored.error().code == ErrorCode::kNotFound);
  if (!is_lost) return stored;
  LIVEDATA_TRY(const auto reader, ParquetReader::open(store_, facts_.key, Deadline()));
  LIVEDATA_TRY(FileSurvey survey, survey_file(*reader, {}));
  return std::move(survey.index);
}

Result<std::shared_ptr<const FileIndex>> ArchivedFile::index() const {
  return cache_->get<FileIndex>({cache_id_}, [this]() -> Result<std::shared_ptr<const FileIndex>> {
    auto loaded = load_index();
    if (!loaded) return fail(std::move(loaded).error().with_context(facts_.key));
    return std::make_shared<const FileIndex>(*std::move(loaded));
  });
}

Result<std::shared_ptr<const storage::segment::SegmentMetadata>> ArchivedFile::metadata() const {
  LIVEDATA_TRY(const auto loaded, index());
  return std::shared_ptr<const storage::segment::SegmentMetadata>(loaded, &loaded->metadata);
}

Result<RecordBatch> ArchivedFile::read_rows(const storage::segment::SegmentMetadata& metadata,
                                            const storage::segment::BlockEntry& block,
                                            const storage::ColumnSelection& selection,
                                            const Deadline& deadline) const {
  LIVEDATA_TRY(const auto loaded, index());
  LIVEDATA_TRY(const auto reader,
               ParquetReader::open(store_, facts_.key, loaded->columns, deadline));
  std::vector<StreamRef> streams;
  for (auto i = block.first_stream; i <= block.last_stream; ++i)
    streams.push_back(metadata.streams[i].stream);
  auto batch = reader->read({.first_row = block.offset,
                             .num_rows = block.num_rows,
                             .first_stream = static_cast<std::int32_t>(block.first_stream),
                             .last_stream = static_cast<std::int32_t>(block.last_stream),
                             .min_timestamp = block.min_timestamp,
                             .max_timestamp = block.max_timestamp},
                            streams, selection);
  if (!batch) return fail(std::move(batch).error().with_context(facts_.key));
  return batch;
}

}  // namespace livedata::archive
