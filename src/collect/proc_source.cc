#include "collect/proc_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace livedata::collect {
namespace {

constexpr std::size_t kFirstBuffer = 8192;
constexpr std::size_t kMaxBuffer = 1U << 20U;

}  // namespace

ProcFile::~ProcFile() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<std::string_view> ProcFile::read() {
  if (fd_ < 0) fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) return std::nullopt;
  if (buffer_.empty()) buffer_.resize(kFirstBuffer);
  std::size_t size = 0;
  for (;;) {
    const ssize_t n =
        ::pread(fd_, buffer_.data() + size, buffer_.size() - size, static_cast<off_t>(size));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
    if (size < buffer_.size()) continue;
    if (buffer_.size() >= kMaxBuffer) break;
    buffer_.resize(buffer_.size() * 2);
  }
  return std::string_view(buffer_).substr(0, size);
}

std::optional<std::string> read_small_file(const Path& path, std::size_t max_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string content(max_bytes, '\0');
  const ssize_t n = ::read(fd, content.data(), content.size());
  ::close(fd);
  if (n < 0) return std::nullopt;
  content.resize(static_cast<std::size_t>(n));
  return content;
}

std::string_view TextScanner::line() {
  const std::string_view line = rest_.substr(0, rest_.find('\n'));
  rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
  return line;
}

std::string_view TextScanner::word() {
  const std::size_t start = std::min(rest_.find_first_not_of(" \t\n"), rest_.size());
  rest_.remove_prefix(start);
  const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t\n"));
  rest_.remove_prefix(word.size());
  return word;
}

std::uint64_t TextScanner::number() {
  const std::string_view text = word();
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace livedata::collect
