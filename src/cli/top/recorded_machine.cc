#include "cli/top/recorded_machine.h"

#include <algorithm>

#include "cli/top/record_figures.h"
#include "query/logql/printer.h"

namespace livedata::cli::top {
namespace {

constexpr TimestampNs kSecond = kNsPerSecond;
// Times in which a source is written once or more (docs/host-metrics.md), with some to spare.
constexpr TimestampNs kFiguresSpan = 20 * kSecond;
constexpr TimestampNs kProcessesSpan = 130 * kSecond;  // the table of all of them
constexpr TimestampNs kSystemSpan = 300 * kSecond;
constexpr TimestampNs kSystemPeriod = 30 * kSecond;
/// Records of other machines come late.
constexpr TimestampNs kLate = 10 * kSecond;
constexpr int kMostRecords = 5000;

std::vector<Field> fields_of(const ServerRecord& record) {
  std::vector<Field> fields;
  for (const auto& [name, value] : record.fields)
    fields.push_back({.name = name, .value = std::string_view(value)});
  return fields;
}

/// What is not in the newest round uses next to nothing.
ProcessFigures idle(ProcessFigures process) {
  process.cpu_percent = 0;
  if (process.read_rate) process.read_rate = 0;
  if (process.written_rate) process.written_rate = 0;
  return process;
}

}  // namespace

RecordedMachine::RecordedMachine(const ServerRecords& server, std::string host)
    : server_(server), host_(std::move(host)) {}

std::string RecordedMachine::selector(std::string_view sources) const {
  return fmt::format("{{host={}, source=~\"{}\"}}", query::logql::quoted(host_), sources);
}

Result<Snapshot> RecordedMachine::sample(TimestampNs moment) {
  Snapshot snapshot;
  snapshot.host.name = host_;
  LIVEDATA_TRY(const std::vector<ServerRecord> records,
               server_.records(selector("cpu|cpu_core|load|memory|pressure|disk|network|"
                                        "process_summary"),
                               {moment - kFiguresSpan, moment + 1}, kMostRecords));
  for (const ServerRecord& record : records) {
    const std::vector<Field> fields = fields_of(record);
    take_record({.source = record.label("source"), .time = record.time, .fields = fields},
                snapshot.host);
  }
  LIVEDATA_RETURN_IF_ERROR(take_system(moment, snapshot.host));
  LIVEDATA_RETURN_IF_ERROR(take_processes(moment, snapshot));
  asked_ = moment;
  if (snapshot.host.time == 0) {
    return fail(ErrorCode::kNotFound, "the server has no figures of {} from {}", host_,
                moment == 0 ? "then" : "the last seconds");
  }
  return snapshot;
}

Result<void> RecordedMachine::take_system(TimestampNs moment, HostFigures& host) {
  const bool goes_on = moment >= system_asked_ && moment < system_asked_ + kSystemPeriod;
  if (!goes_on) {
    LIVEDATA_TRY(const auto records,
                 server_.records(selector("system"), {moment - kSystemSpan, moment + 1}, 1));
    system_asked_ = moment;
    if (!records.empty()) {
      HostFigures read;
      const std::vector<Field> fields = fields_of(records.back());
      take_record({.source = "system", .time = records.back().time, .fields = fields}, read);
      kernel_ = read.kernel;
      uptime_ = read.uptime_seconds.value_or(0);
      system_time_ = records.back().time;
    }
  }
  host.kernel = kernel_;
  if (system_time_ > 0)
    host.uptime_seconds = uptime_ + static_cast<double>(moment - system_time_) / 1e9;
  return {};
}

Result<void> RecordedMachine::take_processes(TimestampNs moment, Snapshot& snapshot) {
  const bool goes_on = asked_ > 0 && moment >= asked_ && moment < asked_ + kProcessesSpan;
  if (!goes_on) processes_.clear();
  const TimestampNs from = goes_on ? asked_ - kLate : moment - kProcessesSpan;
  LIVEDATA_TRY(const auto records, server_.records(selector("process|process_event"),
                                                   {from, moment + 1}, kMostRecords));
  TimestampNs newest = 0;
  for (const ServerRecord& record : records) {
    const std::vector<Field> fields = fields_of(record);
    const MetricRecord metric{
        .source = record.label("source"), .time = record.time, .fields = fields};
    const ProcessFigures figures = process_of(metric);
    const ProcessId id(figures.pid, figures.start_time);
    if (metric.source == "process") {
      processes_[id] = {.time = record.time, .figures = figures};
    } else if (metric.text("event") == "exited") {
      processes_.erase(id);
    }
  }
  for (const auto& [id, seen] : processes_) newest = std::max(newest, seen.time);
  std::erase_if(processes_, [moment](const auto& entry) {
    return entry.second.time < moment - kProcessesSpan;
  });
  for (const auto& [id, seen] : processes_)
    snapshot.processes.push_back(seen.time < newest ? idle(seen.figures) : seen.figures);
  return {};
}

}  // namespace livedata::cli::top
