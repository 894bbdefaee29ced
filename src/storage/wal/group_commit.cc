#include "storage/wal/group_commit.h"

#include "base/bytes.h"

namespace livedata::storage {
namespace {

// Bounds how long one appender waits for the bytes of others.
constexpr std::size_t kMaxGroupBytes = 8_MiB;

}  // namespace

std::size_t GroupCommit::group_size() const {
  std::size_t bytes = 0;
  std::size_t n = 0;
  while (n < queue_.size() &&
         (n == 0 || bytes + queue_[n]->request.wal_record.size() <= kMaxGroupBytes)) {
    bytes += queue_[n++]->request.wal_record.size();
  }
  return n;
}

Result<void> GroupCommit::run(CommitRequest request) {
  Waiter self;
  self.request = std::move(request);
  MutexLock lock(mutex_);
  queue_.push_back(&self);
  while (!self.done && queue_.front() != &self) lock.wait(self.wake);
  if (self.done) return self.result;

  const std::vector<Waiter*> group(queue_.begin(),
                                   queue_.begin() + static_cast<std::ptrdiff_t>(group_size()));
  std::vector<CommitRequest*> requests;
  for (Waiter* waiter : group) requests.push_back(&waiter->request);
  lock.unlock();
  const Result<void> result = commit_(requests);
  lock.lock();
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(group.size()));
  for (Waiter* waiter : group) {
    waiter->result = result;
    waiter->done = true;
    if (waiter != &self) waiter->wake.notify_one();
  }
  if (!queue_.empty()) queue_.front()->wake.notify_one();
  return result;
}

}  // namespace livedata::storage
