#include "query/logql/log_query.h"

#include <algorithm>
#include <unordered_map>

#include "query/logql/pipeline.h"

namespace livedata::query::logql {
namespace {

/// A row that passed, before its answer is made: enough to sort by and to find it again.
struct Candidate {
  TimestampNs timestamp = 0;
  std::size_t unit = 0;
  RowIndex row = 0;
  std::shared_ptr<const RecordBatch> batch;
};

struct UnitResult {
  std::vector<Candidate> rows;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  Result<void> status;
};

class LogQuery {
 public:
  LogQuery(const storage::Scan& scan, const Pipeline& pipeline, const RangeQuery& query,
           ThreadPool& pool)
      : scan_(scan), pipeline_(pipeline), query_(query), pool_(pool) {}

  Result<LogRows> run(const Deadline& deadline, QueryStats& stats) {
    const std::size_t wave = pool_.num_threads() + 1;
    for (std::size_t begin = 0; begin < scan_.num_units() && !is_complete(begin); begin += wave) {
      const std::size_t count = std::min(wave, scan_.num_units() - begin);
      std::vector<UnitResult> results(count);
      parallel_for(pool_, count,
                   [&](std::size_t i) { results[i] = read_unit(begin + i, deadline); });
      for (UnitResult& result : results) {
        LIVEDATA_RETURN_IF_ERROR(result.status);
        stats.bytes_processed += result.bytes;
        stats.lines_processed += result.lines;
        stats.lines_matched += result.rows.size();
        std::move(result.rows.begin(), result.rows.end(), std::back_inserter(found_));
      }
      keep_first();
    }
    add_scan_stats(scan_, stats);
    return answer();
  }

 private:
  [[nodiscard]] bool backward() const { return query_.direction == Direction::kBackward; }

  /// Answer order: by time in the direction, equal times by place.
  [[nodiscard]] bool before(const Candidate& a, const Candidate& b) const {
    if (a.timestamp != b.timestamp)
      return backward() ? a.timestamp > b.timestamp : a.timestamp < b.timestamp;
    return std::tie(a.unit, a.row) < std::tie(b.unit, b.row);
  }

  /// Thinning by interval may need more rows than the limit, so then nothing is cut early.
  [[nodiscard]] bool can_cut() const { return query_.interval_ns == 0; }

  [[nodiscard]] bool is_complete(std::size_t next_unit) const {
    if (!can_cut() || found_.size() < query_.limit) return false;
    const storage::ScanUnitInfo& unit = scan_.unit(next_unit);
    const TimestampNs last = found_.back().timestamp;
    return backward() ? unit.max_timestamp < last : unit.min_timestamp > last;
  }

  void keep_first() {
    const auto order = [this](const Candidate& a, const Candidate& b) { return before(a, b); };
    if (can_cut() && found_.size() > query_.limit) {
      std::nth_element(found_.begin(),
                       found_.begin() + static_cast<std::ptrdiff_t>(query_.limit) - 1, found_.end(),
                       order);
      found_.resize(query_.limit);
    }
    std::sort(found_.begin(), found_.end(), order);
  }

  UnitResult read_unit(std::size_t unit, const Deadline& deadline) const {
    UnitResult result;
    auto rows = scan_.read(unit, deadline);
    if (!rows) {
      result.status = fail(std::move(rows).error());
      return result;
    }
    plan::Row row;
    result.bytes = scan_.unit(unit).raw_bytes;
    result.lines = scan_.unit(unit).num_rows;
    for (const RowIndex index : rows->rows) {
      const TimestampNs time = rows->batch->timestamps()[index];
      if (is_too_late(time)) continue;
      row.reset(*rows->batch, index);
      if (pipeline_.run(row)) result.rows.push_back({time, unit, index, rows->batch});
    }
    return result;
  }

  /// Whether enough rows that come before this time are known. Reads what only keep_first()
  /// changes.
  [[nodiscard]] bool is_too_late(TimestampNs time) const {
    if (!can_cut() || found_.size() < query_.limit) return false;
    return backward() ? time < found_.back().timestamp : time > found_.back().timestamp;
  }

  LogRows answer() {
    LogRows answer;
    std::unordered_map<StreamId, TimestampNs> last_of_stream;
    plan::Row row;
    for (const Candidate& candidate : found_) {
      if (answer.rows.size() >= query_.limit) break;
      if (query_.interval_ns > 0) {
        const auto [slot, is_new] = last_of_stream.try_emplace(
            candidate.batch->stream(candidate.row).id, candidate.timestamp);
        if (!is_new && std::abs(candidate.timestamp - slot->second) < query_.interval_ns) continue;
        slot->second = candidate.timestamp;
      }
      row.reset(*candidate.batch, candidate.row);
      static_cast<void>(pipeline_.run(row));  // once more, for the labels it makes
      answer.rows.push_back(to_log_row(row));
    }
    return answer;
  }

  const storage::Scan& scan_;
  const Pipeline& pipeline_;
  const RangeQuery& query_;
  ThreadPool& pool_;
  std::vector<Candidate> found_;  // sorted after each wave
};

}  // namespace

void add_scan_stats(const storage::Scan& scan, QueryStats& stats) {
  const storage::ScanStats read = scan.stats();
  stats.blocks_total += read.blocks;
  stats.blocks_read += read.blocks_read;
  stats.blocks_filtered += read.blocks_filtered;
  for (std::string& damage : scan.damage())
    stats.warnings.push_back("left out, because it is damaged: " + std::move(damage));
}

LogRow to_log_row(plan::Row& row) {
  LogRow out;
  out.stream = row.batch().streams()[row.batch().stream_ordinals()[row.index()]];
  if (row.hides_anything()) {
    if (auto labels = row.stream_labels(); labels.size() != out.stream->labels.size()) {
      out.stream = std::make_shared<const Stream>(Labels(std::move(labels)));
    }
  }
  out.timestamp = row.timestamp();
  out.line = row.line();
  out.metadata = row.metadata();
  out.parsed = row.parsed();
  return out;
}

Result<LogRows> run_log_query(const storage::Store& store, ThreadPool& pool, const TenantId& tenant,
                              const LogExpression& expression, const RangeQuery& query,
                              const Deadline& deadline, QueryStats& stats) {
  LIVEDATA_TRY(const Pipeline pipeline, Pipeline::compile(expression.stages));
  storage::ScanRequest request;
  request.range = {query.start, query.end};
  request.matchers = expression.selector;
  request.needles = pipeline.needles();
  request.field_values = pipeline.field_values();
  request.direction = query.direction;
  LIVEDATA_TRY(const storage::Scan scan, store.scan(tenant, request));
  return LogQuery(scan, pipeline, query, pool).run(deadline, stats);
}

}  // namespace livedata::query::logql
