#include "server/syslog/datagram_chunk.h"

#include <utility>

#include "encoding/byte_writer.h"

namespace livedata::server {
namespace {

constexpr std::uint8_t kVersion = 1;
// A chunk that has grown to this is likely to become a whole one.
constexpr std::size_t kGrowBytes = 64 * 1024;
constexpr std::size_t kMaxEntryBytes = 68 * 1024;  // the largest datagram

}  // namespace

void DatagramChunkWriter::add(std::string_view datagram, std::string_view peer, TimestampNs now) {
  encoding::ByteWriter out(bytes_);
  const bool is_first = bytes_.empty();
  if (is_first) {
    out.u8(kVersion);
    out.u64(static_cast<std::uint64_t>(now));
  }
  if (is_first || last_peer_ != peer) {
    out.varint(0);
    out.string(peer);
    last_peer_ = peer;
  }
  if (bytes_.size() > kGrowBytes && bytes_.capacity() < chunk_bytes_ + kMaxEntryBytes)
    bytes_.reserve(chunk_bytes_ + kMaxEntryBytes);
  out.varint(datagram.size() + 1);
  out.bytes(datagram);
}

std::string DatagramChunkWriter::take() { return std::exchange(bytes_, {}); }

DatagramChunkReader::DatagramChunkReader(std::string_view chunk) : in_(chunk) {
  const std::uint8_t version = in_.u8();
  arrival_ = static_cast<TimestampNs>(in_.u64());
  if (version != kVersion) in_.fail();
}

bool DatagramChunkReader::next(std::string_view& datagram) {
  while (in_.ok() && !in_.done()) {
    const std::uint64_t head = in_.varint();
    if (head == 0) {
      peer_ = in_.string();
      continue;
    }
    datagram = in_.bytes(head - 1);
    return in_.ok();
  }
  return false;
}

std::uint64_t count_datagrams(std::string_view chunk) {
  DatagramChunkReader reader(chunk);
  std::uint64_t count = 0;
  for (std::string_view datagram; reader.next(datagram); ++count) {
  }
  return count;
}

}  // namespace livedata::server
