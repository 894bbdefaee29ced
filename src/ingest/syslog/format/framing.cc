#include "ingest/syslog/format/framing.h"

#include <algorithm>
#include <utility>

#include "base/cut_text.h"

namespace livedata::ingest::syslog {
namespace {

// A larger count than 99,999,999 is no count.
constexpr std::size_t kMaxCountDigits = 8;
constexpr std::size_t kKeptCapacity = 16 * 1024;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_between_messages(char c) { return c == '\n' || c == '\r' || c == '\0'; }

/// Where the first newline or NUL is. By windows, since a search for the one must not run over many
/// of the other.
std::size_t find_end_of_line(std::string_view bytes) {
  constexpr std::size_t kWindow = 1024;
  for (std::size_t at = 0; at < bytes.size(); at += kWindow) {
    std::string_view window = bytes.substr(at, kWindow);
    const std::size_t newline = window.find('\n');
    window = window.substr(0, newline);
    const std::size_t nul = window.find('\0');
    if (nul != std::string_view::npos) return at + nul;
    if (newline != std::string_view::npos) return at + newline;
  }
  return std::string_view::npos;
}

}  // namespace

void FrameReader::consume(std::string_view bytes, const Visit& visit) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::kStart:
        begin(bytes);
        break;
      case State::kCounted:
        read_counted(bytes, visit);
        break;
      case State::kLine:
        read_line(bytes, visit);
        break;
    }
  }
}

void FrameReader::begin(std::string_view& bytes) {
  if (partial_.empty()) {
    std::size_t between = 0;
    while (between < bytes.size() && is_between_messages(bytes[between])) ++between;
    bytes.remove_prefix(between);
    if (bytes.empty()) return;
  }
  const char first = partial_.empty() ? bytes.front() : partial_.front();
  state_ = is_digit(first) && first != '0' ? read_count(bytes) : State::kLine;
}

/// A count is digits, a space and, unless the last message had a count, the '<' of a priority: text
/// without a priority may begin with a number. What was not enough to tell is in partial_.
FrameReader::State FrameReader::read_count(std::string_view& bytes) {
  const std::size_t held = partial_.size();
  partial_ += bytes.substr(0, kMaxCountDigits + 2 - held);
  std::size_t digits = 0;
  std::size_t count = 0;
  while (digits < partial_.size() && digits <= kMaxCountDigits && is_digit(partial_[digits]))
    count = count * 10 + static_cast<std::size_t>(partial_[digits++] - '0');
  const std::size_t needed = digits + (has_counted_ ? 1 : 2);
  const bool space = digits == partial_.size() || partial_[digits] == ' ';
  if (digits <= kMaxCountDigits && space) {
    if (partial_.size() < needed) {
      bytes.remove_prefix(partial_.size() - held);
      return State::kStart;
    }
    if (has_counted_ || partial_[digits + 1] == '<') {
      bytes.remove_prefix(digits + 1 - std::min(held, digits + 1));
      partial_.clear();
      remaining_ = count;
      return State::kCounted;
    }
  }
  partial_.resize(held);
  return State::kLine;
}

void FrameReader::read_counted(std::string_view& bytes, const Visit& visit) {
  const std::string_view part = bytes.substr(0, remaining_);
  bytes.remove_prefix(part.size());
  remaining_ -= part.size();
  has_counted_ = true;
  if (remaining_ == 0) {
    end_message(part, visit);
  } else {
    keep(part);
  }
}

void FrameReader::read_line(std::string_view& bytes, const Visit& visit) {
  const std::size_t end = find_end_of_line(bytes);
  const std::string_view part = bytes.substr(0, end);
  has_counted_ = false;
  if (end == std::string_view::npos) {
    keep(part);
    bytes = {};
    return;
  }
  bytes.remove_prefix(end + 1);
  end_message(part, visit);
}

void FrameReader::keep(std::string_view part) {
  // One byte more, to see whether the limit falls into a character.
  const std::size_t room = max_bytes_ + 1 - std::min(partial_.size(), max_bytes_ + 1);
  partial_ += part.substr(0, room);
  left_out_ += part.size() - std::min(part.size(), room);
}

void FrameReader::end_message(std::string_view last, const Visit& visit) {
  std::string_view message = last;
  if (!partial_.empty()) {
    keep(last);
    message = partial_;
  }
  const std::string_view kept = cut_text(message, max_bytes_);
  left_out_ += message.size() - kept.size();
  if (left_out_ > 0) {
    ++num_cut_;
    bytes_cut_ += std::exchange(left_out_, 0);
  }
  if (!kept.empty()) visit(kept);
  partial_.clear();
  if (partial_.capacity() > kKeptCapacity) partial_.shrink_to_fit();
  state_ = State::kStart;
}

void FrameReader::finish(const Visit& visit) {
  if (!partial_.empty()) end_message({}, visit);
  state_ = State::kStart;
  has_counted_ = false;
}

}  // namespace livedata::ingest::syslog
