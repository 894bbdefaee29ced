#include "collect/remote/reply_parser.h"

#include <algorithm>

#include <fmt/format.h>

namespace livedata::collect::remote {
namespace {

constexpr std::size_t kMaxTag = 64;

}  // namespace

ReplyParser::ReplyParser(std::string_view mark, std::size_t max_bytes)
    : end_(fmt::format("\n{} ", mark)), max_bytes_(max_bytes) {}

Result<void> ReplyParser::feed(std::string_view bytes, const Take& take) {
  buffer_.append(bytes);
  std::size_t begin = 0;
  std::size_t scan = scanned_;
  for (;;) {
    const std::size_t found = buffer_.find(end_, scan);
    if (found == std::string::npos) {
      // The end may have begun.
      scan = std::max(begin, buffer_.size() - std::min(buffer_.size(), end_.size() - 1));
      break;
    }
    const std::size_t tag = found + end_.size();
    const std::string_view rest = std::string_view(buffer_).substr(tag, kMaxTag + 1);
    const std::size_t tag_size = rest.find('\n');
    if (tag_size == std::string_view::npos) {
      if (rest.size() > kMaxTag)
        return fail(ErrorCode::kCorrupt, "an answer of the far side does not say what it is for");
      scan = found;
      break;
    }
    take({.tag = rest.substr(0, tag_size),
          .body = std::string_view(buffer_).substr(begin, found - begin)});
    begin = scan = tag + tag_size + 1;
  }
  buffer_.erase(0, begin);
  scanned_ = scan - begin;
  if (buffer_.size() > max_bytes_)
    return fail(ErrorCode::kTooLarge, "an answer of the far side has over {} bytes", max_bytes_);
  return {};
}

}  // namespace livedata::collect::remote
