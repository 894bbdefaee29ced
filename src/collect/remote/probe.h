#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collect/remote/remote_spec.h"
#include "collect/remote/ssh_failure.h"

namespace livedata::collect::remote {

/// What a trial connection has found out.
struct ProbeReport {
  std::optional<SshFailure> failure;                       ///< nothing: it works
  std::vector<std::pair<std::string, std::string>> facts;  ///< such as {"system", "Debian ..."}
  std::vector<std::string> warnings;                       ///< what will be missing, and what to do
};

/// Connects once with a remote, asks what is to be asked of it, and ends. Blocks for up to
/// `timeout`.
ProbeReport probe(const RemoteSpec& spec, const std::string& ssh_program,
                  std::chrono::nanoseconds timeout);

}  // namespace livedata::collect::remote
