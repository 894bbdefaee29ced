#pragma once

#include <duckdb.h>

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace livedata::archive {

/// The rows of a result, chunk by chunk. Not thread-safe.
class QueryRows {
 public:
  explicit QueryRows(duckdb_result result) : result_(result) {}
  ~QueryRows();
  QueryRows(QueryRows&& other) noexcept;
  QueryRows& operator=(QueryRows&&) = delete;
  QueryRows(const QueryRows&) = delete;
  QueryRows& operator=(const QueryRows&) = delete;

  /// The next rows, valid until the next call; null at the end.
  duckdb_data_chunk next();

 private:
  duckdb_result result_;
  bool is_owner_ = true;
  duckdb_data_chunk chunk_ = nullptr;
};

/// A DuckDB in memory, opened for one piece of work and thrown away. Not thread-safe.
class Session {
 public:
  struct Options {
    std::size_t memory_bytes = 1_GiB;
    unsigned threads = 1;
  };
  static Result<std::unique_ptr<Session>> open(const Options& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs a statement of ours; kInternal, or what the message tells, when it fails.
  Result<void> run(const std::string& sql);
  Result<QueryRows> query(const std::string& sql);

  [[nodiscard]] duckdb_database database() const { return database_; }
  [[nodiscard]] duckdb_connection connection() const { return connection_; }

 private:
  Session() = default;

  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

/// A text in a vector of VARCHAR or BLOB; valid as long as the vector.
std::string_view text_at(duckdb_vector vector, idx_t row);
/// Whether the row of a vector has a value.
bool has_value(duckdb_vector vector, idx_t row);

}  // namespace livedata::archive
