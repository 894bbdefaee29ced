#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace livedata::collect::remote {

/// How a remote is doing. Times are of this machine, 0: never.
struct RemoteStatus {
  std::string name;
  std::string destination;
  std::string state;    ///< connecting, connected, or waiting (for the next try)
  std::string reason;   ///< of the last failure, such as host_key_changed; "" while connected
  std::string message;  ///< what happened, and what to do
  std::string notice;   ///< what is missing though we are connected
  std::string logs;     ///< journal, files, none, or "" before that is known
  TimestampNs connected_since = 0;
  TimestampNs last_data = 0;
  TimestampNs next_try = 0;
  std::uint64_t sessions = 0;  ///< that have come up
  std::uint64_t failures = 0;  ///< of connecting, and of sessions
  std::uint64_t bytes = 0;     ///< received, after decompression
  std::uint64_t entries = 0;   ///< of logs
  std::uint64_t samples = 0;   ///< records of metrics
  std::uint64_t gaps = 0;      ///< times that the place in a log to go on from was gone
  double clock_ahead_seconds = 0;
  double clock_uncertainty_seconds = 0;
  double round_trip_seconds = 0;  ///< of the last request
};

}  // namespace livedata::collect::remote
