#include "collect/remote/remote_link.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "collect/remote/far_side.h"
#include "collect/remote/ssh_command.h"

namespace livedata::collect::remote {
namespace {

constexpr std::size_t kPiece = 64U * 1024U;
constexpr auto kExitGrace = std::chrono::seconds(2);     // from the end of its pipes to ssh's own
constexpr auto kGoodSession = std::chrono::seconds(60);  // after which failures are forgotten

FarFiles::Options files_options(const RemoteSpec& spec) {
  FarFiles::Options options;
  options.host = spec.name;
  options.bookmark_prefix = fmt::format("remote:{}:file:", spec.name);
  options.patterns = spec.files.empty() ? usual_far_files() : spec.files;
  return options;
}

std::string saved_cursor(const Bookmarks& saved, const std::string& key) {
  const auto found = saved.find(key);
  return found != saved.end() && is_cursor(found->second) ? found->second : "";
}

std::string journal_key(const RemoteSpec& spec) {
  return fmt::format("remote:{}:journal", spec.name);
}

}  // namespace

RemoteLink::RemoteLink(RemoteSpec spec, std::uint64_t id, const Shared& shared, std::uint64_t seed)
    : spec_(std::move(spec)),
      id_(id),
      shared_(shared),
      state_{.host = HostFeed(spec_.name, shared.interval, shared.quiet_logger),
             .files = FarFiles(files_options(spec_), shared.limits),
             .journal_key = journal_key(spec_),
             .cursor = saved_cursor(shared.saved, journal_key(spec_))},
      backoff_(seed) {
  status_.name = spec_.name;
  status_.destination = spec_.destination;
  status_.state = "waiting";
  state_.files.load(shared.saved);
}

int RemoteLink::fd(Stream stream) const {
  if (!child_) return -1;
  switch (stream) {
    case Stream::kInput:
      return child_->input();
    case Stream::kOutput:
      return output_ended_ ? -1 : child_->output();
    case Stream::kErrors:
      return errors_ended_ ? -1 : child_->errors();
  }
  return -1;
}

void RemoteLink::connect(Time now, std::uint64_t random_a, std::uint64_t random_b) {
  const std::string mark = fmt::format("{:016x}{:016x}", random_a, random_b);
  const std::string command = far_side_command(far_side_script(mark).size());
  auto child = ChildProcess::start(ssh_command(shared_.ssh_program, spec_, command));
  if (!child) {
    end(now, {.reason = "no_ssh",
              .message = fmt::format("{}; install the package openssh-client, or set "
                                     "remotes.ssh_program",
                                     child.error().message)});
    return;
  }
  child_.emplace(*std::move(child));
  input_ended_ = output_ended_ = errors_ended_ = was_ready_ = false;
  ++pipes_number_;
  status_.state = "connecting";
  status_.next_try = 0;
  session_ = std::make_unique<Session>(Session::Context{.spec = spec_,
                                                        .options = shared_.session,
                                                        .limits = shared_.limits,
                                                        .clock = shared_.clock,
                                                        .pending = shared_.pending,
                                                        .state = state_,
                                                        .status = status_},
                                       mark);
}

void RemoteLink::serve(Stream stream, Time now) {
  if (!child_) return;
  if (stream == Stream::kInput) {
    write();
  } else {
    read(stream, now);
  }
  if (child_ && session_->is_ready() && !was_ready_) begin_session(now);
  if (child_) tick(now);
}

void RemoteLink::begin_session(Time now) {
  was_ready_ = true;
  ready_at_ = now;
  status_.state = "connected";
  status_.reason.clear();
  status_.message.clear();
  status_.notice.clear();
  status_.connected_since = shared_.clock.now();
  ++status_.sessions;
  shared_.logger.info("remote {}: connected to {}", spec_.name, spec_.destination);
}

void RemoteLink::read(Stream stream, Time now) {
  std::array<char, kPiece> piece;  // NOLINT: read() fills it
  const ssize_t size = ::read(fd(stream), piece.data(), piece.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    (stream == Stream::kOutput ? output_ended_ : errors_ended_) = true;
    ended_at_ = now;
    finish_if_ended(now);
    return;
  }
  const std::string_view bytes(piece.data(), static_cast<std::size_t>(size));
  const Result<void> taken =
      stream == Stream::kOutput ? session_->take_output(bytes) : session_->take_errors(bytes);
  if (taken) return;
  const bool is_over = taken.error().code == ErrorCode::kUnavailable;
  end(now,
      {.reason = is_over ? "journal_ended" : "not_understood", .message = taken.error().message});
}

void RemoteLink::write() {
  std::string& outgoing = session_->outgoing();
  if (!child_ || input_ended_ || outgoing.empty()) return;
  const ssize_t size = ::write(child_->input(), outgoing.data(), outgoing.size());
  if (size > 0) outgoing.erase(0, static_cast<std::size_t>(size));
  // A broken pipe: what ssh has to say about it comes by the others.
  if (size < 0 && errno != EAGAIN && errno != EINTR) {
    input_ended_ = true;
  }
}

void RemoteLink::finish_if_ended(Time now) {
  if (!child_) return;
  // A process that ssh has left behind may keep the one or the other open.
  const bool all = output_ended_ && errors_ended_;
  if (!all && !child_->exit_code()) return;
  const auto code = child_->exit_code();
  if (!code && now - ended_at_ < kExitGrace) return;
  if (!all && now - ended_at_ < kExitGrace) return;
  const std::string said = session_->said();
  const int exit_code = code.value_or(-1);
  end(now,
      was_ready_ ? explain_loss(said, exit_code, spec_) : explain_failure(said, exit_code, spec_));
}

void RemoteLink::end(Time now, const SshFailure& why) {
  const bool is_new = status_.reason != why.reason || status_.message != why.message;
  if (is_new || was_ready_)
    shared_.logger.warn("remote {} ({}): {}", spec_.name, why.reason, why.message);
  if (was_ready_ && now - ready_at_ >= kGoodSession) backoff_.succeeded();
  child_.reset();
  session_.reset();
  ++pipes_number_;
  was_ready_ = false;
  const std::chrono::nanoseconds pause = backoff_.next();
  next_try_ = now + pause;
  status_.state = "waiting";
  status_.reason = why.reason;
  status_.message = why.message;
  status_.connected_since = 0;
  status_.next_try = shared_.clock.now() + pause.count();
  ++status_.failures;
}

void RemoteLink::tick(Time now) {
  if (!child_) return;
  if (output_ended_ || errors_ended_) {
    asked_at_ = now;
    finish_if_ended(now);
    return;
  }
  if (const auto ticked = session_->tick(now); !ticked) {
    const std::string said = session_->is_ready() ? "" : printable(session_->said(), 300);
    end(now, {.reason = "timeout",
              .message = fmt::format("{}{}{}", ticked.error().message,
                                     said.empty() ? "" : "; ssh: ", said)});
    return;
  }
  if (wants_to_write()) write();
}

RemoteLink::Time RemoteLink::next_tick() const {
  constexpr auto kSoon = std::chrono::milliseconds(50);
  if (!child_) return next_try_;
  // The end of a process may come behind that of its pipes, and nothing tells of it.
  if (output_ended_ || errors_ended_) return std::max(ended_at_, asked_at_) + kSoon;
  return session_->next_tick();
}

}  // namespace livedata::collect::remote
