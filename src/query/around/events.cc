#include "query/around/events.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "query/around/host_labels.h"
#include "query/logql/printer.h"

namespace livedata::query::around {
namespace {

std::string_view text(const LogRow& row, std::string_view name) {
  const auto found = std::find_if(row.metadata.begin(), row.metadata.end(),
                                  [name](const Label& label) { return label.name == name; });
  return found == row.metadata.end() ? std::string_view() : std::string_view(found->value);
}

std::string process_text(const LogRow& row) {
  std::string out = fmt::format("{}[{}]", text(row, "name"), text(row, "pid"));
  if (const auto user = text(row, "user"); !user.empty()) out += fmt::format(" of {}", user);
  if (const auto unit = text(row, "unit"); !unit.empty()) out += fmt::format(" in {}", unit);
  const auto seconds = text(row, "cpu_seconds");
  if (text(row, "event") == "exited" && !seconds.empty())
    out += fmt::format(" after {} s of CPU time", seconds);
  if (const auto command = text(row, "command"); !command.empty())
    out += fmt::format(": {}", command);
  return out;
}

HostEvent to_event(const LogRow& row) {
  const std::string_view source = row.stream->labels.get("source");
  if (source == "process_event")
    return {row.timestamp, std::string(text(row, "event")), process_text(row)};
  if (source == "unit") {
    return {
        row.timestamp, "unit",
        fmt::format("{}: {} -> {}", text(row, "unit"), text(row, "before"), text(row, "active"))};
  }
  const std::string_view cgroup = text(row, "cgroup");
  return {row.timestamp, "oom_kill",
          cgroup.empty() ? fmt::format("{} killed for want of memory", text(row, "oom_kills"))
                         : fmt::format("{} killed in {}", text(row, "oom_kills"), cgroup)};
}

}  // namespace

Result<std::vector<HostEvent>> events_near(const Context& context, std::string_view host,
                                           const TimeRange& range, TimestampNs at,
                                           const ProcessChoice& choice, std::size_t limit) {
  const std::string pattern = logql::quoted(host_pattern(host));
  std::vector<std::string> queries = {
      fmt::format("{{source=\"process_event\", host=~{}}}{}", pattern, choice.record_filter())};
  if (choice.empty() || !choice.unit.empty()) {
    const std::string unit =
        choice.unit.empty() ? "" : fmt::format(" | unit={}", logql::quoted(choice.unit));
    queries.push_back(
        fmt::format("{{source=\"unit\", host=~{}}} | before=~\".+\"{}", pattern, unit));
  }
  if (choice.empty()) {
    queries.push_back(
        fmt::format("{{source=~\"vmstat|cgroup\", host=~{}}} | oom_kills > 0", pattern));
  }
  std::vector<HostEvent> out;
  const auto take = [&](const std::string& query, TimeRange part,
                        Direction direction) -> Result<void> {
    const logql::RangeQuery ask{.text = query,
                                .start = part.start,
                                .end = part.end,
                                .limit = limit,
                                .direction = direction};
    LIVEDATA_TRY(const QueryAnswer answer,
                 context.engine.range(context.scope, ask, context.deadline));
    for (const LogRow& row : std::get<LogRows>(answer.value).rows) out.push_back(to_event(row));
    return {};
  };
  const TimestampNs middle = std::clamp(at, range.start, range.end);
  for (const std::string& query : queries) {
    LIVEDATA_RETURN_IF_ERROR(take(query, {range.start, middle}, Direction::kBackward));
    LIVEDATA_RETURN_IF_ERROR(take(query, {middle, range.end}, Direction::kForward));
  }
  std::stable_sort(out.begin(), out.end(), [at](const HostEvent& a, const HostEvent& b) {
    return std::abs(a.time - at) < std::abs(b.time - at);
  });
  out.resize(std::min(out.size(), limit));
  std::stable_sort(out.begin(), out.end(),
                   [](const HostEvent& a, const HostEvent& b) { return a.time < b.time; });
  return out;
}

}  // namespace livedata::query::around
