#include "cli/top/session.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "base/thread_pool.h"
#include "cli/terminal/key_reader.h"
#include "cli/terminal/terminal.h"
#include "cli/top/first_model.h"
#include "cli/top/keys.h"
#include "cli/top/machine_feed.h"
#include "cli/top/mailbox.h"
#include "cli/top/process_records.h"
#include "cli/top/screen.h"
#include "cli/top/send_signal.h"

namespace livedata::cli::top {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kEscapeWait = milliseconds(30);
/// Records of a server come every few seconds.
constexpr auto kLeastRecordedInterval = std::chrono::seconds(2);
constexpr auto kLogInterval = std::chrono::seconds(2);
/// Lines may be stored a little later than they were written.
constexpr TimestampNs kLateLines = 10 * kNsPerSecond;

/// The page with its threads: this one draws and reads keys, one samples, one asks the server.
class Session {
 public:
  Session(const Options& options, terminal::Terminal& terminal)
      : server_(options.server),
        terminal_(terminal),
        paint_(terminal::paint_options_of_environment()),
        model_(first_model(options)),
        feed_(server_),
        sampler_("ld-top-sample", 1, 4),
        asker_("ld-top-ask", 1, 8) {
    model_.size = terminal.size();
  }

  /// The signal that ended it, or 0.
  int run() {
    while (!done_) {
      tick();
      paint();
      take(terminal_.wait(time_to_wait(), mailbox_.file()));
    }
    return signal_;
  }
  /// Whether something is being waited for that may take long.
  [[nodiscard]] bool is_busy() const { return sampling_ || asking_ > 0; }

 private:
  using Wanted = MachineFeed::Wanted;

  [[nodiscard]] Wanted wanted() const {
    return {.host = model_.host, .is_local = model_.is_local, .moment = model_.moment};
  }

  [[nodiscard]] steady_clock::duration interval() const {
    const std::chrono::nanoseconds own(model_.interval_ns);
    return model_.is_local ? own : std::max<std::chrono::nanoseconds>(own, kLeastRecordedInterval);
  }

  void tick() {
    const auto now = steady_clock::now();
    model_.now = clock_.now();
    if (now >= next_sample_ && !sampling_) {
      next_sample_ = now + interval();
      // What is past stays as it was.
      if (!model_.paused && (!model_.moment || sample_now_)) sample();
    }
    const bool shows_logs = model_.mode == Mode::kProcess || model_.mode == Mode::kLogs ||
                            model_.mode == Mode::kLogFilter;
    if (shows_logs && now >= next_logs_ && asking_ == 0 && !model_.moment && !model_.paused)
      ask_logs();
  }

  milliseconds time_to_wait() {
    if (keys_.is_waiting()) return kEscapeWait;
    const auto now = steady_clock::now();
    const auto until = sampling_ ? now + std::chrono::seconds(1) : next_sample_;
    const auto wait = std::chrono::ceil<milliseconds>(until - now);
    // The clock on the page goes on, too.
    return std::clamp(wait, milliseconds(1), milliseconds(1000));
  }

  void paint() {
    terminal::Grid next = draw(model_);
    const std::string bytes = terminal::repaint(shown_.get(), next, paint_);
    if (!bytes.empty() && !terminal_.write(bytes)) done_ = true;
    shown_ = std::make_unique<terminal::Grid>(std::move(next));
  }

  void take(const terminal::Terminal::Events& events) {
    if (events.stop_signal != 0) {
      signal_ = events.stop_signal;
      done_ = true;
    }
    if (events.resized) {
      model_.size = terminal_.size();
      scroll_to_cursor(model_);
      shown_.reset();
    }
    if (events.notified) {
      for (const Update& update : mailbox_.take()) update(model_);
    }
    if (events.input) {
      const std::string_view bytes = terminal_.read();
      if (bytes.empty()) done_ = true;  // the terminal is gone
      keys_.feed(bytes);
    } else if (keys_.is_waiting()) {
      keys_.give_up();
    }
    while (const auto key = keys_.next()) apply(press(model_, *key));
  }

  void apply(const Effects& effects) {
    if (effects.quit) done_ = true;
    if (effects.suspend) terminal_.suspend();
    if (effects.suspend || effects.repaint) shown_.reset();
    if (effects.resample) {
      sample_now_ = true;
      next_sample_ = steady_clock::now();
    }
    if (effects.ask_hosts) ask_hosts();
    if (effects.ask_logs) begin_logs();
    if (effects.ask_history) ask_history();
    if (effects.signal) send(*effects.signal);
  }

  void sample() {
    sample_now_ = false;
    sampling_ = true;
    const bool taken = sampler_.try_submit([this, wanted = wanted()] {
      auto snapshot = std::make_shared<Result<Snapshot>>(feed_.sample(wanted, clock_.now()));
      mailbox_.put([this, wanted, snapshot](Model& model) {
        sampling_ = false;
        if (wanted == this->wanted()) take_sample(model, *snapshot);
      });
    });
    if (!taken) sampling_ = false;
  }

  static void take_sample(Model& model, Result<Snapshot>& snapshot) {
    if (snapshot) {
      if (model.message == model.figures.problem) model.message.clear();
      model.figures.problem.clear();
      take_snapshot(model, *std::move(snapshot));
    } else {
      // What was shown stays, with its age in the title.
      model.figures.problem = snapshot.error().message;
      model.message = model.figures.problem;
      model.message_is_bad = true;
    }
  }

  /// Runs a question on its own thread; `answer` returns the update.
  void ask(std::function<Update()> answer) {
    ++asking_;
    const bool taken = asker_.try_submit([this, answer = std::move(answer)] {
      mailbox_.put([this, update = answer()](Model& model) {
        --asking_;
        update(model);
      });
    });
    if (!taken) --asking_;
  }

  void ask_hosts() {
    const TimestampNs now = clock_.now();
    ask([this, now]() -> Update {
      auto hosts = server_.hosts({now - 6 * kHistorySpan, now});
      return [hosts = std::move(hosts)](Model& model) { take_hosts(model, hosts); };
    });
  }

  static void take_hosts(Model& model, const Result<std::vector<HostChoice>>& hosts) {
    model.hosts_asked.pending = false;
    model.hosts_asked.problem = hosts ? std::string() : hosts.error().message;
    std::vector<HostChoice> all = hosts ? *hosts : std::vector<HostChoice>{};
    std::erase_if(all, [&](const HostChoice& host) { return host.name == model.local_host; });
    all.insert(all.begin(), {.name = model.local_host, .note = "this machine"});
    model.hosts = std::move(all);
    for (std::size_t i = 0; i < model.hosts.size(); ++i) {
      if (model.hosts[i].name == model.host) model.host_row = i;
    }
  }

  void begin_logs() {
    logs_asked_to_ = 0;
    ask_logs();
  }

  void ask_logs() {
    next_logs_ = steady_clock::now() + kLogInterval;
    const TimestampNs to = model_.moment.value_or(clock_.now());
    const ProcessFigures subject = model_.subject;
    TimestampNs from = to - kHistorySpan;
    if (subject.members == 0) from = std::max(from, subject.start_time - kNsPerSecond);
    if (logs_asked_to_ > 0) from = std::max(from, logs_asked_to_ - kLateLines);
    logs_asked_to_ = to;
    ask([this, subject, host = model_.host, local = model_.is_local,
         span = Span{std::min(from, to - 1), to}]() -> Update {
      const auto files =
          local && subject.members == 0 ? written_files(subject.pid) : std::vector<std::string>{};
      auto found = find_logs(server_, subject, host, files, span);
      return [found = std::move(found), key = key_of(subject)](Model& model) {
        if (key_of(model.subject) == key) take_logs(model.logs, found);
      };
    });
  }

  static void take_logs(ProcessLogs& logs, const Result<FoundLogs>& found) {
    logs.asked.pending = false;
    logs.asked.problem = found ? std::string() : found.error().message;
    if (!found) return;
    add_lines(logs.lines, found->lines);
    if (logs.where.empty()) logs.where = found->where;
  }

  void ask_history() {
    const TimestampNs to = model_.moment.value_or(clock_.now());
    ask([this, subject = model_.subject, host = model_.host,
         span = Span{to - kHistorySpan, to}]() -> Update {
      auto history = find_history(server_, subject, host, span);
      return [history = std::move(history), key = key_of(subject)](Model& model) {
        if (key_of(model.subject) != key) return;
        if (history) model.history = *history;
        model.history.asked.pending = false;
        model.history.asked.problem = history ? std::string() : history.error().message;
      };
    });
  }

  void send(const SignalOrder& order) {
    const auto sent = send_signal(order.process, order.number);
    const auto signal = std::find_if(kSignals.begin(), kSignals.end(),
                                     [&](const Signal& s) { return s.number == order.number; });
    model_.message_is_bad = !sent;
    model_.message =
        sent ? fmt::format("sent {} to {} {}", signal->name, order.process.pid, order.process.name)
             : sent.error().message;
    sample_now_ = true;
    next_sample_ = std::min(next_sample_, steady_clock::now() + milliseconds(100));
  }

  const SystemClock clock_;
  const ServerRecords server_;
  terminal::Terminal& terminal_;
  const terminal::PaintOptions paint_;
  terminal::KeyReader keys_;
  Model model_;
  std::unique_ptr<terminal::Grid> shown_;
  Mailbox mailbox_;
  MachineFeed feed_;  // of the sampler's thread
  bool done_ = false;
  int signal_ = 0;
  bool sampling_ = false;
  bool sample_now_ = true;
  int asking_ = 0;
  TimestampNs logs_asked_to_ = 0;
  steady_clock::time_point next_sample_ = steady_clock::now();
  steady_clock::time_point next_logs_;
  // Last: their threads use what is above.
  ThreadPool sampler_;
  ThreadPool asker_;
};

/// Nobody who has quit waits for a server that does not answer, and nothing is left to be saved.
[[noreturn]] void end_at_once(int signal) {
  if (signal != 0) {
    ::signal(signal, SIG_DFL);
    ::raise(signal);
  }
  std::_Exit(EXIT_SUCCESS);
}

}  // namespace

Result<int> run_page(const Options& options) {
  LIVEDATA_TRY(auto terminal, terminal::Terminal::open());
  auto session = std::make_unique<Session>(options, *terminal);
  const int signal = session->run();
  terminal.reset();
  if (session->is_busy()) end_at_once(signal);
  return signal;
}

}  // namespace livedata::cli::top
