#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/logger.h"
#include "collect/remote/backoff.h"
#include "collect/remote/child_process.h"
#include "collect/remote/session.h"
#include "collect/remote/ssh_failure.h"

namespace livedata::collect::remote {

/// One machine of the list, whether it is connected or not. Not thread-safe.
class RemoteLink {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// What all links share; outlives them.
  struct Shared {
    const std::string& ssh_program;
    std::chrono::nanoseconds interval;
    const SessionOptions& session;
    const Limits& limits;
    const Clock& clock;
    Logger& logger;
    Logger& quiet_logger;  ///< of collectors, which tell what a machine lacks
    PendingRecords& pending;
    const Bookmarks& saved;
  };

  RemoteLink(RemoteSpec spec, std::uint64_t id, const Shared& shared, std::uint64_t seed);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const RemoteSpec& spec() const { return spec_; }
  [[nodiscard]] const RemoteStatus& status() const { return status_; }
  [[nodiscard]] bool has_child() const { return child_.has_value(); }
  /// Another one whenever the pipes are others: a descriptor's number may come back.
  [[nodiscard]] std::uint64_t pipes_number() const { return pipes_number_; }
  [[nodiscard]] bool is_connecting() const { return session_ != nullptr && !session_->is_ready(); }
  [[nodiscard]] bool wants_to_connect(Time now) const { return !child_ && now >= next_try_; }

  /// Starts ssh; a failure is kept for the status, and waited upon.
  void connect(Time now, std::uint64_t random_a, std::uint64_t random_b);
  enum class Stream : std::uint8_t { kInput, kOutput, kErrors };
  static constexpr std::array<Stream, 3> kStreams = {Stream::kInput, Stream::kOutput,
                                                     Stream::kErrors};
  /// The pipe; -1 if it is closed.
  [[nodiscard]] int fd(Stream stream) const;
  [[nodiscard]] bool wants_to_write() const {
    return child_ && !input_ended_ && !session_->outgoing().empty();
  }
  /// A pipe can be read or written, or has ended. One piece at most, so that nobody starves others.
  void serve(Stream stream, Time now);
  /// Asks for what is due, and gives up what hangs.
  void tick(Time now);
  [[nodiscard]] Time next_tick() const;

 private:
  void read(Stream stream, Time now);
  void write();
  void begin_session(Time now);
  /// ssh has ended, or is ended because of `why`.
  void end(Time now, const SshFailure& why);
  void finish_if_ended(Time now);

  const RemoteSpec spec_;
  const std::uint64_t id_;
  const Shared& shared_;
  RemoteStatus status_;
  RemoteState state_;
  Backoff backoff_;
  std::optional<ChildProcess> child_;
  std::uint64_t pipes_number_ = 0;
  std::unique_ptr<Session> session_;
  bool was_ready_ = false;
  bool input_ended_ = false;
  bool output_ended_ = false;
  bool errors_ended_ = false;
  Time ended_at_{};  // of the pipes
  Time asked_at_{};  // the last time since then that the process was asked for
  Time ready_at_{};
  Time next_try_{};
};

}  // namespace livedata::collect::remote
