#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <duckdb/main/connection.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parser/sql_statement.hpp>

#include "query/sql/answer_file.h"

namespace livedata::query::sql {

struct SandboxLimits {
  std::size_t memory_bytes = 0;
  std::size_t threads = 1;
  /// Where a Parquet file is written to; null: there is no such thing.
  std::shared_ptr<AnswerBytes> parquet = nullptr;
};

/// A DuckDB of its own for one query, empty, in memory: no files, no network, no extensions but
/// those that are linked in, no settings that SQL can change, and of DuckDB's functions those that
/// only compute. Whatever a query does to it goes with it. Functions throw DuckDB's exceptions.
class Sandbox {
 public:
  explicit Sandbox(const SandboxLimits& limits);

  [[nodiscard]] duckdb::ClientContext& context() { return *connection_.context; }
  /// No setting can be changed from here on.
  void lock();
  /// The one statement of the text. Throws InvalidInputException for what does not only read.
  duckdb::unique_ptr<duckdb::SQLStatement> parse(const std::string& text);
  /// A statement that writes the rows of a SELECT, at most so many, as Parquet to the limits'
  /// place.
  static duckdb::unique_ptr<duckdb::SQLStatement> write_parquet(
      duckdb::unique_ptr<duckdb::SQLStatement> statement, std::size_t max_rows);

 private:
  static duckdb::DuckDB open(const SandboxLimits& limits);

  duckdb::DuckDB database_;
  duckdb::Connection connection_;
};

}  // namespace livedata::query::sql
