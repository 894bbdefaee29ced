#include "archive/parquet/parquet_writer.h"

#include <optional>

#include <fmt/format.h>

#include "archive/parquet/column_writer.h"
#include "archive/parquet/session.h"

namespace livedata::archive {
namespace {

/// What the table function `records` gives the rows of.
struct Feed {
  Feed(const ParquetWriteOptions& options, const RecordSource& from)
      : writer(options.columns), source(from) {}

  ColumnWriter writer;
  const RecordSource& source;
  std::optional<Error> error;  // of the source
};

void bind_records(duckdb_bind_info info) {
  static_cast<Feed*>(duckdb_bind_get_extra_info(info))->writer.declare(info);
}

void init_records(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }

void give_records(duckdb_function_info info, duckdb_data_chunk chunk) {
  Feed& feed = *static_cast<Feed*>(duckdb_function_get_extra_info(info));
  while (!feed.writer.has_rows()) {
    auto batch = feed.source();
    if (!batch) {
      feed.error = std::move(batch).error();
      duckdb_function_set_error(info, "the records' source failed");
      return;
    }
    if (*batch == nullptr) {
      duckdb_data_chunk_set_size(chunk, 0);
      return;
    }
    feed.writer.start(*std::move(batch));
  }
  feed.writer.write(chunk);
}

Result<void> add_records_function(Session& session, Feed& feed) {
  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, "records");
  duckdb_table_function_set_extra_info(function, &feed, nullptr);
  duckdb_table_function_set_bind(function, bind_records);
  duckdb_table_function_set_init(function, init_records);
  duckdb_table_function_set_function(function, give_records);
  const auto state = duckdb_register_table_function(session.connection(), function);
  duckdb_destroy_table_function(&function);
  if (state == DuckDBSuccess) return {};
  return fail(ErrorCode::kInternal, "DuckDB does not take the function records");
}

std::string copy_statement(const Path& path, const ParquetWriteOptions& options) {
  std::string metadata = fmt::format("'livedata.schema': '{}', 'livedata.columns': {}",
                                     kSchemaVersion, quoted_text(encode_columns(options.columns)));
  for (const auto& [key, value] : options.metadata)
    metadata += ", " + quoted_text(key) + ": " + quoted_text(value);
  return fmt::format(
      "COPY (SELECT * FROM records()) TO {} (FORMAT parquet, COMPRESSION zstd, "
      "COMPRESSION_LEVEL {}, ROW_GROUP_SIZE {}, ROW_GROUP_SIZE_BYTES {}, USE_TMP_FILE false, "
      "KV_METADATA {{{}}})",
      quoted_text(path.string()), options.zstd_level, options.row_group_rows,
      options.row_group_bytes, metadata);
}

}  // namespace

Result<void> write_parquet(const Path& path, const ParquetWriteOptions& options,
                           const RecordSource& source) {
  Feed feed(options, source);
  LIVEDATA_TRY(const auto session, Session::open({.memory_bytes = options.memory_bytes}));
  LIVEDATA_RETURN_IF_ERROR(add_records_function(*session, feed));
  auto written = session->run(copy_statement(path, options));
  if (feed.error) return fail(*std::move(feed.error));
  return written;
}

}  // namespace livedata::archive
