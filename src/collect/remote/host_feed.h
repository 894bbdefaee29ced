#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/logger.h"
#include "collect/host/host_metrics.h"
#include "collect/host/snapshot_source.h"

namespace livedata::collect::remote {

/// Turns files of another machine into its metrics, by the collectors of this one. Says what to ask
/// for and when. Not thread-safe.
class HostFeed {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// What is asked for; the answers to a few are to be kept apart.
  enum class Topic : std::uint8_t {
    kConstants,
    kIdentity,
    kFast,
    kMedium,
    kTcp,
    kInterfaces,
    kTemperatures,
    kSystem,
    kDisks,
    kProcesses,
    kDetails,
    kCommands,
    kCgroups,
    kUnits
  };
  struct Request {
    Topic topic;
    std::string command;
  };

  HostFeed(std::string host, std::chrono::nanoseconds interval, Logger& logger);

  /// A new session; the machine may have been started anew in between.
  void begin_session();
  /// What is due. To be called when the answers to the last ones have come.
  std::vector<Request> requests(Time now);
  /// When the next requests are due.
  [[nodiscard]] Time next() const { return next_; }

  /// The answer to a request. `now` is the time of the records that it returns.
  RecordBatch take(Topic topic, std::string_view body, TimestampNs now);
  /// A part of the answer to kCommands.
  void take_command(std::int64_t pid, std::string_view body);

 private:
  struct KnownProcess {
    std::uint64_t start_ticks = 0;
    std::uint64_t ticks = 0;           ///< CPU time, as of the last round
    std::uint64_t detailed_ticks = 0;  ///< as of the last details
    std::uint64_t name_hash = 0;
    std::uint64_t round = 0;  ///< that has listed it last
    std::uint64_t detailed_round = 0;
    std::uint64_t fresh_round = 0;  ///< when it was seen first
  };

  void take_files(std::string_view body, host::SnapshotSource& source);
  void take_constants(std::string_view body);
  void take_identity(std::string_view body);
  void take_processes(std::string_view body);
  void choose_processes();
  void take_disks(std::string_view body);
  RecordBatch collect(Topic topic, TimestampNs now);
  Request details_request();

  const std::string host_;
  const std::chrono::nanoseconds interval_;
  Logger& logger_;
  host::SnapshotSource* source_ = nullptr;  // of metrics_
  std::unique_ptr<host::HostMetrics> metrics_;
  std::unique_ptr<host::SnapshotSource> first_files_;  // of a session, until they say who it is
  std::string boot_id_;
  bool is_introduced_ = false;  // in this session
  Time next_{};
  std::unordered_map<std::uint8_t, Time> due_;  // by topic
  std::chrono::nanoseconds uptime_{0};
  std::vector<std::string> mounts_;

  std::uint64_t round_ = 0;  // of processes
  std::unordered_map<std::int64_t, KnownProcess> processes_;
  std::vector<std::int64_t> fresh_;      // to be asked for, commands too
  std::vector<std::int64_t> refreshed_;  // without
  std::vector<std::int64_t> commands_;   // asked for details, commands are next
};

}  // namespace livedata::collect::remote
