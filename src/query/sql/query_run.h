#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <duckdb/main/pending_query_result.hpp>
#include <duckdb/main/query_result.hpp>

#include "query/sql/answer_encoder.h"
#include "query/sql/engine.h"
#include "query/sql/query_watch.h"
#include "query/sql/sandbox.h"
#include "query/sql/scan_source.h"

namespace livedata::query::sql {

/// One query with the DuckDB that it has for itself. Not moved. Used by one thread at a time.
class QueryRun : public AnswerStream {
 public:
  QueryRun(const storage::Store& store, const TenantScope& scope, Query query,
           const EngineLimits& limits, const Deadline& deadline, std::shared_ptr<void> place);
  ~QueryRun() override;
  QueryRun(const QueryRun&) = delete;
  QueryRun& operator=(const QueryRun&) = delete;

  /// Parses, plans and runs until the first rows are there. Once, before next().
  Outcome<void> begin(QueryWatch& watch);
  Outcome<std::string> next() override;

 private:
  void plan(QueryWatch& watch);
  /// Runs until the result is there, or `stop` says so.
  template <class Stop>
  bool run_until_ready(const Stop& stop);
  std::string make_piece();
  std::string make_parquet_piece();
  /// The next rows; null at the end.
  duckdb::unique_ptr<duckdb::DataChunk> fetch();
  void take(duckdb::DataChunk& rows, std::string& out);
  void finish(std::string& out);
  void close();
  [[nodiscard]] QueryError error_of(const std::exception& exception) const;

  const std::shared_ptr<void> place_;  // among the queries that may run
  const EngineLimits& limits_;
  const Query query_;
  const Deadline deadline_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  ScanSource source_;
  std::shared_ptr<void> memory_;
  std::optional<Sandbox> sandbox_;
  std::unique_ptr<QueryWatch::Guard> guard_;
  duckdb::unique_ptr<duckdb::PendingQueryResult> pending_;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  std::unique_ptr<AnswerEncoder> encoder_;  // null: Parquet, which DuckDB writes itself
  std::shared_ptr<AnswerBytes> parquet_;    // null: another format
  AnswerSummary summary_;
  std::optional<std::string> first_;  // the piece that begin() made
  bool is_done_ = false;
};

}  // namespace livedata::query::sql
