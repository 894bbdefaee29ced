#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/deadline.h"
#include "model/tenant_scope.h"
#include "query/sql/query.h"
#include "query/sql/table.h"
#include "storage/store.h"

namespace livedata::query::sql {

class QueryWatch;

struct EngineLimits {
  std::size_t memory_bytes = 256_MiB;  ///< of one query
  std::size_t threads = 0;             ///< of one query; 0: as many as the machine has cores
  std::size_t max_rows = 1'000'000;    ///< of an answer
  std::size_t max_running = 8;         ///< queries at the same time
  std::size_t max_text_bytes = 256_KiB;
  std::chrono::nanoseconds timeout = std::chrono::minutes(1);
};

/// An answer on its way: the query runs as far as its pieces are taken. Used by one thread at a
/// time. Destruction ends the query.
class AnswerStream {
 public:
  virtual ~AnswerStream() = default;
  /// The next bytes; empty at the end.
  virtual Outcome<std::string> next() = 0;
};

/// Runs SQL over the records of one tenant: by a DuckDB that is made for the query and has nothing
/// but this tenant's tables. Thread-safe.
class Engine {
 public:
  /// The store must outlive the engine and its answers.
  Engine(const storage::Store& store, const EngineLimits& limits);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Begins a query and runs it until the first piece of its answer is there.
  Outcome<std::unique_ptr<AnswerStream>> run(const TenantScope& scope, const Query& query,
                                             const Deadline& deadline) const;
  /// The tables that a tenant's queries see.
  [[nodiscard]] std::vector<Table> tables(const TenantScope& scope) const;

 private:
  const storage::Store& store_;
  const EngineLimits limits_;
  const std::unique_ptr<QueryWatch> watch_;
  const std::shared_ptr<std::atomic<std::size_t>> running_;
};

}  // namespace livedata::query::sql
