#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "collect/custom/stop_signal.h"

namespace livedata::collect::custom {

/// What to run. It gets an environment of PATH, HOME, LC_ALL=C.UTF-8 and `environment`, nothing to
/// read, and a session of its own.
struct Command {
  const std::vector<std::string>& words;  ///< the program, looked up in PATH, and its arguments
  const std::vector<std::pair<std::string, std::string>>& environment;
  const std::string& folder;
  std::size_t max_output_bytes;
};

struct CommandResult {
  int exit_code = 0;  ///< minus the signal's number if that has ended it
  std::string output;
  std::string complaint;   ///< the first line on standard error, cut
  double cpu_seconds = 0;  ///< of the command and those of its children that it waited for
};

/// Runs a command to its end, and then ends what it has left behind in its session: background
/// jobs, but not what has made a session of its own. kDeadlineExceeded, kTooLarge and kCancelled:
/// it was ended (SIGKILL) before. kNotFound, kUnavailable: it could not be started.
/// `cpu_seconds` gets what it took in every case.
Result<CommandResult> run_command(const Command& command, const WorkLimit& limit,
                                  double& cpu_seconds);

}  // namespace livedata::collect::custom
