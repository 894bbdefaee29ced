#include "server/api/live_tail.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/thread_pool.h"
#include "server/api/loki/answer.h"

namespace livedata::server {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kMaxQueuedBatches = 256;
constexpr std::size_t kMaxQueuedEventBytes = 4_MiB;
constexpr std::size_t kMaxFollowers = 100;
constexpr std::size_t kMaxWaitingRows = 10'000;  // of a follower that has not started, or delays
constexpr std::size_t kMaxRowsOfEvent = 1'000;
constexpr auto kDelayCheck = std::chrono::milliseconds(100);

Hash128 identity(const query::LogRow& row) {
  const Hash128 line = hash128(row.line);
  return {line.low ^ row.stream->id.low, line.high ^ static_cast<std::uint64_t>(row.timestamp)};
}

/// {"streams":[...],"dropped_entries":[...]} as Loki's tail sends them.
std::string encode(const std::vector<query::LogRow>& rows, const std::vector<DroppedEntry>& dropped,
                   loki::LabelForm form) {
  JsonWriter json;
  json.begin_object().key("streams");
  loki::write_streams(rows, form, json);
  json.key("dropped_entries").begin_array();
  for (const DroppedEntry& entry : dropped) {
    json.begin_object().key("labels").raw(entry.labels_json);
    json.key("timestamp").string(std::to_string(entry.timestamp)).end_object();
  }
  json.end_array();
  if (form == loki::LabelForm::kCategorized)
    json.key("encodingFlags").begin_array().string("categorize-labels").end_array();
  return json.end_object().take();
}

}  // namespace

class LiveTail::Follower {
 public:
  Follower(TenantId tenant, query::logql::LivePipeline pipeline, std::chrono::nanoseconds delay,
           loki::LabelForm form)
      : tenant_(std::move(tenant)), pipeline_(std::move(pipeline)), delay_(delay), form_(form) {}

  [[nodiscard]] bool follows(const TenantId& tenant) const { return tenant == tenant_; }

  [[nodiscard]] const std::shared_ptr<EventStream>& events() const { return events_; }

  void add(const RecordBatch& batch) {
    std::vector<query::LogRow> rows = pipeline_.apply(batch);
    if (rows.empty()) return;
    const MutexLock lock(mutex_);
    if (is_started_) std::erase_if(rows, [this](const auto& row) { return is_shown(row); });
    if (is_started_ && delay_.count() == 0) {
      send(std::move(rows));
      return;
    }
    const SteadyTime due = std::chrono::steady_clock::now() + delay_;
    for (query::LogRow& row : rows) waiting_.emplace_back(due, std::move(row));
    while (waiting_.size() > kMaxWaitingRows) {
      events_->count_dropped(1);
      waiting_.pop_front();
    }
  }

  void start(std::vector<query::LogRow> history) {
    const MutexLock lock(mutex_);
    for (const query::LogRow& row : history) shown_.insert(identity(row));
    send(std::move(history));
    is_started_ = true;
    std::erase_if(waiting_, [this](const auto& entry) { return is_shown(entry.second); });
  }

  /// Sends what has waited long enough. False when nothing waits any more.
  bool send_due() {
    const MutexLock lock(mutex_);
    if (!is_started_) return true;
    const SteadyTime now = std::chrono::steady_clock::now();
    std::vector<query::LogRow> due;
    while (!waiting_.empty() && waiting_.front().first <= now) {
      due.push_back(std::move(waiting_.front().second));
      waiting_.pop_front();
    }
    std::stable_sort(due.begin(), due.end(),
                     [](const auto& a, const auto& b) { return a.timestamp < b.timestamp; });
    send(std::move(due));
    return !waiting_.empty();
  }

 private:
  /// Whether the record was among those from before; each is asked for once.
  bool is_shown(const query::LogRow& row) LIVEDATA_REQUIRES(mutex_) {
    return !shown_.empty() && shown_.erase(identity(row)) > 0;
  }

  void send(std::vector<query::LogRow> rows) LIVEDATA_REQUIRES(mutex_) {
    for (std::size_t i = 0; i < rows.size(); i += kMaxRowsOfEvent) {
      const std::size_t end = std::min(rows.size(), i + kMaxRowsOfEvent);
      const std::vector<query::LogRow> part(
          std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(i)),
          std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(end)));
      std::vector<DroppedEntry> entries;  // one per stream says enough
      std::unordered_set<StreamId> streams;
      for (const query::LogRow& row : part) {
        if (!streams.insert(row.stream->id).second) continue;
        entries.push_back({loki::encode_labels(row.stream->labels), row.timestamp});
      }
      events_->push(encode(part, events_->take_dropped_entries(), form_), std::move(entries));
    }
  }

  const TenantId tenant_;
  const query::logql::LivePipeline pipeline_;
  const std::chrono::nanoseconds delay_;
  const loki::LabelForm form_;
  const std::shared_ptr<EventStream> events_ = std::make_shared<EventStream>(kMaxQueuedEventBytes);
  Mutex mutex_;
  bool is_started_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::deque<std::pair<SteadyTime, query::LogRow>> waiting_ LIVEDATA_GUARDED_BY(mutex_);
  std::unordered_set<Hash128> shown_ LIVEDATA_GUARDED_BY(mutex_);
};

LiveTail::LiveTail(storage::Store& store) {
  subscription_ = store.subscribe(
      [this](const TenantId& tenant, const std::shared_ptr<const RecordBatch>& batch) {
        enqueue({.tenant = tenant, .batch = batch});
      });
  thread_ = std::thread([this] {
    name_this_thread("ld-tail");
    run();
  });
}

LiveTail::~LiveTail() {
  subscription_.reset();
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void LiveTail::enqueue(Appended appended) {
  const MutexLock lock(mutex_);
  if (stopping_ || std::none_of(followers_.begin(), followers_.end(), [&](const auto& follower) {
        return follower->follows(appended.tenant);
      })) {
    return;
  }
  queue_.push_back(std::move(appended));
  if (queue_.size() > kMaxQueuedBatches) {
    // The client's stream counts what it drops itself; a batch left out here is told the same way.
    const Appended& oldest = queue_.front();
    for (const auto& follower : followers_) {
      if (follower->follows(oldest.tenant))
        follower->events()->count_dropped(oldest.batch->num_rows());
    }
    queue_.pop_front();
  }
  wake_.notify_one();
}

Result<std::shared_ptr<LiveTail::Follower>> LiveTail::follow(const TenantScope& scope,
                                                             std::string_view query,
                                                             std::chrono::nanoseconds delay,
                                                             loki::LabelForm form) {
  LIVEDATA_TRY(auto pipeline, query::logql::LivePipeline::compile(query, scope.streams));
  auto follower = std::make_shared<Follower>(scope.tenant, std::move(pipeline), delay, form);
  const MutexLock lock(mutex_);
  std::erase_if(followers_, [](const auto& f) { return f->events()->closed(); });
  if (followers_.size() >= kMaxFollowers) {
    return fail(ErrorCode::kResourceExhausted,
                "max concurrent tail requests limit exceeded, count > limit ({})", kMaxFollowers);
  }
  followers_.push_back(follower);
  return follower;
}

std::shared_ptr<EventStream> LiveTail::start(const std::shared_ptr<Follower>& follower,
                                             std::vector<query::LogRow> history) {
  follower->start(std::move(history));
  wake_.notify_one();  // for what came in between
  return follower->events();
}

void LiveTail::run() {
  bool some_wait = false;
  MutexLock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      if (some_wait) {
        lock.wait_for(wake_, kDelayCheck);
      } else {
        lock.wait(wake_);
      }
    }
    std::optional<Appended> appended;
    if (!queue_.empty()) {
      appended = std::move(queue_.front());
      queue_.pop_front();
    }
    std::erase_if(followers_, [](const auto& follower) { return follower->events()->closed(); });
    const auto followers = followers_;
    lock.unlock();
    some_wait = false;
    for (const auto& follower : followers) {
      if (appended && follower->follows(appended->tenant)) follower->add(*appended->batch);
      some_wait = follower->send_due() || some_wait;
    }
    lock.lock();
  }
}

}  // namespace livedata::server
