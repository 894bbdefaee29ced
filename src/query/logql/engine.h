#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "model/direction.h"
#include "model/limits.h"
#include "model/record_batch.h"
#include "model/tenant_scope.h"
#include "model/time_range.h"
#include "query/plan/row.h"
#include "query/query_answer.h"
#include "storage/store.h"

namespace livedata::query::logql {

class ResultCache;

struct RangeQuery {
  std::string text;
  TimestampNs start = 0;  ///< log query: inside
  TimestampNs end = 0;    ///< log query: not inside; metric query: the last step is at or before it
  std::int64_t step_ns = 0;      ///< metric query; 0 takes Loki's default, max(range / 250, 1 s)
  std::int64_t interval_ns = 0;  ///< log query: at most one entry per stream and interval; 0 is off
  std::size_t limit = 100;       ///< log query: entries over all streams
  Direction direction = Direction::kBackward;
  bool explain = false;  ///< fill QueryStats::plan
};

struct InstantQuery {
  std::string text;
  TimestampNs time = 0;
  std::size_t limit = 100;
  Direction direction = Direction::kBackward;
  bool explain = false;
};

/// Parses, plans and runs LogQL over a store. Errors in the query are kInvalidArgument with line,
/// column and what was expected. Thread-safe.
class Engine {
 public:
  /// Everything given must outlive the engine.
  Engine(const storage::Store& store, ThreadPool& pool, const Limits& limits, const Clock& clock);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Result<QueryAnswer> range(const TenantScope& scope, const RangeQuery& query,
                            const Deadline& deadline) const;
  /// Calls visit(row, weight) for rows of a log query, in no order, on the calling thread. Where
  /// the range has more than `max_rows` records, a share of them is looked at, spread over the
  /// range, and each stands for `weight` of them. The row is valid during the call.
  using VisitRow = std::function<void(plan::Row&, std::uint64_t weight)>;
  Result<void> visit_rows(const TenantScope& scope, std::string_view query, const TimeRange& range,
                          std::size_t max_rows, const VisitRow& visit,
                          const Deadline& deadline) const;

  /// A log query is kInvalidArgument here, as in Loki.
  Result<QueryAnswer> instant(const TenantScope& scope, const InstantQuery& query,
                              const Deadline& deadline) const;

 private:
  class Run;
  const std::unique_ptr<ResultCache> cache_;
  const storage::Store& store_;
  ThreadPool& pool_;
  const Limits& limits_;
  const Clock& clock_;
};

/// A compiled log query without a time range, for following new records. Immutable and thread-safe.
class LivePipeline {
 public:
  /// Of those streams that match; empty: all. kInvalidArgument for a metric query or a syntax
  /// error.
  static Result<LivePipeline> compile(std::string_view text,
                                      const std::vector<LabelMatcher>& streams = {});
  /// The rows of the batch that pass, in the batch's order.
  [[nodiscard]] std::vector<LogRow> apply(const RecordBatch& batch) const;
  /// Strings that every line that passes contains; there may be more.
  [[nodiscard]] const std::vector<std::string>& needles() const;
  /// Whether a record's time may decide what comes out of it.
  [[nodiscard]] bool reads_time() const;

 private:
  class Compiled;
  explicit LivePipeline(std::shared_ptr<const Compiled> compiled);
  std::shared_ptr<const Compiled> compiled_;
};

/// The canonical form of a query, cut into lines where it is long.
Result<std::string> formatted(std::string_view query);

/// The selector of a log query, whatever stages it has.
Result<std::vector<LabelMatcher>> selector_of(std::string_view query);

/// Parses a stream selector such as {a="b"}, as `match[]` and label queries carry it.
Result<std::vector<LabelMatcher>> parse_selector(std::string_view text);

}  // namespace livedata::query::logql
