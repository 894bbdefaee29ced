#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "collect/remote/clock_skew.h"
#include "collect/remote/far_files.h"
#include "collect/remote/host_feed.h"
#include "collect/remote/journal_stream.h"
#include "collect/remote/pending_records.h"
#include "collect/remote/remote_spec.h"
#include "collect/remote/remote_status.h"
#include "collect/remote/reply_parser.h"

namespace livedata::collect::remote {

/// What outlives the sessions of one remote.
struct RemoteState {
  HostFeed host;
  FarFiles files;
  std::string journal_key;  ///< of its bookmark
  std::string cursor;       ///< of the journal's entry that was taken last
};

struct SessionOptions {
  std::chrono::nanoseconds files_interval = std::chrono::seconds(2);
  std::chrono::nanoseconds clock_interval = std::chrono::seconds(60);
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(45);
  std::chrono::nanoseconds answer_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds journal_backlog = std::chrono::hours(24);  ///< at the very first
  std::chrono::nanoseconds skew_threshold = std::chrono::seconds(2);
  std::size_t max_answer_bytes = 16U << 20U;
};

/// One connection to a machine: asks, and takes the answers. Knows nothing of processes and pipes:
/// bytes come in by take_output() and take_errors(), and are to be sent from outgoing(). Not
/// thread-safe.
class Session {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// What a session works with. All of it outlives the session.
  struct Context {
    const RemoteSpec& spec;
    const SessionOptions& options;
    const Limits& limits;
    const Clock& clock;
    PendingRecords& pending;
    RemoteState& state;
    RemoteStatus& status;
  };

  /// `mark`: a random word, see ReplyParser.
  Session(Context context, const std::string& mark);

  /// What the remote's shell writes; a failure ends the session.
  Result<void> take_output(std::string_view bytes);
  Result<void> take_errors(std::string_view bytes);
  /// Asks for what is due. kDeadlineExceeded: the remote does not answer.
  Result<void> tick(Time now);
  /// When tick() has something to do.
  [[nodiscard]] Time next_tick() const;

  /// Bytes to send; what has been sent is to be taken off its front.
  std::string& outgoing() { return outgoing_; }
  [[nodiscard]] bool is_ready() const { return is_ready_; }
  /// What was said beside answers and entries, such as by ssh itself.
  [[nodiscard]] std::string said() const { return journal_.said(); }

 private:
  enum class Kind : std::uint8_t { kHost, kClock, kTryJournal, kFollow, kJournalRuns, kFiles };
  struct Asked {
    Kind kind = Kind::kHost;
    HostFeed::Topic topic = {};
    std::uint64_t tag = 0;
    Time at;
    TimestampNs wall = 0;
  };

  void ask(Kind kind, std::string_view command, Time now, HostFeed::Topic topic = {});
  void ask_host(Time now);
  void ask_files(Time now);
  Result<void> take_reply(const Reply& reply);
  Result<void> take_answer(const Asked& asked, std::string_view body);
  void take_clock(const Asked& asked, std::string_view body);
  void choose_logs(std::string_view body);
  void take_host(const Asked& asked, std::string_view body);
  void take_files(std::string_view body);
  [[nodiscard]] bool is_asking(Kind kind) const;
  [[nodiscard]] TimestampNs correction() const;

  const Context context_;
  ReplyParser replies_;
  JournalStream journal_;
  ClockSkew clock_skew_;
  std::optional<int> zone_;
  std::string outgoing_;
  std::deque<Asked> asked_;
  std::uint64_t next_tag_ = 1;
  bool is_ready_ = false;
  bool logs_are_chosen_ = false;
  bool follows_journal_ = false;
  bool has_asked_for_journal_ = false;
  bool follows_files_ = false;
  Time started_;
  Time next_clock_{};
  unsigned clocks_ = 0;
  Time next_files_{};
};

}  // namespace livedata::collect::remote
