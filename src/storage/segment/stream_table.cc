#include "storage/segment/stream_table.h"

#include <algorithm>

namespace livedata::storage {

StreamRef StreamTable::intern(StreamRef stream) {
  const MutexLock lock(mutex_);
  const auto [slot, is_new] = streams_.try_emplace(stream->id, stream);
  if (is_new) {
    if (streams_.size() >= clean_at_) drop_unused();
    return stream;
  }
  if (StreamRef shared = slot->second.lock()) return shared;
  slot->second = stream;
  return stream;
}

std::size_t StreamTable::size() const {
  const MutexLock lock(mutex_);
  return streams_.size();
}

void StreamTable::drop_unused() {
  std::erase_if(streams_, [](const auto& entry) { return entry.second.expired(); });
  // Cleaning costs a pass over the table, so it waits until the table has doubled.
  clean_at_ = std::max<std::size_t>(1024, streams_.size() * 2);
}

}  // namespace livedata::storage
