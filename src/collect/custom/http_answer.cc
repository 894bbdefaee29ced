#include "collect/custom/http_answer.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace livedata::collect::custom {
namespace {

constexpr std::size_t kMaxHeadBytes = 64U * 1024U;
constexpr std::size_t kMaxChunkLineBytes = 4096;

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

Result<std::uint64_t> number_of(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(ErrorCode::kInvalidArgument, "the answer is no HTTP: a length is wrong");
  return number;
}

}  // namespace

Result<void> HttpAnswer::feed(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::kDone) LIVEDATA_RETURN_IF_ERROR(step(bytes));
  return {};
}

Result<void> HttpAnswer::step(std::string_view& bytes) {
  switch (state_) {
    case State::kHead: {
      // The blank line may be cut by two pieces: what is there is looked through from before it.
      const std::size_t from = line_.size() < 3 ? 0 : line_.size() - 3;
      const std::size_t before = line_.size();
      line_.append(bytes.substr(0, kMaxHeadBytes + 1 - std::min(before, kMaxHeadBytes)));
      const std::size_t end = line_.find("\r\n\r\n", from);
      if (end == std::string::npos) {
        bytes = {};
        if (line_.size() <= kMaxHeadBytes) return {};
        return fail(ErrorCode::kTooLarge, "the answer's header is longer than {} bytes",
                    kMaxHeadBytes);
      }
      bytes.remove_prefix(end + 4 - before);
      line_.resize(end);
      return read_head();
    }
    case State::kLength:
    case State::kChunk:
      LIVEDATA_RETURN_IF_ERROR(take_body_bytes(bytes, left_));
      if (left_ == 0) state_ = state_ == State::kLength ? State::kDone : State::kChunkEnd;
      return {};
    case State::kToTheEnd:
      left_ = bytes.size();
      return take_body_bytes(bytes, left_);
    case State::kChunkSize:
    case State::kChunkEnd:
    case State::kTrailer: {
      LIVEDATA_TRY(const bool whole, take_line(bytes));
      if (!whole) return {};
      if (state_ == State::kChunkSize) return read_chunk_size();
      if (state_ == State::kChunkEnd) {
        if (!line_.empty())
          return fail(ErrorCode::kInvalidArgument, "the answer is no HTTP: a chunk has no end");
        state_ = State::kChunkSize;
      } else if (line_.empty()) {
        state_ = State::kDone;
      }
      line_.clear();
      return {};
    }
    case State::kDone:
      break;
  }
  bytes = {};
  return {};
}

Result<void> HttpAnswer::read_head() {
  const std::string head = std::exchange(line_, {});
  // HTTP/1.1 200 OK
  if (head.compare(0, 7, "HTTP/1.") != 0 || head.size() < 12 || head[8] != ' ')
    return fail(ErrorCode::kInvalidArgument, "the answer is no HTTP");
  LIVEDATA_TRY(const std::uint64_t status, number_of(std::string_view(head).substr(9, 3), 10));
  std::string_view rest = head;
  for (rest.remove_prefix(std::min(rest.find('\n'), rest.size())); !rest.empty();) {
    rest.remove_prefix(1);
    const std::size_t size = std::min(rest.find('\n'), rest.size());
    LIVEDATA_RETURN_IF_ERROR(read_header(rest.substr(0, size)));
    rest.remove_prefix(size);
  }
  const bool is_interim = status >= 100 && status < 200;
  if (is_interim) {  // another head follows
    is_chunked_ = has_length_ = false;
    return {};
  }
  status_ = static_cast<int>(status);
  if (status == 204 || status == 304 || (has_length_ && !is_chunked_ && left_ == 0)) {
    state_ = State::kDone;
  } else {
    state_ = is_chunked_ ? State::kChunkSize : has_length_ ? State::kLength : State::kToTheEnd;
  }
  return {};
}

Result<void> HttpAnswer::read_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string name = lower_case(trimmed(line.substr(0, colon)));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "content-length") {
    LIVEDATA_TRY(left_, number_of(value, 10));
    has_length_ = true;
  } else if (name == "transfer-encoding") {
    if (lower_case(value) != "chunked")
      return fail(ErrorCode::kUnsupported, "the answer is coded as nobody asked for");
    is_chunked_ = true;
  } else if (name == "content-encoding" && lower_case(value) != "identity") {
    return fail(ErrorCode::kUnsupported, "the answer is compressed, which nobody asked for");
  }
  return {};
}

Result<void> HttpAnswer::take_body_bytes(std::string_view& bytes, std::size_t most) {
  const std::size_t size = std::min(bytes.size(), most);
  if (size > max_body_bytes_ - body_.size())
    return fail(ErrorCode::kTooLarge, "the answer is longer than {} bytes", max_body_bytes_);
  body_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  left_ -= size;
  return {};
}

Result<bool> HttpAnswer::take_line(std::string_view& bytes) {
  const std::size_t size = std::min(bytes.find('\n'), bytes.size());
  const bool whole = size < bytes.size();
  num_trailer_bytes_ += size;
  if (line_.size() + size > kMaxChunkLineBytes ||
      (state_ == State::kTrailer && num_trailer_bytes_ > kMaxHeadBytes))
    return fail(ErrorCode::kTooLarge, "a line between the answer's chunks is too long");
  line_.append(bytes.substr(0, size));
  bytes.remove_prefix(size + (whole ? 1 : 0));
  if (whole && line_.ends_with('\r')) line_.pop_back();
  return whole;
}

Result<void> HttpAnswer::read_chunk_size() {
  const std::string line = std::exchange(line_, {});
  // What is behind a semicolon are extensions.
  LIVEDATA_TRY(left_, number_of(trimmed(std::string_view(line).substr(0, line.find(';'))), 16));
  num_trailer_bytes_ = 0;
  state_ = left_ == 0 ? State::kTrailer : State::kChunk;
  return {};
}

Result<void> HttpAnswer::end() {
  if (state_ == State::kToTheEnd) state_ = State::kDone;
  if (state_ == State::kDone) return {};
  return fail(ErrorCode::kInvalidArgument, "the connection ended {}",
              status_ == 0 ? "without an answer" : "before the answer did");
}

}  // namespace livedata::collect::custom
