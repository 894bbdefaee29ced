#include "query/around/around.h"

#include <set>

#include "model/service_name.h"

namespace livedata::query::around {

Result<Answer> ask(const Context& context, const Question& question) {
  Answer answer;
  const std::int64_t half = question.window.count() / 2;
  answer.window = {question.at - half, question.at + half};
  LIVEDATA_TRY(const MetricHistory history,
               read_metrics(context, question.host,
                            {answer.window.start - question.history.count(), answer.window.end},
                            question.at));
  for (const auto& [key, series] : history.series) {
    if (series.nearest.time != 0)
      answer.metrics.push_back({key, series.nearest, usual_value(series)});
  }
  answer.metrics_are_cut = history.is_cut;
  answer.spikes = find_spikes(history, answer.window, question.max_spikes);
  LIVEDATA_TRY(answer.processes, processes_at(context, question.host, question.at, question.choice,
                                              question.max_processes));
  LIVEDATA_TRY(answer.events, events_near(context, question.host, answer.window, question.at,
                                          question.choice, question.max_events));
  LIVEDATA_TRY(answer.logs, logs_near(context, question.host, answer.window, question.at,
                                      question.choice, question.max_lines));
  return answer;
}

Result<std::vector<Spike>> spikes_in(const Context& context, std::string_view host,
                                     const TimeRange& range, std::chrono::nanoseconds history,
                                     std::size_t limit) {
  LIVEDATA_TRY(const MetricHistory metrics,
               read_metrics(context, host, {range.start - history.count(), range.end}, range.end));
  return find_spikes(metrics, range, limit);
}

Result<std::vector<std::string>> hosts_in(const Context& context, const TimeRange& range) {
  LIVEDATA_TRY(auto is_metric,
               LabelMatcher::make(std::string(kServiceNameLabel), MatchOp::kEqual, ""));
  LIVEDATA_TRY(const auto streams, context.store.streams(context.scope, range, {is_metric}));
  std::set<std::string> hosts;
  for (const StreamRef& stream : streams) {
    if (const auto host = stream->labels.get("host"); !host.empty()) hosts.emplace(host);
  }
  return std::vector<std::string>(hosts.begin(), hosts.end());
}

}  // namespace livedata::query::around
