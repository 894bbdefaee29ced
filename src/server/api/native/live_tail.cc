#include "server/api/native/live_tail.h"

#include "base/bytes.h"
#include "base/thread_pool.h"
#include "server/api/loki/answer.h"

namespace livedata::server {
namespace {

constexpr std::size_t kMaxQueuedBatches = 256;
constexpr std::size_t kMaxQueuedEventBytes = 4_MiB;

}  // namespace

LiveTail::LiveTail(storage::Store& store, TenantId tenant) : tenant_(std::move(tenant)) {
  subscription_ = store.subscribe(
      [this](const TenantId& owner, const std::shared_ptr<const RecordBatch>& batch) {
        if (owner == tenant_) enqueue(batch);
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

void LiveTail::enqueue(const std::shared_ptr<const RecordBatch>& batch) {
  const MutexLock lock(mutex_);
  if (followers_.empty() || stopping_) return;
  queue_.push_back(batch);
  if (queue_.size() > kMaxQueuedBatches) {
    // The client's stream counts what it drops itself; a batch left out here is told the same way.
    for (const auto& follower : followers_)
      follower->events->count_dropped(queue_.front()->num_rows());
    queue_.pop_front();
  }
  wake_.notify_one();
}

Result<std::shared_ptr<EventStream>> LiveTail::follow(std::string_view query) {
  LIVEDATA_TRY(auto pipeline, query::logql::LivePipeline::compile(query));
  auto events = std::make_shared<EventStream>(kMaxQueuedEventBytes);
  const MutexLock lock(mutex_);
  followers_.push_back(std::make_shared<const Follower>(Follower{std::move(pipeline), events}));
  return events;
}

void LiveTail::run() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      lock.wait(wake_);
      continue;
    }
    const auto batch = std::move(queue_.front());
    queue_.pop_front();
    std::erase_if(followers_, [](const auto& follower) { return follower->events->closed(); });
    const auto followers = followers_;
    lock.unlock();
    for (const auto& follower : followers) send(*batch, *follower);
    lock.lock();
  }
}

void LiveTail::send(const RecordBatch& batch, const Follower& follower) {
  const std::vector<query::LogRow> rows = follower.pipeline.apply(batch);
  if (rows.empty()) return;
  JsonWriter json;
  json.begin_object().key("streams");
  loki::write_streams(rows, loki::LabelForm::kCategorized, json);
  json.key("dropped_entries").begin_array().end_array().end_object();
  follower.events->push(json.take());
}

}  // namespace livedata::server
