#include "collect/remote/remotes.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <map>
#include <random>
#include <thread>

#include "base/mutex.h"
#include "base/thread_pool.h"
#include "collect/remote/remote_link.h"
#include "collect/remote/remote_list.h"

namespace livedata::collect::remote {
namespace {

using Time = RemoteLink::Time;
constexpr std::uint64_t kWakeKey = 0;
constexpr std::size_t kFlushBytes = 2U << 20U;
constexpr auto kListInterval = std::chrono::seconds(1);
constexpr auto kShowInterval = std::chrono::milliseconds(200);
constexpr auto kRetry = std::chrono::seconds(1);
constexpr auto kComplainEvery = std::chrono::minutes(1);

struct Shown {
  std::string_view name;
  std::string_view help;
  double (*value)(const RemoteStatus& status);
};
constexpr std::array<Shown, 7> kShown = {{
    {"livedata_remote_up", "Whether a remote is connected",
     [](const RemoteStatus& s) { return s.state == "connected" ? 1.0 : 0.0; }},
    {"livedata_remote_last_data_seconds", "When a remote was heard of last, since 1970",
     [](const RemoteStatus& s) { return static_cast<double>(s.last_data) / kNsPerSecond; }},
    {"livedata_remote_received_bytes_total", "Bytes that a remote has sent, without compression",
     [](const RemoteStatus& s) { return static_cast<double>(s.bytes); }},
    {"livedata_remote_entries_total", "Log records of a remote",
     [](const RemoteStatus& s) { return static_cast<double>(s.entries); }},
    {"livedata_remote_failures_total", "Times that a remote could not be connected or was lost",
     [](const RemoteStatus& s) { return static_cast<double>(s.failures); }},
    {"livedata_remote_gaps_total", "Times that log records of a remote may be missing",
     [](const RemoteStatus& s) { return static_cast<double>(s.gaps); }},
    {"livedata_remote_clock_ahead_seconds", "How far a remote's clock is ahead of this one's",
     [](const RemoteStatus& s) { return s.clock_ahead_seconds; }},
}};

/// Whether the same records would be refused again.
bool is_hopeless(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kTooLarge ||
         code == ErrorCode::kUnsupported;
}

/// Remotes' ids count from 1 on, with two bits for the pipe.
std::uint64_t key_of(const RemoteLink& link, RemoteLink::Stream stream) {
  return link.id() << 2U | static_cast<std::uint64_t>(stream);
}

}  // namespace

class Remotes::Loop {
 public:
  Loop(RemotesOptions options, RemoteSink sink, const Limits& limits, const Clock& clock,
       Logger& logger, MetricRegistry& metrics)
      : options_(std::move(options)),
        sink_(std::move(sink)),
        clock_(clock),
        logger_(logger),
        quiet_logger_(clock, LogLevel::kError),
        metrics_(metrics),
        list_(options_.data_folder),
        pending_(limits, options_.pipelines, clock),
        saved_(options_.saved),
        shared_{.ssh_program = options_.ssh_program,
                .interval = options_.interval,
                .session = options_.session,
                .limits = limits,
                .clock = clock,
                .logger = logger,
                .quiet_logger = quiet_logger_,
                .pending = pending_,
                .saved = saved_},
        random_(std::random_device{}()),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kWakeKey}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
    thread_ = std::thread([this] {
      name_this_thread("ld-remotes");
      run();
    });
  }
  ~Loop() {
    stopping_ = true;
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_, &one, sizeof one));
    thread_.join();
    for (const Shown& shown : kShown) metrics_.remove_gauge(shown.name);
    ::close(wake_);
    ::close(epoll_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] std::vector<RemoteStatus> status() const {
    const MutexLock lock(mutex_);
    return shown_;
  }

 private:
  void run() {
    // A pipe that breaks is told by write().
    sigset_t pipe{};
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    while (!stopping_) {
      const Time now = clock_.steady_now();
      watch_list(now);
      connect_some(now);
      for (const auto& link : links_) {
        if (!is_full() && now >= link->next_tick()) link->tick(now);
        update_events(*link);
      }
      flush_if_due(now);
      if (now >= next_show_) {
        next_show_ = now + kShowInterval;
        show();
      }
      wait(now);
    }
    flush(clock_.steady_now());  // what pipelines hold refers to the links
    links_.clear();              // ends all children
  }

  /// While the store takes nothing, nothing is read.
  [[nodiscard]] bool is_full() const { return refused_ != nullptr; }

  void watch_list(Time now) {
    if (now < next_list_) return;
    next_list_ = now + kListInterval;
    const std::string version = list_.version();
    if (version == list_version_) return;
    list_version_ = version;
    const auto specs = list_.load();
    if (!specs) {
      logger_.error("the list of remotes stays as it was: {}", specs.error().message);
      return;
    }
    take_list(*specs);
    show();
    show_gauges();
  }

  void take_list(const std::vector<RemoteSpec>& specs) {
    // Positions of those that go on or come back are those of now.
    flush(clock_.steady_now());
    std::vector<std::unique_ptr<RemoteLink>> links;
    for (const RemoteSpec& spec : specs) {
      const auto known = std::find_if(links_.begin(), links_.end(), [&spec](const auto& link) {
        return link != nullptr && link->spec() == spec;
      });
      if (known != links_.end()) {
        links.push_back(std::move(*known));
        continue;
      }
      logger_.info("remote {}: {} is added", spec.name, spec.destination);
      links.push_back(std::make_unique<RemoteLink>(spec, ++last_id_, shared_, random_()));
    }
    for (const auto& link : links_) {
      if (link == nullptr) continue;
      logger_.info("remote {}: is not watched any more", link->spec().name);
      registered_.erase(link->id());
    }
    links_ = std::move(links);
  }

  void connect_some(Time now) {
    if (is_full()) return;
    auto connecting = static_cast<std::size_t>(std::count_if(
        links_.begin(), links_.end(), [](const auto& link) { return link->is_connecting(); }));
    for (const auto& link : links_) {
      if (connecting >= options_.max_connecting) return;
      if (!link->wants_to_connect(now)) continue;
      link->connect(now, random_(), random_());
      ++connecting;
    }
  }

  /// Tells epoll what to watch of a link. Descriptors leave it when they are closed.
  void update_events(const RemoteLink& link) {
    Registered& known = registered_[link.id()];
    for (const RemoteLink::Stream stream : RemoteLink::kStreams) {
      const auto i = static_cast<std::size_t>(stream);
      const int fd = link.fd(stream);
      std::uint32_t events = stream == RemoteLink::Stream::kInput
                                 ? (link.wants_to_write() ? EPOLLOUT : 0U)
                                 : (is_full() ? 0U : EPOLLIN);
      if (fd < 0) events = 0;
      if (known.pipes != link.pipes_number()) known.events[i] = 0;
      if (known.fds[i] == fd && known.events[i] == events && known.pipes == link.pipes_number())
        continue;
      set_events(link, stream, known, fd, events);
    }
    known.pipes = link.pipes_number();
  }

  struct Registered {
    std::array<int, 3> fds = {-1, -1, -1};
    std::array<std::uint32_t, 3> events = {0, 0, 0};
    std::uint64_t pipes = 0;
  };

  void set_events(const RemoteLink& link, RemoteLink::Stream stream, Registered& known, int fd,
                  std::uint32_t events) const {
    const auto i = static_cast<std::size_t>(stream);
    // A pipe that has ended is always ready: it leaves epoll as soon as nothing is wanted of it.
    const bool was_there = known.events[i] != 0 && known.pipes == link.pipes_number();
    if (was_there && known.fds[i] >= 0 && (events == 0 || known.fds[i] != fd))
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, known.fds[i], nullptr);
    if (events != 0) {
      epoll_event event{.events = events, .data = {.u64 = key_of(link, stream)}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
    known.fds[i] = fd;
    known.events[i] = events;
  }

  void wait(Time now) {
    Time next = std::min(next_list_, flush_at_);
    for (const auto& link : links_) {
      if (is_full()) break;
      // Those that wait for their turn to connect get it when another one is done.
      if (link->has_child() || link->next_tick() > now) next = std::min(next, link->next_tick());
    }
    constexpr std::chrono::nanoseconds kLongest = std::chrono::seconds(1);
    const auto pause =
        std::clamp<std::chrono::nanoseconds>(next - now, std::chrono::nanoseconds(0), kLongest);
    std::array<epoll_event, 256> events{};
    // Rounded up, so as not to come too early again and again.
    const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(pause).count();
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(timeout));
    for (int i = 0; i < count && !is_full(); ++i)
      serve(events[static_cast<std::size_t>(i)].data.u64);
  }

  void serve(std::uint64_t key) {
    if (key == kWakeKey) return;
    const auto link = std::find_if(links_.begin(), links_.end(), [key](const auto& candidate) {
      return candidate->id() == key >> 2U;
    });
    const auto stream = static_cast<RemoteLink::Stream>(key & 3U);
    if (link == links_.end() || (*link)->fd(stream) < 0) return;
    (*link)->serve(stream, clock_.steady_now());
    if (pending_.bytes() >= kFlushBytes) flush(clock_.steady_now());
  }

  void flush_if_due(Time now) {
    if (pending_.empty() && refused_ == nullptr) {
      flush_at_ = Time::max();
      return;
    }
    if (flush_at_ == Time::max()) flush_at_ = now + options_.flush_interval;
    if (now >= flush_at_) flush(now);
  }

  void flush(Time now) {
    flush_at_ = Time::max();
    if (refused_ == nullptr) {
      if (pending_.empty()) return;
      refused_ = std::make_unique<PendingRecords::Taken>(pending_.take());
      update(saved_, refused_->bookmarks);
      count_rejected(refused_->rejected);
    }
    const auto stored = sink_(refused_->batch, refused_->bookmarks);
    if (stored) {
      refused_.reset();
      return;
    }
    if (is_hopeless(stored.error().code)) {
      logger_.error("remotes: {} records are lost: {}", refused_->batch->num_rows(),
                    stored.error().message);
      refused_.reset();
      return;
    }
    if (now - complained_ >= kComplainEvery) {
      complained_ = now;
      logger_.warn("remotes: records can't be stored, nothing is read meanwhile: {}",
                   stored.error().message);
    }
    flush_at_ = now + kRetry;
    show();  // nothing will change for a while
  }

  void count_rejected(const std::vector<ingest::Rejection>& rejected) {
    for (const ingest::Rejection& rejection : rejected) {
      metrics_
          .counter("livedata_remote_rejected_total",
                   "Log records of remotes that were not taken, by reason",
                   fmt::format("reason=\"{}\"", rejection.reason))
          .add(rejection.count);
    }
  }

  void show() {
    const MutexLock lock(mutex_);
    shown_.resize(links_.size());
    for (std::size_t i = 0; i < links_.size(); ++i) shown_[i] = links_[i]->status();
  }

  void show_gauges() {
    for (const Shown& shown : kShown) {
      metrics_.remove_gauge(shown.name);
      for (const auto& link : links_) {
        const std::string& name = link->spec().name;
        metrics_.gauge(shown.name, shown.help, fmt::format("remote=\"{}\"", name),
                       [this, name, value = shown.value] { return value(status_of(name)); });
      }
    }
  }
  [[nodiscard]] RemoteStatus status_of(const std::string& name) const {
    const MutexLock lock(mutex_);
    const auto found = std::find_if(shown_.begin(), shown_.end(),
                                    [&name](const RemoteStatus& s) { return s.name == name; });
    return found == shown_.end() ? RemoteStatus() : *found;
  }

  const RemotesOptions options_;
  const RemoteSink sink_;
  const Clock& clock_;
  Logger& logger_;
  Logger quiet_logger_;
  MetricRegistry& metrics_;
  const RemoteList list_;
  PendingRecords pending_;
  Bookmarks saved_;  // of all that was read, even if it is not stored yet
  const RemoteLink::Shared shared_;
  std::mt19937_64 random_;
  const int epoll_;
  const int wake_;
  std::vector<std::unique_ptr<RemoteLink>> links_;
  std::map<std::uint64_t, Registered> registered_;  // by id
  std::uint64_t last_id_ = 0;
  std::string list_version_;
  Time next_list_{};
  Time next_show_{};
  Time flush_at_ = Time::max();
  Time complained_{};
  std::unique_ptr<PendingRecords::Taken> refused_;  // by the store, to be tried again
  mutable Mutex mutex_;
  std::vector<RemoteStatus> shown_ LIVEDATA_GUARDED_BY(mutex_);
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

Remotes::Remotes(RemotesOptions options, RemoteSink sink, const Limits& limits, const Clock& clock,
                 Logger& logger, MetricRegistry& metrics)
    : loop_(std::make_unique<Loop>(std::move(options), std::move(sink), limits, clock, logger,
                                   metrics)) {}

Remotes::~Remotes() = default;

std::vector<RemoteStatus> Remotes::status() const { return loop_->status(); }

}  // namespace livedata::collect::remote
