#include "collect/file_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/hash.h"

namespace livedata::collect {
namespace {

constexpr std::uint64_t kFingerprintBytes = 256;

std::string read_range(int fd, std::uint64_t offset, std::uint64_t size) {
  std::string out(static_cast<std::size_t>(size), '\0');
  std::size_t got = 0;
  while (got < out.size()) {
    const ssize_t n =
        ::pread(fd, out.data() + got, out.size() - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  out.resize(got);
  return out;
}

std::uint64_t size_of(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

FileTail::FileTail(Path path, std::optional<FilePosition> saved, std::uint64_t max_backlog)
    : path_(std::move(path)), saved_(saved), max_backlog_(max_backlog) {}

FileTail::~FileTail() { close(); }

void FileTail::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::uint64_t FileTail::fingerprint(std::uint64_t bytes) const {
  return hash64(read_range(fd_, 0, bytes));
}

bool FileTail::is_saved_file(const FilePosition& saved) const {
  return saved.device == device_ && saved.inode == inode_ && saved.offset <= size_of(fd_) &&
         fingerprint(saved.fingerprint_bytes) == saved.fingerprint;
}

bool FileTail::open() {
  fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) return false;
  struct stat status{};
  if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
    close();
    return false;
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  committed_ = 0;
  if (saved_ && is_saved_file(*saved_)) {
    committed_ = saved_->offset;
  } else if (size > max_backlog_) {
    // Not from the middle of a line.
    const std::uint64_t from = size - max_backlog_;
    const std::size_t line_end =
        read_range(fd_, from, std::min<std::uint64_t>(max_backlog_, 64 * 1024)).find('\n');
    committed_ = line_end == std::string::npos ? from : from + line_end + 1;
  }
  saved_.reset();
  max_backlog_ = UINT64_MAX;  // a file that takes the name later is read whole
  reading_ = committed_;
  return true;
}

FilePosition FileTail::position() const {
  FilePosition position{device_, inode_, committed_, 0, std::min(committed_, kFingerprintBytes)};
  if (fd_ >= 0) position.fingerprint = fingerprint(position.fingerprint_bytes);
  return position;
}

void FileTail::follow_rotation() {
  if (size_of(fd_) < committed_) {  // truncated: it begins again
    committed_ = 0;
    return;
  }
  struct stat named{};
  const bool same =
      ::stat(path_.c_str(), &named) == 0 && named.st_dev == device_ && named.st_ino == inode_;
  // Whoever writes may go on in the old file for a while after its renaming.
  if (same || !drained_ || size_of(fd_) != seen_size_) return;
  if (seen_size_ > committed_) {
    ends_without_newline_ = true;
  } else {
    close();
  }
}

FileTail::Outcome FileTail::read(std::size_t max_bytes, std::size_t max_line,
                                 const std::function<void(std::string_view)>& visit) {
  if (fd_ >= 0) follow_rotation();
  if (fd_ < 0 && !open())
    return errno == EACCES || errno == EPERM ? Outcome::kNoPermission : Outcome::kNothing;
  reading_ = committed_;
  seen_size_ = size_of(fd_);
  const std::uint64_t available = seen_size_ - std::min(seen_size_, committed_);
  const std::string bytes =
      read_range(fd_, committed_, std::min<std::uint64_t>(available, max_bytes));
  std::string_view rest = bytes;
  for (;;) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos && rest.size() < max_line)
      break;  // the rest of the line is still to come
    const std::size_t size = std::min(end, max_line);
    std::string_view line = rest.substr(0, size);
    if (line.ends_with('\r')) line.remove_suffix(1);
    line_offset_ = committed_ + (bytes.size() - rest.size());
    visit(line);
    rest.remove_prefix(size + (size == end ? 1 : 0));
  }
  if (ends_without_newline_ && !rest.empty()) {
    line_offset_ = committed_ + (bytes.size() - rest.size());
    visit(rest);
    rest = {};
  }
  ends_without_newline_ = false;
  reading_ = committed_ + (bytes.size() - rest.size());
  drained_ = reading_ == committed_;
  return drained_ ? Outcome::kNothing : Outcome::kRead;
}

}  // namespace livedata::collect
