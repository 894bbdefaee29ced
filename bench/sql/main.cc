// Runs one query several times, by livedata's SQL over a data folder or by DuckDB alone over a
// Parquet file, and prints what it took as JSON.
#include <duckdb.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/file_system.h"
#include "query/sql/engine.h"
#include "storage/store.h"

namespace livedata {
namespace {

using Clock = std::chrono::steady_clock;

struct Run {
  double seconds = 0;
  double first_row_seconds = 0;
  std::size_t bytes = 0;  // of an answer of ours
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::size_t memory_bytes(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what))
      return std::strtoull(line.c_str() + what.size() + 1, nullptr, 10) * 1024;
  }
  return 0;
}

/// The query's text over the records of a folder.
class Ours {
 public:
  Ours(const std::string& folder, std::size_t threads) {
    storage::StoreOptions options;
    options.data_folder = folder;
    auto store = storage::Store::open(options, storage::OpenMode::kReadOnly, files_, clock_,
                                      logger_, metrics_);
    if (!store) throw std::runtime_error(store.error().message);
    store_ = *std::move(store);
    query::sql::EngineLimits limits;
    limits.threads = threads;
    limits.max_rows = 1U << 30U;
    engine_.emplace(*store_, limits);
  }

  Run run(const std::string& text) {
    const Clock::time_point start = Clock::now();
    query::sql::Query query;
    query.text = text;
    query.format = query::sql::Format::kCsv;
    auto answer = engine_->run(TenantId::single(), query, Deadline());
    if (!answer) throw std::runtime_error(answer.error().error.message);
    Run run;
    for (;;) {
      auto piece = (*answer)->next();
      if (!piece) throw std::runtime_error(piece.error().error.message);
      if (run.bytes == 0) run.first_row_seconds = seconds_since(start);
      if (piece->empty()) break;
      run.bytes += piece->size();
    }
    run.seconds = seconds_since(start);
    return run;
  }

 private:
  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  std::unique_ptr<storage::Store> store_;
  std::optional<query::sql::Engine> engine_;
};

/// The same by DuckDB, with the table `logs` over a Parquet file.
class Parquet {
 public:
  Parquet(const std::string& file, std::size_t threads) {
    if (duckdb_open(nullptr, &database_) != DuckDBSuccess ||
        duckdb_connect(database_, &connection_) != DuckDBSuccess)
      throw std::runtime_error("DuckDB does not open");
    execute(fmt::format("SET threads={}", threads));
    execute("SET preserve_insertion_order=false");
    execute(fmt::format("CREATE VIEW logs AS SELECT * FROM read_parquet('{}')", file));
  }
  ~Parquet() {
    duckdb_disconnect(&connection_);
    duckdb_close(&database_);
  }
  Parquet(const Parquet&) = delete;
  Parquet& operator=(const Parquet&) = delete;

  Run run(const std::string& text) {
    const Clock::time_point start = Clock::now();
    duckdb_prepared_statement statement = nullptr;
    duckdb_pending_result pending = nullptr;
    duckdb_result result;
    if (duckdb_prepare(connection_, text.c_str(), &statement) != DuckDBSuccess ||
        duckdb_pending_prepared_streaming(statement, &pending) != DuckDBSuccess ||
        duckdb_execute_pending(pending, &result) != DuckDBSuccess)
      throw std::runtime_error("DuckDB refuses the query");
    Run run;
    while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result)) {
      if (run.first_row_seconds == 0) run.first_row_seconds = seconds_since(start);
      const bool is_last = duckdb_data_chunk_get_size(chunk) == 0;
      duckdb_destroy_data_chunk(&chunk);
      if (is_last) break;
    }
    run.seconds = seconds_since(start);
    duckdb_destroy_result(&result);
    duckdb_destroy_pending(&pending);
    duckdb_destroy_prepare(&statement);
    return run;
  }

 private:
  void execute(const std::string& statement) {
    if (duckdb_query(connection_, statement.c_str(), nullptr) != DuckDBSuccess)
      throw std::runtime_error("DuckDB refuses: " + statement);
  }

  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

template <class Subject>
void measure(Subject& subject, const std::string& query, int times) {
  subject.run(query);  // warm
  std::vector<Run> runs;
  const double cpu = cpu_seconds();
  for (int i = 0; i < times; ++i) runs.push_back(subject.run(query));
  const double cpu_each = (cpu_seconds() - cpu) / times;
  const auto median = [&](auto value) {
    std::vector<double> values;
    for (const Run& run : runs) values.push_back(run.*value);
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  fmt::print(
      "{{\"seconds\":{:.6f},\"firstRow\":{:.6f},\"cpu\":{:.6f},\"resident\":{},\"peak\":{}}}\n",
      median(&Run::seconds), median(&Run::first_row_seconds), cpu_each, memory_bytes("VmRSS:"),
      memory_bytes("VmHWM:"));
}

}  // namespace
}  // namespace livedata

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: livedata_sql_bench folder|parquet PATH THREADS TIMES QUERY\n", stderr);
    return 2;
  }
  const std::string_view kind = argv[1];
  const auto threads = static_cast<std::size_t>(std::atoi(argv[3]));
  const int times = std::atoi(argv[4]);
  try {
    if (kind == "folder") {
      livedata::Ours ours(argv[2], threads);
      livedata::measure(ours, argv[5], times);
    } else {
      livedata::Parquet parquet(argv[2], threads);
      livedata::measure(parquet, argv[5], times);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
