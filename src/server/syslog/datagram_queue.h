#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "server/syslog/datagram_chunk.h"
#include "storage/overflow/overflow_queue.h"

namespace livedata::server {

/// Holds datagrams between the socket and the store: in memory, then on disk. Nobody can make a
/// sender of datagrams wait, so when both fill up the less severe ones are left out first: from
/// 70 % on info and debug, from 90 % on all but errors (err to emerg), at 100 % everything.
/// Thread-safe, for many writers and one reader.
class DatagramQueue {
 public:
  struct Options {
    std::uint64_t memory_bytes = 32_MiB;
    std::uint64_t disk_bytes = 0;  ///< what `overflow` may take of it
    std::size_t chunk_bytes = 1_MiB;
  };
  /// What is on disk from before comes out first.
  DatagramQueue(std::unique_ptr<storage::OverflowQueue> overflow, const Options& options);

  enum class Outcome { kTaken, kLessSevere, kFull };
  Outcome push(std::string_view datagram, std::string_view peer, TimestampNs now)
      LIVEDATA_EXCLUDES(mutex_);

  struct Chunk {
    std::string bytes;     ///< see DatagramChunkReader
    std::string position;  ///< of one that was on disk, else empty
  };
  /// The oldest; nothing when there is none. Its bytes count until it is done(). May read a file.
  std::optional<Chunk> take() LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] bool empty() const LIVEDATA_EXCLUDES(mutex_);
  /// The chunk is stored, or lost for good.
  void done(const Chunk& chunk);
  /// From now on take() gives what is in memory only, and the rest waits for the next start.
  void close() { overflow_->close(); }
  /// Puts a chunk, which was taken and is not done, and all that is in memory on disk, behind the
  /// rest. Returns how many datagrams were lost with that. To be called after close().
  std::uint64_t keep(const std::optional<Chunk>& taken);

  /// Bytes that wait or are being written, in memory and on disk.
  [[nodiscard]] std::uint64_t size_bytes() const LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] storage::OverflowQueue::Status overflow() const { return overflow_->status(); }
  /// When the chunk that was taken last came in; nothing before the first one, or when all are
  /// done.
  [[nodiscard]] std::optional<TimestampNs> oldest_arrival() const LIVEDATA_EXCLUDES(mutex_);

 private:
  [[nodiscard]] Outcome admit(std::string_view datagram) const LIVEDATA_REQUIRES(mutex_);
  bool hand_over() LIVEDATA_REQUIRES(mutex_);

  const Options options_;
  const std::uint64_t max_bytes_;
  const std::unique_ptr<storage::OverflowQueue> overflow_;
  std::atomic<std::uint64_t> handed_over_bytes_;  // and not done
  mutable Mutex mutex_;
  DatagramChunkWriter filling_ LIVEDATA_GUARDED_BY(mutex_);  // the newest
  std::chrono::steady_clock::time_point retry_at_ LIVEDATA_GUARDED_BY(mutex_);
  std::optional<TimestampNs> oldest_arrival_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::server
