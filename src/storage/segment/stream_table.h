#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>

#include "base/mutex.h"
#include "model/labels.h"

namespace livedata::storage {

/// Lets all heads and segments of a tenant share one object per label set. Forgets streams that
/// nobody holds any more. Thread-safe.
class StreamTable {
 public:
  /// The shared equal of the stream, which becomes it if there is none.
  StreamRef intern(StreamRef stream) LIVEDATA_EXCLUDES(mutex_);
  /// Streams in the table, some of which may be held by nobody.
  [[nodiscard]] std::size_t size() const LIVEDATA_EXCLUDES(mutex_);

 private:
  void drop_unused() LIVEDATA_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::unordered_map<StreamId, std::weak_ptr<const Stream>> streams_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t clean_at_ LIVEDATA_GUARDED_BY(mutex_) = 1024;
};

}  // namespace livedata::storage
