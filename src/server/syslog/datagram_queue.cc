#include "server/syslog/datagram_queue.h"

#include "ingest/syslog/format/priority.h"

namespace livedata::server {
namespace {

constexpr unsigned kNotice = 5;
constexpr unsigned kError = 3;

/// RFC 3164 section 4.3.3: what has no priority is a notice.
unsigned severity_of_datagram(std::string_view datagram) {
  const auto priority = ingest::syslog::take_priority(datagram);
  return priority == ingest::syslog::kNoPriority ? kNotice : ingest::syslog::severity_of(priority);
}

}  // namespace

DatagramQueue::Outcome DatagramQueue::admit(std::string_view datagram, std::size_t cost) const {
  const std::size_t size = size_bytes_ + cost;
  if (size > max_bytes_) return Outcome::kFull;
  if (size <= max_bytes_ / 10 * 7) return Outcome::kTaken;
  const unsigned least_severe = size <= max_bytes_ / 10 * 9 ? kNotice : kError;
  return severity_of_datagram(datagram) <= least_severe ? Outcome::kTaken : Outcome::kLessSevere;
}

DatagramQueue::Outcome DatagramQueue::push(std::string_view datagram, std::string_view peer) {
  const std::size_t cost = datagram.size() + sizeof(DatagramChunk::Entry);
  const MutexLock lock(mutex_);
  if (const Outcome outcome = admit(datagram, cost); outcome != Outcome::kTaken) return outcome;
  if (chunks_.empty() || chunks_.back().cost >= chunk_bytes_) chunks_.emplace_back();
  DatagramChunk& chunk = chunks_.back();
  std::size_t peer_cost = 0;
  if (chunk.peers.empty() || chunk.peers.back() != peer) {
    chunk.peers.emplace_back(peer);
    peer_cost = sizeof(std::string) + peer.size();
  }
  chunk.bytes += datagram;
  chunk.entries.push_back({static_cast<std::uint32_t>(chunk.bytes.size()),
                           static_cast<std::uint32_t>(chunk.peers.size() - 1)});
  chunk.cost += cost + peer_cost;
  size_bytes_ += cost + peer_cost;
  return Outcome::kTaken;
}

std::optional<DatagramChunk> DatagramQueue::take() {
  const MutexLock lock(mutex_);
  if (chunks_.empty()) return std::nullopt;
  DatagramChunk chunk = std::move(chunks_.front());
  chunks_.pop_front();
  return chunk;
}

void DatagramQueue::release(const DatagramChunk& chunk) {
  const MutexLock lock(mutex_);
  size_bytes_ -= chunk.cost;
}

std::size_t DatagramQueue::size_bytes() const {
  const MutexLock lock(mutex_);
  return size_bytes_;
}

}  // namespace livedata::server
