#include "server/syslog/datagram_queue.h"

#include "ingest/syslog/format/priority.h"

namespace livedata::server {
namespace {

constexpr unsigned kNotice = 5;
constexpr unsigned kError = 3;
// After the disk has refused a chunk; it would be asked for each datagram otherwise.
constexpr auto kRetryPause = std::chrono::milliseconds(100);

/// RFC 3164 section 4.3.3: what has no priority is a notice.
unsigned severity_of_datagram(std::string_view datagram) {
  const auto priority = ingest::syslog::take_priority(datagram);
  return priority == ingest::syslog::kNoPriority ? kNotice : ingest::syslog::severity_of(priority);
}

}  // namespace

DatagramQueue::DatagramQueue(std::unique_ptr<storage::OverflowQueue> overflow,
                             const Options& options)
    : options_(options),
      max_bytes_(options.memory_bytes + options.disk_bytes),
      overflow_(std::move(overflow)),
      handed_over_bytes_(overflow_->status().disk_bytes),
      filling_(options.chunk_bytes) {}

DatagramQueue::Outcome DatagramQueue::admit(std::string_view datagram) const {
  const std::uint64_t size = handed_over_bytes_ + filling_.size_bytes() + datagram.size();
  if (size > max_bytes_) return Outcome::kFull;
  if (size <= max_bytes_ / 10 * 7) return Outcome::kTaken;
  const unsigned least_severe = size <= max_bytes_ / 10 * 9 ? kNotice : kError;
  return severity_of_datagram(datagram) <= least_severe ? Outcome::kTaken : Outcome::kLessSevere;
}

/// Makes room for a new chunk. False if there is none.
bool DatagramQueue::hand_over() {
  if (retry_at_ != std::chrono::steady_clock::time_point() &&
      std::chrono::steady_clock::now() < retry_at_)
    return false;
  std::string bytes = filling_.take();
  const std::size_t size = bytes.size();
  if (overflow_->push(std::move(bytes)) == storage::OverflowQueue::Outcome::kRefused) {
    filling_.put_back(std::move(bytes));  // NOLINT(bugprone-use-after-move): refused, so not moved
    retry_at_ = std::chrono::steady_clock::now() + kRetryPause;
    return false;
  }
  retry_at_ = {};
  handed_over_bytes_ += size;
  return true;
}

DatagramQueue::Outcome DatagramQueue::push(std::string_view datagram, std::string_view peer,
                                           TimestampNs now) {
  const MutexLock lock(mutex_);
  if (const Outcome outcome = admit(datagram); outcome != Outcome::kTaken) return outcome;
  if (filling_.full() && !hand_over()) return Outcome::kFull;
  filling_.add(datagram, peer, now);
  return Outcome::kTaken;
}

std::optional<DatagramQueue::Chunk> DatagramQueue::take() {
  Chunk chunk;
  for (;;) {
    // Not under the lock: it may have to read a file, while datagrams come in.
    if (auto item = overflow_->pop(std::chrono::nanoseconds(0))) {
      chunk = {std::move(item->bytes), std::move(item->position)};
      break;
    }
    const MutexLock lock(mutex_);
    if (!overflow_->empty()) continue;
    if (filling_.empty()) return std::nullopt;
    chunk.bytes = filling_.take();
    handed_over_bytes_ += chunk.bytes.size();
    retry_at_ = {};
    break;
  }
  const MutexLock lock(mutex_);
  oldest_arrival_ = DatagramChunkReader(chunk.bytes).arrival();
  return chunk;
}

bool DatagramQueue::empty() const {
  const MutexLock lock(mutex_);
  return filling_.empty() && overflow_->empty();
}

void DatagramQueue::done(const Chunk& chunk) {
  overflow_->stored();
  const MutexLock lock(mutex_);
  const bool is_last = filling_.empty() && overflow_->empty();
  if (is_last) oldest_arrival_.reset();
  // What files take beside their chunks is not known chunk by chunk.
  handed_over_bytes_ = is_last ? 0
                               : handed_over_bytes_ - std::min<std::uint64_t>(handed_over_bytes_,
                                                                              chunk.bytes.size());
  retry_at_ = {};
}

std::uint64_t DatagramQueue::keep(const std::optional<Chunk>& taken) {
  std::uint64_t lost = 0;
  const auto put = [&](const Chunk& chunk) {
    if (!chunk.position.empty()) return;  // it is on disk
    if (overflow_->push_to_disk(chunk.bytes) == storage::OverflowQueue::Outcome::kRefused)
      lost += count_datagrams(chunk.bytes);
  };
  if (taken) put(*taken);
  while (const auto chunk = take()) put(*chunk);
  return lost;
}

std::uint64_t DatagramQueue::size_bytes() const {
  const MutexLock lock(mutex_);
  return handed_over_bytes_ + filling_.size_bytes();
}

std::optional<TimestampNs> DatagramQueue::oldest_arrival() const {
  const MutexLock lock(mutex_);
  return oldest_arrival_;
}

}  // namespace livedata::server
