#pragma once

#include <string>
#include <string_view>

#include "collect/remote/remote_spec.h"

namespace livedata::collect::remote {

/// Why a session ended, for programs and for people.
struct SshFailure {
  std::string reason;   ///< such as host_key_changed
  std::string message;  ///< what happened, and what to do
};

/// Makes sense of what ssh said before it ended. `said` are bytes from outside.
SshFailure explain_failure(std::string_view said, int exit_code, const RemoteSpec& spec);

/// The same of a session that had been up: what is said then may be a part of a log.
SshFailure explain_loss(std::string_view said, int exit_code, const RemoteSpec& spec);

/// Outside bytes as one printable line of at most `max` bytes.
std::string printable(std::string_view text, std::size_t max);

}  // namespace livedata::collect::remote
