#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"

namespace livedata::server {

/// Datagrams that are decoded and written together.
struct DatagramChunk {
  struct Entry {
    std::uint32_t end = 0;   // in bytes; it begins where the one before ends
    std::uint32_t peer = 0;  // in peers
  };
  std::string bytes;
  std::vector<Entry> entries;
  std::vector<std::string> peers;
  std::size_t cost = 0;  ///< what the queue counts for it

  /// Calls visit(datagram, peer) for each.
  template <class Visit>
  void for_each(const Visit& visit) const {
    std::size_t begin = 0;
    for (const Entry& entry : entries) {
      visit(std::string_view(bytes).substr(begin, entry.end - begin),
            std::string_view(peers[entry.peer]));
      begin = entry.end;
    }
  }
};

/// Holds datagrams between the socket and the store, up to a number of bytes. Nobody can make a
/// sender of datagrams wait, so when the queue fills up the less severe ones are left out first:
/// from 70 % on info and debug, from 90 % on all but errors (err to emerg), at 100 % everything.
/// Thread-safe.
class DatagramQueue {
 public:
  explicit DatagramQueue(std::size_t max_bytes, std::size_t chunk_bytes = 1_MiB)
      : max_bytes_(max_bytes), chunk_bytes_(chunk_bytes) {}

  enum class Outcome { kTaken, kLessSevere, kFull };
  Outcome push(std::string_view datagram, std::string_view peer) LIVEDATA_EXCLUDES(mutex_);
  /// The oldest. Its bytes count until release(). Nothing when the queue is empty.
  std::optional<DatagramChunk> take() LIVEDATA_EXCLUDES(mutex_);
  void release(const DatagramChunk& chunk) LIVEDATA_EXCLUDES(mutex_);
  /// Bytes that wait or are being written.
  [[nodiscard]] std::size_t size_bytes() const LIVEDATA_EXCLUDES(mutex_);

 private:
  [[nodiscard]] Outcome admit(std::string_view datagram, std::size_t cost) const
      LIVEDATA_REQUIRES(mutex_);

  const std::size_t max_bytes_;
  const std::size_t chunk_bytes_;
  mutable Mutex mutex_;
  std::deque<DatagramChunk> chunks_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t size_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
};

}  // namespace livedata::server
