#include "query/around/processes.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "query/around/host_labels.h"
#include "query/logql/printer.h"

namespace livedata::query::around {
namespace {

/// Every process that matters is stored once a minute.
constexpr std::int64_t kTableNs = 65 * kNsPerSecond;
constexpr std::size_t kMaxRows = 1'000'000;

using Key = std::pair<std::int64_t, TimestampNs>;  // pid, start

std::string text(const plan::Row& row, std::string_view name) {
  const auto value = row.find(name);
  return value ? to_string(*value) : std::string();
}

template <class Number>
Number number(const plan::Row& row, std::string_view name) {
  const auto value = row.find(name);
  if (!value) return 0;
  if (const auto* integer = std::get_if<std::int64_t>(&*value))
    return static_cast<Number>(*integer);
  if (const auto* real = std::get_if<double>(&*value)) return static_cast<Number>(*real);
  return 0;
}

Key key_of(const plan::Row& row) {
  return {number<std::int64_t>(row, "pid"), number<std::int64_t>(row, "start_time")};
}

ProcessState to_process(const plan::Row& row) {
  return {.pid = number<std::int64_t>(row, "pid"),
          .name = text(row, "name"),
          .command = text(row, "command"),
          .user = text(row, "user"),
          .unit = text(row, "unit"),
          .container = text(row, "container"),
          .time = row.timestamp(),
          .start_time = number<std::int64_t>(row, "start_time"),
          .cpu_percent = number<double>(row, "cpu_percent"),
          .memory_bytes = number<double>(row, "memory_bytes")};
}

/// `name="value" or other="value"` as a stage.
std::string any_of(std::initializer_list<std::string_view> names, std::string_view value) {
  std::string out = " | ";
  for (const std::string_view name : names) {
    if (out.size() > 3) out += " or ";
    out += fmt::format("{}={}", name, logql::quoted(value));
  }
  return out;
}

}  // namespace

std::string ProcessChoice::record_filter() const {
  std::string out;
  if (pid) out += fmt::format(" | pid=\"{}\"", *pid);
  if (!name.empty()) out += any_of({"name"}, name);
  if (!unit.empty()) out += any_of({"unit"}, unit);
  return out;
}

std::string ProcessChoice::log_filter() const {
  std::string out;
  if (pid) out += any_of({"pid", "process_pid", "proc_id", "process_id"}, fmt::to_string(*pid));
  if (!name.empty()) {
    out += any_of({"comm", "syslog_identifier", "service_name", "app_name", "process_name",
                   "process_executable_name", "process"},
                  name);
  }
  if (!unit.empty()) out += any_of({"unit", "systemd_unit"}, unit);
  return out;
}

Result<std::vector<ProcessState>> processes_at(const Context& context, std::string_view host,
                                               TimestampNs at, const ProcessChoice& choice,
                                               std::size_t limit) {
  const std::string pattern = logql::quoted(host_pattern(host));
  const TimeRange range{at - kTableNs, at + 1};
  std::map<Key, ProcessState> latest;
  LIVEDATA_RETURN_IF_ERROR(context.engine.visit_rows(
      context.scope,
      fmt::format("{{source=\"process\", host=~{}}}{}", pattern, choice.record_filter()), range,
      kMaxRows,
      [&latest](plan::Row& row, std::uint64_t) {
        ProcessState& process = latest[key_of(row)];
        if (process.time <= row.timestamp()) process = to_process(row);
      },
      context.deadline));
  LIVEDATA_RETURN_IF_ERROR(context.engine.visit_rows(
      context.scope,
      fmt::format("{{source=\"process_event\", host=~{}}} | event=\"exited\"", pattern), range,
      kMaxRows, [&latest](plan::Row& row, std::uint64_t) { latest.erase(key_of(row)); },
      context.deadline));
  std::vector<ProcessState> out;
  for (auto& [key, process] : latest) out.push_back(std::move(process));
  std::stable_sort(out.begin(), out.end(), [](const ProcessState& a, const ProcessState& b) {
    return std::pair(a.cpu_percent, a.memory_bytes) > std::pair(b.cpu_percent, b.memory_bytes);
  });
  out.resize(std::min(out.size(), limit));
  return out;
}

}  // namespace livedata::query::around
