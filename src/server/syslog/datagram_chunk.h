#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "encoding/byte_reader.h"

namespace livedata::server {

// Datagrams that are decoded and written together are one string, so that they can wait in memory
// or on disk as they are:
//
//   chunk    := version:u8 arrival:u64 entry*
//   entry    := 0:varint peer:string        of the datagrams that follow
//             | size+1:varint byte{size}    a datagram
//
// `arrival` is when the first one came, in ns since 1970; it is the time of messages without one,
// however long they wait.

/// Makes chunks. Not thread-safe.
class DatagramChunkWriter {
 public:
  /// Chunks grow to about this size.
  explicit DatagramChunkWriter(std::size_t chunk_bytes) : chunk_bytes_(chunk_bytes) {}

  void add(std::string_view datagram, std::string_view peer, TimestampNs now);
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] bool full() const { return bytes_.size() >= chunk_bytes_; }
  [[nodiscard]] std::size_t size_bytes() const { return bytes_.size(); }
  /// The chunk; the next one begins. May be given back unchanged, if nothing was added meanwhile.
  std::string take();
  void put_back(std::string bytes) { bytes_ = std::move(bytes); }

 private:
  const std::size_t chunk_bytes_;
  std::string bytes_;
  std::string last_peer_;  // within the chunk
};

/// Reads a chunk, which may be damaged. Views point into it.
class DatagramChunkReader {
 public:
  explicit DatagramChunkReader(std::string_view chunk);

  [[nodiscard]] TimestampNs arrival() const { return arrival_; }
  /// The next datagram and its peer(); false at the end.
  bool next(std::string_view& datagram);
  [[nodiscard]] std::string_view peer() const { return peer_; }
  /// Whether the rest can't be read. To be asked at the end.
  [[nodiscard]] bool is_damaged() const { return !in_.ok(); }

 private:
  encoding::ByteReader in_;
  TimestampNs arrival_ = 0;
  std::string_view peer_;
};

/// How many there are, as far as they can be read.
std::uint64_t count_datagrams(std::string_view chunk);

}  // namespace livedata::server
