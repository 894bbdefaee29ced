#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace livedata::ingest::syslog {

/// Takes the bytes of a stream apart into messages (RFC 6587): octet counting (`123 <14>...`) or a
/// newline or NUL at the end, told apart for each message. Longer messages are cut at a limit; no
/// more than that is ever kept. Not thread-safe.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_message_bytes) : max_bytes_(max_message_bytes) {}

  /// Valid during the call. Messages without any byte are left out.
  using Visit = std::function<void(std::string_view message)>;
  /// Visits the messages that these bytes complete.
  void consume(std::string_view bytes, const Visit& visit);
  /// The stream has ended: what was begun is a message.
  void finish(const Visit& visit);

  [[nodiscard]] std::uint64_t num_cut() const { return num_cut_; }
  /// Bytes behind the limit that were left out.
  [[nodiscard]] std::uint64_t bytes_cut() const { return bytes_cut_; }
  [[nodiscard]] std::size_t bytes_held() const { return partial_.size(); }

 private:
  enum class State {
    kStart,    // at the first byte of a message, or within a count (in partial_)
    kCounted,  // remaining_ bytes of the message are to come
    kLine,     // up to the next newline or NUL
  };

  void begin(std::string_view& bytes);
  State read_count(std::string_view& bytes);
  void read_counted(std::string_view& bytes, const Visit& visit);
  void read_line(std::string_view& bytes, const Visit& visit);
  void keep(std::string_view part);
  void end_message(std::string_view last, const Visit& visit);

  const std::size_t max_bytes_;
  State state_ = State::kStart;
  bool has_counted_ = false;   // the last message came with a count
  std::size_t remaining_ = 0;  // of a counted message
  std::size_t left_out_ = 0;   // of this message, behind the limit
  std::string partial_;
  std::uint64_t num_cut_ = 0;
  std::uint64_t bytes_cut_ = 0;
};

}  // namespace livedata::ingest::syslog
