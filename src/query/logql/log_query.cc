#include "query/logql/log_query.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <unordered_map>

#include "base/mutex.h"

namespace livedata::query::logql {
namespace {

// Of an answer's row beside its texts, roughly.
constexpr std::size_t kRowBytes = 200;

/// A row that passed, with its place in the order of the answer.
struct Candidate {
  TimestampNs timestamp = 0;
  std::size_t unit = 0;
  RowIndex row = 0;
  std::shared_ptr<const RecordBatch> batch;  // until the answer's row is made
  LogRow answer = {};
  std::string distinct_key = {};
};

struct UnitResult {
  std::vector<Candidate> rows;
  std::vector<StepCount> counts;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
};

std::size_t size_of(const LogRow& row) {
  std::size_t size = kRowBytes + row.line.size();
  for (const auto* labels : {&row.metadata, &row.parsed}) {
    for (const Label& label : *labels) size += 64 + label.name.size() + label.value.size();
  }
  return size;
}

/// Threads take the units in the direction's order, one after the other, and add what they find to
/// the rows that come first; nobody begins a unit that can't hold one of them.
class LogQuery {
 public:
  LogQuery(const storage::Scan& scan, const Pipeline& pipeline, const RangeQuery& query,
           const LogContext& context)
      : scan_(scan),
        pipeline_(pipeline),
        query_(query),
        context_(context),
        counts_(pipeline.step_texts().size()),
        bound_(backward() ? std::numeric_limits<TimestampNs>::min()
                          : std::numeric_limits<TimestampNs>::max()) {}

  Result<LogRows> run() {
    const std::size_t num_threads =
        std::min(context_.pool.num_threads() + 1, std::max<std::size_t>(1, scan_.num_units()));
    parallel_for(context_.pool, num_threads, [this](std::size_t) { work(); });
    const MutexLock lock(mutex_);
    LIVEDATA_RETURN_IF_ERROR(status_);
    LIVEDATA_RETURN_IF_ERROR(keep_first());
    add_scan_stats(scan_, context_.stats);
    explain_scan(scan_, pipeline_, counts_, context_.stats);
    return answer();
  }

 private:
  [[nodiscard]] bool backward() const { return query_.direction == Direction::kBackward; }

  void work() LIVEDATA_EXCLUDES(mutex_) {
    for (std::size_t unit = next_unit_++; unit < scan_.num_units() && may_come_first(unit);
         unit = next_unit_++) {
      auto result = read_unit(unit);
      const MutexLock lock(mutex_);
      if (!status_) return;
      status_ = result ? add(*std::move(result)) : Result<void>(fail(std::move(result).error()));
      if (!status_) {
        next_unit_ = scan_.num_units();
        return;
      }
    }
  }

  /// Answer order: by time in the direction. Of equal times within a unit, the record that came
  /// later is the newer one.
  [[nodiscard]] bool before(const Candidate& a, const Candidate& b) const {
    if (a.timestamp != b.timestamp)
      return backward() ? a.timestamp > b.timestamp : a.timestamp < b.timestamp;
    if (a.unit != b.unit) return a.unit < b.unit;
    return backward() ? a.row > b.row : a.row < b.row;
  }

  /// Whether a record of the unit may be one of the rows that come first. Units behind it in the
  /// order come later, so that a thread may stop for good.
  [[nodiscard]] bool may_come_first(std::size_t unit) const {
    const storage::ScanUnitInfo& info = scan_.unit(unit);
    return !is_too_late(backward() ? info.max_timestamp : info.min_timestamp);
  }

  /// Whether enough rows that come before this time are known.
  [[nodiscard]] bool is_too_late(TimestampNs time) const {
    return backward() ? time < bound_.load(std::memory_order_relaxed)
                      : time > bound_.load(std::memory_order_relaxed);
  }

  Result<void> add(UnitResult result) LIVEDATA_REQUIRES(mutex_) {
    context_.stats.bytes_processed += result.bytes;
    context_.stats.lines_processed += result.lines;
    context_.stats.lines_matched += result.rows.size();
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      counts_[i].rows_in += result.counts[i].rows_in;
      counts_[i].rows_out += result.counts[i].rows_out;
    }
    if (result.rows.empty()) return {};
    std::move(result.rows.begin(), result.rows.end(), std::back_inserter(found_));
    return keep_first();
  }

  Result<void> keep_first() LIVEDATA_REQUIRES(mutex_) {
    std::sort(found_.begin(), found_.end(),
              [this](const Candidate& a, const Candidate& b) { return before(a, b); });
    if (!pipeline_.distinct_labels().empty()) {
      std::unordered_set<std::string> seen;
      std::erase_if(found_,
                    [&](const Candidate& c) { return !seen.insert(c.distinct_key).second; });
    }
    if (found_.size() > query_.limit) found_.resize(query_.limit);
    if (found_.size() == query_.limit) bound_ = found_.back().timestamp;
    return make_answers();
  }

  Result<UnitResult> read_unit(std::size_t unit) const {
    UnitResult result;
    result.counts.resize(pipeline_.step_texts().size());
    LIVEDATA_TRY(const storage::ScanRows rows, scan_.read(unit, context_.deadline));
    if (rows.batch == nullptr) return result;
    plan::Row row;
    const auto& wanted = pipeline_.labels_read();
    row.want(wanted ? &*wanted : nullptr);
    result.bytes = scan_.unit(unit).raw_bytes;
    result.lines = scan_.unit(unit).num_rows;
    for (const RowIndex index : rows.rows) {
      const TimestampNs time = rows.batch->timestamps()[index];
      if (is_too_late(time)) continue;
      row.reset(*rows.batch, index);
      const bool passes =
          context_.stats.explains ? pipeline_.run_counted(row, result.counts) : pipeline_.run(row);
      if (!passes) continue;
      result.rows.push_back({time, unit, index, rows.batch});
      for (const std::string& name : pipeline_.distinct_labels()) {
        const auto value = row.find(name);
        result.rows.back().distinct_key += (value ? to_string(*value) : std::string()) + '\0';
      }
    }
    return result;
  }

  /// Turns the candidates into rows of the answer, with all their labels, so that no block is kept
  /// for the sake of one row.
  Result<void> make_answers() LIVEDATA_REQUIRES(mutex_) {
    plan::Row row;
    for (Candidate& candidate : found_) {
      if (candidate.batch == nullptr) continue;
      row.reset(*candidate.batch, candidate.row);
      static_cast<void>(pipeline_.run(row));
      candidate.answer = to_log_row(row);
      candidate.batch.reset();
      LIVEDATA_RETURN_IF_ERROR(context_.budget.take(size_of(candidate.answer)));
    }
    return {};
  }

  /// Thinned by the interval, if there is one: of the rows within the limit, as in Loki.
  LogRows answer() LIVEDATA_REQUIRES(mutex_) {
    LogRows answer;
    std::unordered_map<StreamId, TimestampNs> last_of_stream;
    for (Candidate& candidate : found_) {
      if (query_.interval_ns > 0) {
        const auto [slot, is_new] =
            last_of_stream.try_emplace(candidate.answer.stream->id, candidate.timestamp);
        if (!is_new && std::abs(candidate.timestamp - slot->second) < query_.interval_ns) continue;
        slot->second = candidate.timestamp;
      }
      answer.rows.push_back(std::move(candidate.answer));
    }
    return answer;
  }

  const storage::Scan& scan_;
  const Pipeline& pipeline_;
  const RangeQuery& query_;
  const LogContext& context_;
  std::atomic<std::size_t> next_unit_ = 0;
  Mutex mutex_;
  Result<void> status_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<StepCount> counts_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<Candidate> found_ LIVEDATA_GUARDED_BY(mutex_);  // sorted
  std::atomic<TimestampNs> bound_;                            // rows beyond it are too late
};

}  // namespace

storage::ScanRequest scan_request(const LogExpression& expression, const Pipeline& pipeline,
                                  const TimeRange& range, Direction direction) {
  storage::ScanRequest request;
  request.range = range;
  request.matchers = expression.selector;
  request.needles = pipeline.needles();
  request.field_values = pipeline.field_values();
  request.needle_choices = pipeline.needle_choices();
  request.direction = direction;
  return request;
}

void add_scan_stats(const storage::Scan& scan, QueryStats& stats) {
  const storage::ScanStats read = scan.stats();
  stats.blocks_total += read.blocks;
  stats.blocks_read += read.blocks_read;
  stats.blocks_filtered += read.blocks_filtered;
  stats.blocks_cached += read.blocks_cached;
  stats.blocks_skipped += read.blocks_skipped;
  stats.segments_skipped += read.segments_skipped;
  stats.line_bytes_read += read.line_bytes_read;
  for (std::string& damage : scan.damage())
    stats.warnings.push_back("left out, because it is damaged: " + std::move(damage));
}

void explain_scan(const storage::Scan& scan, const Pipeline& pipeline,
                  const std::vector<StepCount>& counts, QueryStats& stats) {
  if (!stats.explains) return;
  const storage::ScanStats read = scan.stats();
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < scan.num_units(); ++i) {
    bytes += scan.unit(i).raw_bytes;
    rows += scan.unit(i).num_rows;
  }
  stats.plan.push_back(
      {fmt::format("scan: {} segments, {} of them skipped; {} blocks, {} skipped by time and "
                   "labels, {} by their filters, {} in memory, {} read; {} streams",
                   read.segments, read.segments_skipped, read.blocks, read.blocks_skipped,
                   read.blocks_filtered, read.blocks_cached, read.blocks_read,
                   read.streams_matched),
       rows, counts.empty() ? rows : counts.front().rows_in, bytes});
  for (std::size_t i = 0; i < counts.size(); ++i)
    stats.plan.push_back({pipeline.step_texts()[i], counts[i].rows_in, counts[i].rows_out, 0});
}

LogRow to_log_row(plan::Row& row) {
  LogRow out;
  out.stream = row.batch().streams()[row.batch().stream_ordinals()[row.index()]];
  if (row.changes_stream())
    out.stream = std::make_shared<const Stream>(Labels(row.stream_labels()));
  out.timestamp = row.timestamp();
  out.line = row.line();
  out.metadata = row.metadata();
  out.parsed = row.parsed();
  return out;
}

Result<LogRows> run_log_query(const LogExpression& expression, const RangeQuery& query,
                              const LogContext& context) {
  LIVEDATA_TRY(const Pipeline pipeline, Pipeline::compile(expression.stages, context.steps));
  const auto request =
      scan_request(expression, pipeline, {query.start, query.end}, query.direction);
  LIVEDATA_TRY(const storage::Scan scan, context.store.scan(context.scope, request));
  return LogQuery(scan, pipeline, query, context).run();
}

Result<ValueSet> collect_values(const LogExpression& expression, const std::string& label,
                                const TimeRange& range, std::size_t limit,
                                const LogContext& context) {
  LIVEDATA_TRY(const Pipeline pipeline, Pipeline::compile(expression.stages, context.steps));
  const auto request = scan_request(expression, pipeline, range, Direction::kBackward);
  LIVEDATA_TRY(const storage::Scan scan, context.store.scan(context.scope, request));
  std::optional<plan::WantedLabels> wanted = pipeline.labels_read();
  if (wanted) wanted->add(label);
  ValueSet values;
  plan::Row row;
  row.want(wanted ? &*wanted : nullptr);
  for (std::size_t i = 0; i < scan.num_units(); ++i) {
    LIVEDATA_TRY(const storage::ScanRows rows, scan.read(i, context.deadline));
    for (const RowIndex index : rows.rows) {
      row.reset(*rows.batch, index);
      if (!pipeline.run(row)) continue;
      const auto value = row.find(label);
      if (value) values.insert(to_string(*value));
    }
    if (values.size() > limit) {
      return fail(ErrorCode::kInvalidArgument,
                  "the inner query of {} in (...) has more than {} values; make it narrower", label,
                  limit);
    }
    context.stats.lines_processed += scan.unit(i).num_rows;
    context.stats.bytes_processed += scan.unit(i).raw_bytes;
  }
  add_scan_stats(scan, context.stats);
  return values;
}

}  // namespace livedata::query::logql
