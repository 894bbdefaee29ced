#pragma once

#include <string>
#include <vector>

#include "cli/top/model.h"
#include "cli/top/server_records.h"

namespace livedata::cli::top {

/// Where logs of a process may be.
struct LogQuery {
  std::string where;  ///< for a person
  std::string query;  ///< LogQL
};

/// The queries for a process of a host: the journal's and syslog's records with its number, those
/// of its unit and of its container, and the files that it writes to.
std::vector<LogQuery> log_queries(const ProcessFigures& process, std::string_view host,
                                  const std::vector<std::string>& files);
/// For when these find nothing: what goes by its name.
LogQuery log_query_by_name(const ProcessFigures& process, std::string_view host);

/// Metric queries for the highest of each minute.
std::string history_query(const ProcessFigures& process, std::string_view host,
                          std::string_view field);

/// Files that a process of this machine has open for writing, as far as we may see; those that look
/// like logs first, at most a few.
std::vector<std::string> written_files(std::int64_t pid);

struct FoundLogs {
  std::vector<LogLine> lines;  ///< oldest first
  std::string where;
};
/// Asks all of them.
Result<FoundLogs> find_logs(const ServerRecords& server, const ProcessFigures& process,
                            std::string_view host, const std::vector<std::string>& files,
                            Span span);
Result<ProcessHistory> find_history(const ServerRecords& server, const ProcessFigures& process,
                                    std::string_view host, Span span);

/// Adds lines that are newer, or that came late; each is there once. The oldest ones go when there
/// are too many.
void add_lines(std::vector<LogLine>& lines, const std::vector<LogLine>& more);

}  // namespace livedata::cli::top
