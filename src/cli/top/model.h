#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cli/terminal/grid.h"
#include "cli/top/arrangement.h"
#include "cli/top/figures.h"

namespace livedata::cli::top {

/// What tells a row from others while they change places: a process, or a name where they are
/// grouped.
struct RowKey {
  std::int64_t pid = 0;
  TimestampNs start_time = 0;
  std::string name;
  bool operator==(const RowKey&) const = default;
};
RowKey key_of(const ProcessFigures& process);

/// What the keys go to.
enum class Mode {
  kTable,
  kFilter,   ///< typing it
  kSignals,  ///< choosing one
  kConfirm,  ///< whether it is to be sent
  kHosts,    ///< choosing one
  kHelp,
  kProcess,  ///< the page of one process
  kLogs,     ///< its logs
  kLogFilter
};

struct HostChoice {
  std::string name;
  std::string note;  ///< such as "this machine" or "connected"
};

/// An answer that is asked for, has come, or is an error.
struct Asked {
  bool pending = false;
  std::string problem;
};

struct LogLine {
  TimestampNs time = 0;
  std::string level;
  std::string line;
  bool operator==(const LogLine&) const = default;
};

/// The logs of the process that was chosen.
struct ProcessLogs {
  Asked asked;
  std::vector<LogLine> lines;  ///< oldest first
  std::string where;           ///< what was searched, for a person
  bool follow = true;          ///< the newest line stays in sight
  std::size_t top = 0;         ///< the first line in sight, if not
  int left = 0;                ///< columns that are scrolled away
  std::string filter;
};

struct HistoryPoint {
  TimestampNs time = 0;
  double value = 0;
};

/// Of the process that was chosen, over kHistorySpan.
struct ProcessHistory {
  Asked asked;
  TimestampNs from = 0, to = 0;
  std::vector<HistoryPoint> cpu_percent;   ///< highest of each minute
  std::vector<HistoryPoint> memory_bytes;  ///< likewise
};

struct Signal {
  int number = 0;
  std::string_view name;
  std::string_view meaning;
};
inline constexpr std::array<Signal, 9> kSignals = {{{15, "TERM", "end in good order"},
                                                    {9, "KILL", "end at once; nothing is saved"},
                                                    {1, "HUP", "hang up; many read settings anew"},
                                                    {2, "INT", "interrupt, as Ctrl-C does"},
                                                    {3, "QUIT", "end with a core"},
                                                    {19, "STOP", "stop"},
                                                    {18, "CONT", "go on"},
                                                    {10, "USR1", "what the program makes of it"},
                                                    {12, "USR2", "likewise"}}};

/// Everything that the page shows. Changed by keys (keys.h) and by what comes from outside
/// (take_snapshot() and the like); drawn by screen.h. No input and output.
struct Model {
  terminal::Size size{80, 24};
  Mode mode = Mode::kTable;

  // Whose figures, and how they come.
  std::string host;
  std::string local_host;
  std::string server;
  bool is_local = true;               ///< sampled here, not asked for
  std::optional<TimestampNs> moment;  ///< shown as of then
  bool paused = false;
  std::int64_t interval_ns = kNsPerSecond;
  int utc_offset = 0;  ///< seconds
  TimestampNs now = 0;
  Asked figures;
  std::vector<HostChoice> hosts;
  Asked hosts_asked;

  Snapshot snapshot;
  std::deque<double> cpu_trend;  ///< busy percent of the last rounds, newest last
  std::string filter;
  Order order;
  Arrangement list;  ///< made of the four above by rearrange()

  bool has_cursor = false;  ///< a row was chosen, and stays so; else the first one is
  RowKey cursor;
  std::size_t row = 0;  ///< of the cursor
  std::size_t top = 0;  ///< first row in sight

  std::string host_filter;
  std::size_t host_row = 0;
  std::size_t signal_row = 0;
  ProcessFigures subject;  ///< what signals, logs and history are about
  bool subject_is_gone = false;
  ProcessLogs logs;
  ProcessHistory history;
  Mode logs_back = Mode::kTable;  ///< where Escape leads from the logs

  std::string message;  ///< instead of the hints, until the next key
  bool message_is_bad = false;

  [[nodiscard]] const ProcessFigures* selected() const;
};

constexpr std::size_t kTrendSize = 240;
constexpr std::int64_t kHistorySpan = 3600 * kNsPerSecond;

/// Lists anew after a change of snapshot, filter or order, and keeps the cursor on its process.
void rearrange(Model& model);
void take_snapshot(Model& model, Snapshot snapshot);
/// Hosts whose names match what was typed.
std::vector<const HostChoice*> chosen_hosts(const Model& model);
/// Lines that have each word of the filter, whatever its case.
std::vector<const LogLine*> chosen_lines(const ProcessLogs& logs);

/// Rows of the table, or lines of the log, that are in sight.
int table_height(const Model& model);
int log_height(const Model& model);
/// Moves what is in sight to the cursor.
void scroll_to_cursor(Model& model);

}  // namespace livedata::cli::top
