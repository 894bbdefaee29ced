#include "query/sql/query_watch.h"

#include <unistd.h>

#include <fstream>

#include "base/thread_pool.h"

namespace livedata::query::sql {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(10);

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

QueryWatch::QueryWatch(std::size_t memory_bytes, std::size_t slack_bytes)
    : memory_bytes_(memory_bytes), slack_bytes_(slack_bytes) {}

QueryWatch::~QueryWatch() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

QueryWatch::Guard::~Guard() {
  const MutexLock lock(watch_.mutex_);
  watch_.watched_.erase(id_);
}

std::unique_ptr<QueryWatch::Guard> QueryWatch::watch(Deadline deadline,
                                                     std::function<void()> interrupt) {
  auto took_too_much = std::make_shared<std::atomic<bool>>(false);
  const MutexLock lock(mutex_);
  if (watched_.empty()) bytes_at_start_ = resident_bytes();
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  const std::uint64_t id = ++last_id_;
  watched_.emplace(id, Watched{std::move(deadline), std::move(interrupt), took_too_much});
  wake_.notify_all();
  return std::unique_ptr<Guard>(
      new Guard(*this, id, std::move(took_too_much)));  // NOLINT: the constructor is private
}

void QueryWatch::run() {
  name_this_thread("ld-sql-watch");
  MutexLock lock(mutex_);
  while (!stopping_) {
    if (watched_.empty()) {
      lock.wait(wake_);
      continue;
    }
    lock.wait_for(wake_, kInterval);
    look();
  }
}

void QueryWatch::look() {
  const std::size_t allowed = bytes_at_start_ + watched_.size() * memory_bytes_ + slack_bytes_;
  const bool too_much = !watched_.empty() && resident_bytes() > allowed;
  for (auto& [id, query] : watched_) {
    if (too_much) *query.took_too_much = true;
    if (too_much || !query.deadline.check()) query.interrupt();
  }
}

}  // namespace livedata::query::sql
