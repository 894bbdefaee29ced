#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>

#include "base/mutex.h"

namespace livedata {

/// Keeps what was used last, up to a number of bytes. Values are shared, so that one may go while
/// it is still in use. Keys are ordered by <. Thread-safe.
template <class Key, class Value>
class LruCache {
 public:
  using Pointer = std::shared_ptr<const Value>;

  explicit LruCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Null when it is not there.
  Pointer find(const Key& key) LIVEDATA_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  /// Replaces an earlier value of the key.
  void insert(const Key& key, Pointer value, std::size_t bytes) LIVEDATA_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) erase(found);
    entries_.push_front({key, std::move(value), bytes});
    by_key_[key] = entries_.begin();
    size_bytes_ += bytes;
    // The entry in front is in use, however large it is.
    while (size_bytes_ > max_bytes_ && entries_.size() > 1)
      erase(by_key_.find(entries_.back().key));
  }

  /// Forgets the keys from `first` on for which belongs(key) holds, up to one for which it does
  /// not.
  template <class Belongs>
  void forget(const Key& first, const Belongs& belongs) LIVEDATA_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    auto at = by_key_.lower_bound(first);
    while (at != by_key_.end() && belongs(at->first)) at = erase(at);
  }

  [[nodiscard]] std::size_t size_bytes() const LIVEDATA_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return size_bytes_;
  }

 private:
  struct Entry {
    Key key;
    Pointer value;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;
  using Index = std::map<Key, typename Entries::iterator>;

  typename Index::iterator erase(typename Index::iterator at) LIVEDATA_REQUIRES(mutex_) {
    size_bytes_ -= at->second->bytes;
    entries_.erase(at->second);
    return by_key_.erase(at);
  }

  const std::size_t max_bytes_;
  mutable Mutex mutex_;
  Entries entries_ LIVEDATA_GUARDED_BY(mutex_);  // the one used last in front
  Index by_key_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t size_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
};

}  // namespace livedata
