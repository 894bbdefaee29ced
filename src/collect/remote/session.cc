#include "collect/remote/session.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "collect/remote/far_side.h"
#include "collect/remote/ssh_failure.h"

namespace livedata::collect::remote {
namespace {

constexpr unsigned kFirstClocks = 4;  // readings at the start, one behind the other
constexpr std::size_t kMaxOutgoing = 256U * 1024U;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Session::Session(Context context, const std::string& mark)
    : context_(context),
      replies_(mark, context.options.max_answer_bytes),
      journal_(mark, context.state.cursor, context.limits),
      outgoing_(far_side_script(mark)),
      started_(context.clock.steady_now()) {
  context_.state.host.begin_session();
  context_.state.files.restart();
}

TimestampNs Session::correction() const {
  return clock_skew_.correction(context_.options.skew_threshold.count());
}

Result<void> Session::take_output(std::string_view bytes) {
  RemoteStatus& status = context_.status;
  status.bytes += bytes.size();
  status.last_data = context_.clock.now();
  Result<void> outcome;
  LIVEDATA_RETURN_IF_ERROR(replies_.feed(bytes, [&](const Reply& reply) {
    if (outcome) outcome = take_reply(reply);
  }));
  return outcome;
}

Result<void> Session::take_errors(std::string_view bytes) {
  RemoteStatus& status = context_.status;
  status.bytes += bytes.size();
  const std::uint64_t before = journal_.entries();
  const std::string cursor = journal_.cursor();
  const auto outcome = journal_.feed(bytes, {.intake = context_.pending.journal(),
                                             .host = context_.spec.name,
                                             .clock_ahead = correction()});
  if (!journal_.has_begun()) return outcome;
  status.last_data = context_.clock.now();
  status.entries += journal_.entries() - before;
  if (before == 0 && journal_.lost_its_place() && journal_.entries() > 0) {
    ++status.gaps;
    status.notice =
        "the journal's entry that was taken last is not there any more; those behind it may be "
        "missing";
  }
  context_.pending.add_bytes(bytes.size());
  if (journal_.cursor() != cursor) {
    context_.state.cursor = journal_.cursor();
    context_.pending.bookmarks()[context_.state.journal_key] = journal_.cursor();
  }
  return outcome;
}

Result<void> Session::take_reply(const Reply& reply) {
  constexpr std::string_view kCommand = "p ";
  if (reply.tag == "ready") {
    is_ready_ = true;
    return {};
  }
  if (reply.tag.starts_with(kCommand)) {
    std::int64_t pid = 0;
    const std::string_view number = reply.tag.substr(kCommand.size());
    std::from_chars(number.data(), number.data() + number.size(), pid);
    context_.state.host.take_command(pid, reply.body);
    return {};
  }
  if (asked_.empty() || reply.tag != std::to_string(asked_.front().tag))
    return fail(ErrorCode::kCorrupt, "the far side has answered what was not asked");
  const Asked asked = asked_.front();
  asked_.pop_front();
  context_.status.round_trip_seconds = seconds(context_.clock.steady_now() - asked.at);
  return take_answer(asked, reply.body);
}

Result<void> Session::take_answer(const Asked& asked, std::string_view body) {
  switch (asked.kind) {
    case Kind::kHost:
      take_host(asked, body);
      break;
    case Kind::kClock:
      take_clock(asked, body);
      break;
    case Kind::kTryJournal:
      choose_logs(body);
      break;
    case Kind::kFollow:
      break;
    case Kind::kJournalRuns:
      if (body.find("ended") != std::string_view::npos)
        return fail(ErrorCode::kUnavailable, "journalctl has ended on the far side");
      break;
    case Kind::kFiles:
      take_files(body);
      break;
  }
  return {};
}

void Session::take_clock(const Asked& asked, std::string_view body) {
  const auto there = parse_far_time(body);
  if (!there) return;
  clock_skew_.add(asked.wall, context_.clock.now(), there->earliest, there->latest);
  zone_ = there->zone;
  context_.status.clock_ahead_seconds =
      static_cast<double>(clock_skew_.ahead().value_or(0)) / kNsPerSecond;
  context_.status.clock_uncertainty_seconds =
      static_cast<double>(clock_skew_.uncertainty()) / kNsPerSecond;
}

void Session::choose_logs(std::string_view body) {
  RemoteStatus& status = context_.status;
  follows_journal_ =
      body.starts_with("__CURSOR=") || body.find("\n__CURSOR=") != std::string_view::npos;
  follows_files_ = !follows_journal_ || !context_.spec.files.empty();
  status.logs = follows_journal_ ? "journal" : "files";
  if (body.find("not seeing messages") != std::string_view::npos) {
    status.notice =
        "the user there sees only a part of the journal; add it to the group systemd-journal or "
        "adm";
  }
}

void Session::take_host(const Asked& asked, std::string_view body) {
  const RecordBatch batch = context_.state.host.take(asked.topic, body, context_.clock.now());
  context_.status.samples += batch.num_rows();
  if (!batch.empty()) context_.pending.add_metrics(batch, batch.size_bytes());
}

void Session::take_files(std::string_view body) {
  const std::uint64_t before = context_.state.files.lines();
  const std::uint64_t lost = context_.state.files.lost_bytes();
  context_.state.files.take_answer(body, {.intake = context_.pending.files(),
                                          .bookmarks = context_.pending.bookmarks(),
                                          .clock_ahead = correction(),
                                          .zone = zone_});
  const std::uint64_t lines = context_.state.files.lines() - before;
  context_.status.entries += lines;
  if (context_.state.files.lost_bytes() != lost) ++context_.status.gaps;
  if (lines > 0) context_.pending.add_bytes(body.size());
  if (context_.state.files.followed() == 0 && !follows_journal_) {
    context_.status.logs = "none";
    context_.status.notice =
        "neither a journal nor log files can be read there; add the user to the group "
        "systemd-journal or adm";
  } else if (!follows_journal_) {
    context_.status.logs = "files";
  }
}

bool Session::is_asking(Kind kind) const {
  return std::any_of(asked_.begin(), asked_.end(),
                     [kind](const Asked& asked) { return asked.kind == kind; });
}

void Session::ask(Kind kind, std::string_view command, Time now, HostFeed::Topic topic) {
  asked_.push_back(
      {.kind = kind, .topic = topic, .tag = next_tag_, .at = now, .wall = context_.clock.now()});
  outgoing_ += fmt::format("{} {}\n", next_tag_, command);
  ++next_tag_;
}

Result<void> Session::tick(Time now) {
  const SessionOptions& options = context_.options;
  if (!is_ready_) {
    if (now - started_ < options.connect_timeout) return {};
    return fail(ErrorCode::kDeadlineExceeded, "no answer within {} s",
                seconds(options.connect_timeout));
  }
  if (!asked_.empty() && now - asked_.front().at > options.answer_timeout) {
    return fail(ErrorCode::kDeadlineExceeded,
                "the connection is up, but no answer came within {} s",
                seconds(options.answer_timeout));
  }
  if (outgoing_.size() > kMaxOutgoing) return {};
  // Times of records depend on it, so it comes first.
  if (now >= next_clock_ && !is_asking(Kind::kClock)) {
    ask(Kind::kClock, request::kClock, now);
    ++clocks_;
    next_clock_ = clocks_ < kFirstClocks ? now : now + options.clock_interval;
  }
  if (clocks_ < kFirstClocks) return {};
  if (!logs_are_chosen_) {
    logs_are_chosen_ = true;
    if (context_.spec.journal) {
      ask(Kind::kTryJournal, request::try_journal(context_.spec), now);
    } else {
      choose_logs("");
    }
  }
  ask_host(now);
  ask_files(now);
  return {};
}

void Session::ask_host(Time now) {
  // Once only: the journal comes on another channel than the answer to this, and may come later.
  if (follows_journal_ && !has_asked_for_journal_) {
    has_asked_for_journal_ = true;
    const auto backlog =
        std::chrono::duration_cast<std::chrono::seconds>(context_.options.journal_backlog);
    ask(Kind::kFollow,
        request::follow_journal(context_.spec, context_.state.cursor, backlog.count()), now);
  }
  if (is_asking(Kind::kHost)) return;
  const auto requests = context_.state.host.requests(now);
  for (const HostFeed::Request& request : requests)
    ask(Kind::kHost, request.command, now, request.topic);
  if (!requests.empty() && has_asked_for_journal_)
    ask(Kind::kJournalRuns, request::kJournalRuns, now);
}

void Session::ask_files(Time now) {
  if (!follows_files_ || is_asking(Kind::kFiles)) return;
  if (now >= next_files_) {
    next_files_ = now + context_.options.files_interval;
    context_.state.files.begin_round();
  }
  const std::string request = context_.state.files.next_request();
  if (!request.empty()) ask(Kind::kFiles, request, now);
}

Session::Time Session::next_tick() const {
  const SessionOptions& options = context_.options;
  if (!is_ready_) return started_ + options.connect_timeout;
  Time next = Time::max();
  if (!asked_.empty()) next = asked_.front().at + options.answer_timeout;
  if (!is_asking(Kind::kClock)) next = std::min(next, next_clock_);
  if (clocks_ < kFirstClocks) return next;
  if (!is_asking(Kind::kHost)) next = std::min(next, context_.state.host.next());
  if (follows_files_ && !is_asking(Kind::kFiles)) next = std::min(next, next_files_);
  return next;
}

}  // namespace livedata::collect::remote
