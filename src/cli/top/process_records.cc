#include "cli/top/process_records.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/cut_text.h"
#include "query/logql/printer.h"

namespace livedata::cli::top {
namespace {

namespace fs = std::filesystem;
namespace logql = query::logql;

constexpr int kMostLines = 1000;
constexpr std::size_t kMostLineBytes = 4096;
constexpr std::size_t kKeptLines = 5000;
constexpr std::size_t kMostFiles = 4;
constexpr int kMostDescriptors = 4096;
/// The kernel's clock ticks, and what the time of boot is rounded to.
constexpr TimestampNs kStartTolerance = 3 * kNsPerSecond;
/// Host metrics name processes, too; these are no logs of theirs.
constexpr std::string_view kNotMetrics = R"(source!~"process|process_event|login")";

/// Units that hold whatever a user runs say nothing about one process.
bool is_of_one_service(std::string_view unit) {
  return unit.ends_with(".service") && !unit.starts_with("user@");
}

bool looks_like_log(const std::string& path) {
  return path.find("log") != std::string::npos || path.ends_with(".out") || path.ends_with(".err");
}

}  // namespace

std::vector<LogQuery> log_queries(const ProcessFigures& process, std::string_view host,
                                  const std::vector<std::string>& files) {
  std::vector<LogQuery> queries;
  const std::string machine = logql::quoted(host);
  if (process.members > 0) return {log_query_by_name(process, host)};
  const std::string pid = logql::quoted(std::to_string(process.pid));
  queries.push_back({fmt::format("pid {}", process.pid),
                     fmt::format("{{host={}, {}}} | pid={} or proc_id={} or syslog_pid={}", machine,
                                 kNotMetrics, pid, pid, pid)});
  if (is_of_one_service(process.unit)) {
    queries.push_back({fmt::format("unit {}", process.unit),
                       fmt::format("{{host={}, unit={}, {}}}", machine, logql::quoted(process.unit),
                                   kNotMetrics)});
  }
  if (!process.container.empty()) {
    queries.push_back({fmt::format("container {}", process.container),
                       fmt::format("{{host={}, {}}} | container_id={}", machine, kNotMetrics,
                                   logql::quoted(process.container))});
  }
  for (const std::string& file : files)
    queries.push_back(
        {file, fmt::format("{{host={}, filename={}}}", machine, logql::quoted(file))});
  return queries;
}

LogQuery log_query_by_name(const ProcessFigures& process, std::string_view host) {
  const std::string name = logql::quoted(process.name);
  return {fmt::format("name {}", process.name),
          fmt::format("{{host={}, {}}} | comm={} or service_name={} or app={}", logql::quoted(host),
                      kNotMetrics, name, name, name)};
}

std::string history_query(const ProcessFigures& process, std::string_view host,
                          std::string_view field) {
  if (process.members > 0) {
    return fmt::format(
        "max_over_time({{host={}, source=\"process_group\"}} | name={} | unwrap {} [1m]) by (name)",
        logql::quoted(host), logql::quoted(process.name), field);
  }
  return fmt::format(
      "max_over_time({{host={}, source=\"process\"}} | pid=\"{}\" | start_time >= {} | start_time "
      "<= {} | unwrap {} [1m]) by (pid)",
      logql::quoted(host), process.pid, process.start_time - kStartTolerance,
      process.start_time + kStartTolerance, field);
}

std::vector<std::string> written_files(std::int64_t pid) {
  std::vector<std::string> files;
  std::error_code error;
  fs::directory_iterator it(fmt::format("/proc/{}/fd", pid), error);
  const fs::directory_iterator end;
  for (int seen = 0; !error && it != end && seen < kMostDescriptors; it.increment(error), ++seen) {
    std::error_code unreadable;
    // The link's own mode tells how the file was opened (proc(5)).
    const auto link = fs::symlink_status(it->path(), unreadable);
    if ((link.permissions() & fs::perms::owner_write) == fs::perms::none) continue;
    const std::string target = fs::read_symlink(it->path(), unreadable).string();
    if (unreadable || !target.starts_with('/') || target.starts_with("/dev/") ||
        target.starts_with("/proc/") || !fs::is_regular_file(target, unreadable))
      continue;
    if (std::find(files.begin(), files.end(), target) == files.end()) files.push_back(target);
  }
  std::stable_partition(files.begin(), files.end(), looks_like_log);
  if (files.size() > kMostFiles) files.resize(kMostFiles);
  return files;
}

void add_lines(std::vector<LogLine>& lines, const std::vector<LogLine>& more) {
  for (const LogLine& line : more) {
    const auto place =
        std::upper_bound(lines.begin(), lines.end(), line.time,
                         [](TimestampNs time, const LogLine& other) { return time < other.time; });
    // Others of the same time stand right before it.
    bool known = false;
    for (auto it = place; it != lines.begin() && std::prev(it)->time == line.time && !known; --it)
      known = *std::prev(it) == line;
    if (!known) lines.insert(place, line);
  }
  if (lines.size() > kKeptLines)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kKeptLines));
}

Result<FoundLogs> find_logs(const ServerRecords& server, const ProcessFigures& process,
                            std::string_view host, const std::vector<std::string>& files,
                            Span span) {
  FoundLogs found;
  const auto ask = [&](const LogQuery& query) -> Result<void> {
    LIVEDATA_TRY(const auto records, server.records(query.query, span, kMostLines));
    std::vector<LogLine> lines;
    for (const ServerRecord& record : records) {
      std::string_view level = record.field("detected_level");
      if (level.empty()) level = record.field("level");
      lines.push_back({.time = record.time,
                       .level = std::string(level),
                       .line = std::string(cut_text(record.line, kMostLineBytes))});
    }
    add_lines(found.lines, lines);
    if (!lines.empty())
      found.where += fmt::format("{}{}", found.where.empty() ? "" : ", ", query.where);
    return {};
  };
  for (const LogQuery& query : log_queries(process, host, files))
    LIVEDATA_RETURN_IF_ERROR(ask(query));
  if (found.lines.empty() && process.members == 0)
    LIVEDATA_RETURN_IF_ERROR(ask(log_query_by_name(process, host)));
  return found;
}

Result<ProcessHistory> find_history(const ServerRecords& server, const ProcessFigures& process,
                                    std::string_view host, Span span) {
  ProcessHistory history;
  history.from = span.from;
  history.to = span.to;
  LIVEDATA_TRY(history.cpu_percent,
               server.minutes(history_query(process, host, "cpu_percent"), span));
  LIVEDATA_TRY(history.memory_bytes,
               server.minutes(history_query(process, host, "memory_bytes"), span));
  return history;
}

}  // namespace livedata::cli::top
