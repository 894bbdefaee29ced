#include "archive/parquet/session.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace livedata::archive {
namespace {

/// What a message of DuckDB's means to a caller.
ErrorCode code_of(duckdb_error_type type) {
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return ErrorCode::kResourceExhausted;
    case DUCKDB_ERROR_IO:
      return ErrorCode::kIoError;
    case DUCKDB_ERROR_INTERRUPT:
      return ErrorCode::kCancelled;
    case DUCKDB_ERROR_INVALID_INPUT:
    case DUCKDB_ERROR_CONVERSION:
    case DUCKDB_ERROR_SERIALIZATION:
      return ErrorCode::kCorrupt;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

QueryRows::~QueryRows() {
  duckdb_destroy_data_chunk(&chunk_);
  if (is_owner_) duckdb_destroy_result(&result_);
}

QueryRows::QueryRows(QueryRows&& other) noexcept
    : result_(other.result_),
      is_owner_(std::exchange(other.is_owner_, false)),
      chunk_(std::exchange(other.chunk_, nullptr)) {}

duckdb_data_chunk QueryRows::next() {
  duckdb_destroy_data_chunk(&chunk_);
  chunk_ = duckdb_fetch_chunk(result_);
  return chunk_;
}

Result<std::unique_ptr<Session>> Session::open(const Options& options) {
  std::unique_ptr<Session> session(new Session);  // NOLINT: the constructor is private
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) == DuckDBError)
    return fail(ErrorCode::kInternal, "DuckDB has no configuration");
  duckdb_set_config(config, "threads", std::to_string(options.threads).c_str());
  duckdb_set_config(config, "memory_limit", fmt::format("{}B", options.memory_bytes).c_str());
  duckdb_set_config(config, "temp_directory", "");
  duckdb_set_config(config, "autoinstall_known_extensions", "false");
  duckdb_set_config(config, "autoload_known_extensions", "false");
  duckdb_set_config(config, "enable_external_file_cache", "false");
  // One thread in one pipeline keeps the order, and only without this may bytes bound a row group.
  duckdb_set_config(config, "preserve_insertion_order", "false");
  char* message = nullptr;
  const auto opened = duckdb_open_ext(nullptr, &session->database_, config, &message);
  duckdb_destroy_config(&config);
  if (opened == DuckDBError) {
    auto error = fail(ErrorCode::kInternal, "DuckDB does not open: {}",
                      message == nullptr ? "" : std::string_view(message));
    duckdb_free(message);
    return error;
  }
  if (duckdb_connect(session->database_, &session->connection_) == DuckDBError)
    return fail(ErrorCode::kInternal, "DuckDB takes no connection");
  return session;
}

Session::~Session() {
  duckdb_disconnect(&connection_);
  duckdb_close(&database_);
}

Result<QueryRows> Session::query(const std::string& sql) {
  duckdb_result result;
  const auto state = duckdb_query(connection_, sql.c_str(), &result);
  QueryRows rows(result);
  if (state == DuckDBSuccess) return rows;
  const char* message = duckdb_result_error(&result);
  return fail(code_of(duckdb_result_error_type(&result)), "DuckDB: {}",
              message == nullptr ? "unknown error" : message);
}

Result<void> Session::run(const std::string& sql) {
  LIVEDATA_TRY(const QueryRows rows, query(sql));
  return {};
}

std::string_view text_at(duckdb_vector vector, idx_t row) {
  auto& text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[row];
  return {duckdb_string_t_data(&text), duckdb_string_t_length(text)};
}

bool has_value(duckdb_vector vector, idx_t row) {
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  return validity == nullptr || duckdb_validity_row_is_valid(validity, row);
}

}  // namespace livedata::archive
