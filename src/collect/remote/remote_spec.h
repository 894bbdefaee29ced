#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livedata::collect::remote {

/// A machine that is watched over SSH. Holds no secrets: keys are those of ssh.
struct RemoteSpec {
  std::string name;                           ///< label `host` of all it sends
  std::string destination;                    ///< [USER@]HOST, or a Host of ~/.ssh/config
  std::vector<std::string> ssh_options = {};  ///< for ssh's -o, such as Port=2222
  std::string journal_folder = {};            ///< for journalctl's --directory; empty: its own
  bool journal = true;                        ///< read the journal, if there is one
  /// Patterns of log files; empty: the usual ones, where there is no journal to read.
  std::vector<std::string> files = {};

  bool operator==(const RemoteSpec&) const = default;
};

/// Whether name, destination, options and paths are such as may be passed to ssh and to a shell.
/// kInvalidArgument says what is wrong, and what to do.
Result<void> check_spec(const RemoteSpec& spec);

/// The name of a remote that was given none: its host.
std::string default_name(std::string_view destination);

}  // namespace livedata::collect::remote
