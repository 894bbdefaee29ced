#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::collect::custom {

/// Reads one answer of HTTP/1.1 (RFC 9112) piece by piece: of a given length, in chunks, or up to
/// the connection's end. Header and body are bounded. Not thread-safe.
class HttpAnswer {
 public:
  explicit HttpAnswer(std::size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  /// Takes the next bytes; kTooLarge and kInvalidArgument (no HTTP) end it.
  Result<void> feed(std::string_view bytes);
  /// The connection has ended. kInvalidArgument: before the answer had.
  Result<void> end();

  [[nodiscard]] bool is_complete() const { return state_ == State::kDone; }
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] std::string take_body() { return std::move(body_); }

 private:
  enum class State : std::uint8_t {
    kHead,
    kLength,
    kToTheEnd,
    kChunkSize,
    kChunk,
    kChunkEnd,
    kTrailer,
    kDone
  };

  Result<void> read_head();
  Result<void> read_header(std::string_view line);
  Result<void> take_body_bytes(std::string_view& bytes, std::size_t most);
  /// A line of the chunks, without its end; nothing: not all of it is there yet.
  Result<bool> take_line(std::string_view& bytes);
  Result<void> step(std::string_view& bytes);
  Result<void> read_chunk_size();

  const std::size_t max_body_bytes_;
  State state_ = State::kHead;
  std::string line_;  // head, or line of the chunks, so far
  std::size_t num_trailer_bytes_ = 0;
  int status_ = 0;
  bool is_chunked_ = false;
  bool has_length_ = false;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
  std::string body_;
};

}  // namespace livedata::collect::custom
