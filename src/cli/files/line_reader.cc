#include "cli/files/line_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <vector>

#include "encoding/stream_decompressor.h"

namespace livedata::cli {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kMagicBytes = 4;

std::string errno_text() { return std::generic_category().message(errno); }

/// Bytes; nothing when none have come in time. 0 bytes are the end.
Result<std::optional<std::size_t>> read_some(int descriptor, std::vector<char>& buffer,
                                             std::chrono::milliseconds wait) {
  for (;;) {
    pollfd waiting{descriptor, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(wait.count()));
    if (ready == 0) return std::nullopt;
    const ssize_t count = ready < 0 ? -1 : ::read(descriptor, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return fail(ErrorCode::kIoError, "reading: {}", errno_text());
  }
}

}  // namespace

Result<void> LineReader::visit(std::string_view line, const Visitor& visitor) const {
  if (line.ends_with('\r')) line.remove_suffix(1);
  do {
    LIVEDATA_RETURN_IF_ERROR(visitor.line(line.substr(0, max_line_bytes_)));
    line.remove_prefix(std::min(line.size(), max_line_bytes_));
  } while (!line.empty());
  return {};
}

Result<void> LineReader::split(std::string_view text, const Visitor& visitor) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      partial_ += text;
      // A line without end must not fill the memory.
      while (partial_.size() > max_line_bytes_) {
        LIVEDATA_RETURN_IF_ERROR(
            visitor.line(std::string_view(partial_).substr(0, max_line_bytes_)));
        partial_.erase(0, max_line_bytes_);
      }
      return {};
    }
    if (partial_.empty()) {
      LIVEDATA_RETURN_IF_ERROR(visit(text.substr(0, end), visitor));
    } else {
      partial_ += text.substr(0, end);
      LIVEDATA_RETURN_IF_ERROR(visit(partial_, visitor));
      partial_.clear();
    }
    text.remove_prefix(end + 1);
  }
  return {};
}

Result<void> LineReader::read_descriptor(int descriptor, std::chrono::milliseconds idle_after,
                                         const Visitor& visitor) {
  std::vector<char> buffer(kReadBytes);
  std::unique_ptr<encoding::StreamDecompressor> decompressor;
  std::string head;  // until it is long enough to tell the format
  const auto take = [&](std::string_view bytes) -> Result<void> {
    if (decompressor == nullptr)
      decompressor = encoding::StreamDecompressor::make(encoding::detect_stream_format(bytes));
    return decompressor->read(bytes, [&](std::string_view text) { return split(text, visitor); });
  };
  for (;;) {
    LIVEDATA_TRY(const auto count, read_some(descriptor, buffer, idle_after));
    if (!count) {
      if (visitor.idle) LIVEDATA_RETURN_IF_ERROR(visitor.idle());
      continue;
    }
    if (*count == 0) break;
    bytes_read_ += *count;
    const std::string_view bytes(buffer.data(), *count);
    if (decompressor == nullptr && head.size() + bytes.size() < kMagicBytes) {
      head += bytes;
    } else if (head.empty()) {
      LIVEDATA_RETURN_IF_ERROR(take(bytes));
    } else {
      head += bytes;
      LIVEDATA_RETURN_IF_ERROR(take(head));
      head.clear();
    }
  }
  if (!head.empty()) LIVEDATA_RETURN_IF_ERROR(take(head));
  if (!partial_.empty()) LIVEDATA_RETURN_IF_ERROR(visit(partial_, visitor));
  if (decompressor != nullptr && !decompressor->is_complete())
    return fail(ErrorCode::kCorrupt, "it is cut off; what there is was read");
  return {};
}

Result<void> LineReader::read(const std::string& path, std::chrono::milliseconds idle_after,
                              const Visitor& visitor) {
  partial_.clear();
  bytes_read_ = 0;
  if (path == "-") return read_descriptor(STDIN_FILENO, idle_after, visitor);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kPermissionDenied,
                "can't be read: {}", errno_text());
  }
  auto done = read_descriptor(descriptor, idle_after, visitor);
  ::close(descriptor);
  return done;
}

}  // namespace livedata::cli
