#include "query/around/nearby_logs.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "model/service_name.h"
#include "query/around/host_labels.h"

namespace livedata::query::around {
namespace {

constexpr std::size_t kMaxServices = 20;

/// Selections of the host's log streams that have a stream in the range.
Result<std::vector<std::string>> log_selectors(const Context& context, std::string_view host,
                                               const TimeRange& range) {
  std::vector<std::string> out;
  LIVEDATA_TRY(const auto is_log,
               LabelMatcher::make(std::string(kServiceNameLabel), MatchOp::kRegex, ".+"));
  LIVEDATA_TRY(auto selections, host_selections(host));
  for (std::vector<LabelMatcher>& selection : selections) {
    selection.push_back(is_log);
    LIVEDATA_TRY(const auto streams, context.store.streams(context.scope, range, selection));
    if (!streams.empty()) out.push_back(to_selector(selection));
  }
  return out;
}

Result<void> take_rows(const Context& context, const std::string& query, const TimeRange& range,
                       Direction direction, std::size_t limit, std::vector<LogRow>& out) {
  if (limit == 0) return {};
  const logql::RangeQuery ask{.text = query,
                              .start = range.start,
                              .end = range.end,
                              .limit = limit,
                              .direction = direction};
  LIVEDATA_TRY(QueryAnswer answer, context.engine.range(context.scope, ask, context.deadline));
  auto& rows = std::get<LogRows>(answer.value).rows;
  std::move(rows.begin(), rows.end(), std::back_inserter(out));
  return {};
}

/// Adds how many lines of the range there are by the label's value.
Result<void> take_counts(const Context& context, const std::string& query, std::string_view label,
                         const TimeRange& range, std::map<std::string, std::uint64_t>& out) {
  // LogQL has no smaller unit.
  const std::int64_t milliseconds =
      std::max<std::int64_t>(1, (range.end - range.start) / 1'000'000);
  const logql::InstantQuery ask{
      .text = fmt::format("sum by ({}) (count_over_time({} [{}ms]))", label, query, milliseconds),
      .time = range.end - 1};
  LIVEDATA_TRY(const QueryAnswer answer,
               context.engine.instant(context.scope, ask, context.deadline));
  for (const Series& series : std::get<Vector>(answer.value).series) {
    if (!series.samples.empty())
      out[std::string(series.labels.get(label))] +=
          static_cast<std::uint64_t>(series.samples.front().value);
  }
  return {};
}

std::vector<NearbyLogs::Count> by_count(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<NearbyLogs::Count> out;
  for (const auto& [name, lines] : counts) out.push_back({name, lines});
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.lines > b.lines; });
  out.resize(std::min(out.size(), kMaxServices));
  return out;
}

/// Of the lines before and after, nearest first, those that are shown.
std::vector<LogRow> nearest(std::vector<LogRow> before, std::vector<LogRow> after,
                            std::size_t limit) {
  const auto later = [](const LogRow& a, const LogRow& b) { return a.timestamp > b.timestamp; };
  const auto earlier = [](const LogRow& a, const LogRow& b) { return a.timestamp < b.timestamp; };
  std::stable_sort(before.begin(), before.end(), later);
  std::stable_sort(after.begin(), after.end(), earlier);
  const std::size_t half = limit / 2;
  const std::size_t num_after =
      std::min(after.size(), std::max(limit - half, limit - std::min(limit, before.size())));
  const std::size_t num_before = std::min(before.size(), limit - num_after);
  before.resize(num_before);
  std::reverse(before.begin(), before.end());
  std::move(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(num_after),
            std::back_inserter(before));
  return before;
}

}  // namespace

Result<NearbyLogs> logs_near(const Context& context, std::string_view host, const TimeRange& range,
                             TimestampNs at, const ProcessChoice& choice, std::size_t limit) {
  NearbyLogs out;
  LIVEDATA_TRY(out.selectors, log_selectors(context, host, range));
  const TimestampNs middle = std::clamp(at, range.start, range.end);
  std::vector<LogRow> before;
  std::vector<LogRow> after;
  std::map<std::string, std::uint64_t> levels;
  std::map<std::string, std::uint64_t> services;
  for (const std::string& selector : out.selectors) {
    const std::string query = selector + choice.log_filter();
    LIVEDATA_RETURN_IF_ERROR(
        take_rows(context, query, {range.start, middle}, Direction::kBackward, limit, before));
    LIVEDATA_RETURN_IF_ERROR(
        take_rows(context, query, {middle, range.end}, Direction::kForward, limit, after));
    LIVEDATA_RETURN_IF_ERROR(take_counts(context, query, "detected_level", range, levels));
    LIVEDATA_RETURN_IF_ERROR(take_counts(context, query, kServiceNameLabel, range, services));
  }
  out.rows = nearest(std::move(before), std::move(after), limit);
  out.levels = by_count(levels);
  out.services = by_count(services);
  return out;
}

}  // namespace livedata::query::around
