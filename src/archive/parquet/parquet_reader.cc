#include "archive/parquet/parquet_reader.h"

#include <charconv>

#include <fmt/format.h>

#include "archive/parquet/column_reader.h"
#include "archive/parquet/object_files.h"
#include "archive/parquet/session.h"

namespace livedata::archive {
namespace {

constexpr std::size_t kMemoryBytes = 1_GiB;

Result<std::map<std::string, std::string>> read_metadata(Session& session,
                                                         const std::string& path) {
  LIVEDATA_TRY(QueryRows rows, session.query("SELECT key, value FROM parquet_kv_metadata(" +
                                             quoted_text(path) + ")"));
  std::map<std::string, std::string> metadata;
  while (duckdb_data_chunk chunk = rows.next()) {
    duckdb_vector keys = duckdb_data_chunk_get_vector(chunk, 0);
    duckdb_vector values = duckdb_data_chunk_get_vector(chunk, 1);
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      if (has_value(keys, row) && has_value(values, row))
        metadata.emplace(text_at(keys, row), text_at(values, row));
    }
  }
  return metadata;
}

Result<std::vector<ParquetDescription::RowGroup>> read_row_groups(Session& session,
                                                                  const std::string& path) {
  LIVEDATA_TRY(QueryRows rows,
               session.query("SELECT row_group_num_rows::BIGINT FROM parquet_metadata(" +
                             quoted_text(path) + ") WHERE column_id = 0 ORDER BY row_group_id"));
  std::vector<ParquetDescription::RowGroup> groups;
  std::uint64_t first = 0;
  while (duckdb_data_chunk chunk = rows.next()) {
    duckdb_vector counts = duckdb_data_chunk_get_vector(chunk, 0);
    const auto* data = static_cast<const std::int64_t*>(duckdb_vector_get_data(counts));
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      groups.push_back({first, static_cast<std::uint64_t>(data[row])});
      first += static_cast<std::uint64_t>(data[row]);
    }
  }
  return groups;
}

Result<ParquetDescription> describe(Session& session, const std::string& path) {
  ParquetDescription out;
  LIVEDATA_TRY(out.metadata, read_metadata(session, path));
  const auto schema = out.metadata.find("livedata.schema");
  const auto columns = out.metadata.find("livedata.columns");
  if (schema == out.metadata.end() || columns == out.metadata.end())
    return fail(ErrorCode::kInvalidArgument, "this Parquet file was not written by livedata");
  const std::string& version = schema->second;
  std::from_chars(version.data(), version.data() + version.size(), out.schema_version);
  if (out.schema_version < 1 || out.schema_version > kSchemaVersion) {
    return fail(ErrorCode::kUnsupported,
                "the Parquet file has version {} of the schema, and this livedata reads up to {}; "
                "use a later livedata",
                version, kSchemaVersion);
  }
  LIVEDATA_TRY(out.columns, decode_columns(columns->second));
  LIVEDATA_TRY(out.row_groups, read_row_groups(session, path));
  return out;
}

std::string condition(const ParquetRows& rows) {
  std::string out = fmt::format("file_row_number >= {} AND file_row_number < {}", rows.first_row,
                                rows.first_row + rows.num_rows);
  // What follows is true of all these rows, and lets the statistics skip row groups.
  if (rows.last_stream != INT32_MAX || rows.first_stream != 0)
    out += fmt::format(" AND stream BETWEEN {} AND {}", rows.first_stream, rows.last_stream);
  if (rows.min_timestamp != INT64_MIN && rows.max_timestamp != INT64_MAX)
    out += fmt::format(R"( AND "time" BETWEEN make_timestamp_ns({}) AND make_timestamp_ns({}))",
                       rows.min_timestamp, rows.max_timestamp);
  return out;
}

}  // namespace

class ParquetReader::Impl {
 public:
  Impl(std::unique_ptr<Session> opened, std::string where)
      : session(std::move(opened)), path(std::move(where)) {}

  Result<RecordBatch> read(const ParquetRows& wanted, ColumnReader columns) const {
    LIVEDATA_TRY(QueryRows rows, session->query(fmt::format(
                                     "SELECT {} FROM read_parquet({}, file_row_number=true, "
                                     "hive_partitioning=false) WHERE {}",
                                     columns.select_list(), quoted_text(path), condition(wanted))));
    while (duckdb_data_chunk chunk = rows.next()) LIVEDATA_RETURN_IF_ERROR(columns.add(chunk));
    RecordBatch batch = columns.take();
    if (batch.num_rows() != wanted.num_rows)
      return fail(ErrorCode::kCorrupt, "a Parquet file has {} records where {} should be",
                  batch.num_rows(), wanted.num_rows);
    return batch;
  }

  std::unique_ptr<Session> session;
  std::string path;
};

ParquetReader::ParquetReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParquetReader::~ParquetReader() = default;

Result<std::unique_ptr<ParquetReader>> ParquetReader::open(const Path& path) {
  LIVEDATA_TRY(auto session, Session::open({.memory_bytes = kMemoryBytes}));
  std::unique_ptr<ParquetReader> reader(new ParquetReader(
      std::make_unique<Impl>(std::move(session), path.string())));  // NOLINT: private constructor
  auto description = describe(*reader->impl_->session, reader->impl_->path);
  if (!description) return fail(std::move(description).error().with_context(path.string()));
  reader->description_ = *std::move(description);
  return reader;
}

Result<std::unique_ptr<ParquetReader>> ParquetReader::open(ObjectStore& store, std::string_view key,
                                                           const Deadline& deadline) {
  LIVEDATA_TRY(auto session, Session::open({.memory_bytes = kMemoryBytes}));
  add_object_files(session->database(), store, deadline);
  std::unique_ptr<ParquetReader> reader(new ParquetReader(
      std::make_unique<Impl>(std::move(session), object_path(key))));  // NOLINT: private
  auto description = describe(*reader->impl_->session, reader->impl_->path);
  if (!description) return fail(std::move(description).error().with_context(key));
  reader->description_ = *std::move(description);
  return reader;
}

Result<std::unique_ptr<ParquetReader>> ParquetReader::open(ObjectStore& store, std::string_view key,
                                                           std::vector<ValueColumn> columns,
                                                           const Deadline& deadline) {
  LIVEDATA_TRY(auto session, Session::open({.memory_bytes = kMemoryBytes}));
  add_object_files(session->database(), store, deadline);
  std::unique_ptr<ParquetReader> reader(new ParquetReader(
      std::make_unique<Impl>(std::move(session), object_path(key))));  // NOLINT: private
  reader->description_.columns = std::move(columns);
  return reader;
}

Result<RecordBatch> ParquetReader::read(const ParquetRows& rows) {
  return impl_->read(rows, ColumnReader(description_.columns));
}

Result<RecordBatch> ParquetReader::read(const ParquetRows& rows, std::span<const StreamRef> streams,
                                        const storage::ColumnSelection& selection) {
  return impl_->read(rows,
                     ColumnReader(description_.columns, streams, rows.first_stream, selection));
}

}  // namespace livedata::archive
