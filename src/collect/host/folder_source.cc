#include "collect/host/folder_source.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::size_t kFirstBuffer = 8192;
constexpr std::size_t kMaxBuffer = 1U << 20U;   // of files that are kept open
constexpr std::size_t kMaxOnce = 64U * 1024U;   // of files that are read once
constexpr std::size_t kMaxOpenFiles = 100'000;  // that are counted one by one

enum class Pieces { kOne, kMany };

/// Reads from the start up to `max` bytes into a buffer that grows; nothing: it can't be read. A
/// file of many records may come in pieces of any size; one of a single record ends where a read is
/// short, which saves a call.
std::optional<std::string_view> read_all(int fd, std::string& buffer, std::size_t max,
                                         Pieces pieces) {
  if (buffer.size() < kFirstBuffer) buffer.resize(kFirstBuffer);
  std::size_t size = 0;
  for (;;) {
    const ssize_t n =
        ::pread(fd, buffer.data() + size, buffer.size() - size, static_cast<off_t>(size));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
    if (size < buffer.size()) {
      if (pieces == Pieces::kOne) break;
      continue;
    }
    if (buffer.size() >= max) break;
    buffer.resize(buffer.size() * 2);
  }
  return std::string_view(buffer).substr(0, size);
}

/// Keeps its descriptor. Opens anew when reading fails, since a device may be plugged in again.
class KeptFile final : public SourceFile {
 public:
  explicit KeptFile(std::string path) : path_(std::move(path)) {}
  ~KeptFile() override { close(); }
  KeptFile(const KeptFile&) = delete;
  KeptFile& operator=(const KeptFile&) = delete;

  std::optional<std::string_view> read() override {
    const bool fresh = fd_ < 0;
    if (fresh) fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) return std::nullopt;
    if (const auto text = read_all(fd_, buffer_, kMaxBuffer, Pieces::kMany)) return text;
    close();
    if (fresh) return std::nullopt;
    return read();
  }

 private:
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  std::string path_;
  int fd_ = -1;
  std::string buffer_;
};

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

const char* FolderSource::full(const std::string& path) {
  if (root_.empty()) return path.c_str();
  path_ = root_;
  path_ += path;
  return path_.c_str();
}

std::unique_ptr<SourceFile> FolderSource::open(std::string path) {
  return std::make_unique<KeptFile>(root_.empty() ? std::move(path) : root_ + path);
}

std::optional<std::string_view> FolderSource::read(const std::string& path, std::string& buffer) {
  const int fd = ::open(full(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  const auto text = read_all(fd, buffer, kMaxOnce, Pieces::kOne);
  ::close(fd);
  return text;
}

bool FolderSource::list(const std::string& folder,
                        const std::function<void(std::string_view)>& entry) {
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(full(folder)));
  if (open == nullptr) return false;
  while (const dirent* found =
             ::readdir(open.get())) {  // NOLINT(concurrency-mt-unsafe): own folder handle
    const std::string_view name = static_cast<const char*>(found->d_name);
    if (name != "." && name != "..") entry(name);
  }
  return true;
}

std::optional<std::string> FolderSource::link_name(const std::string& path) {
  std::array<char, 1024> target{};
  const ssize_t size = ::readlink(full(path), target.data(), target.size());
  if (size <= 0) return std::nullopt;
  const std::string_view text(target.data(), static_cast<std::size_t>(size));
  return std::string(text.substr(text.rfind('/') + 1));
}

std::optional<FilesystemUsage> FolderSource::filesystem_usage(const std::string& mount,
                                                              std::string_view /*type*/) {
  std::string buffer;
  for (TextScanner lines(read("/answers/filesystems", buffer).value_or("")); !lines.done();) {
    TextScanner words(lines.line());
    if (words.word() != mount) continue;
    FilesystemUsage usage;
    usage.total_bytes = words.number();
    usage.free_bytes = words.number();
    usage.available_bytes = words.number();
    usage.files = words.number();
    usage.files_free = words.number();
    return usage;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> FolderSource::process_cpu_ns(std::int64_t /*pid*/) {
  return std::nullopt;
}

std::optional<std::uint64_t> FolderSource::open_files(std::int64_t pid) {
  std::uint64_t count = 0;
  const bool listed = list(fmt::format("/proc/{}/fd", pid), [&count](std::string_view) {
    if (count < kMaxOpenFiles) ++count;
  });
  return listed ? std::optional(count) : std::nullopt;
}

std::optional<std::vector<UnitState>> FolderSource::units(bool /*with_restarts*/) {
  std::string buffer;
  return parse_units(read("/answers/units", buffer).value_or(""));
}

std::string FolderSource::user_name(unsigned uid) {
  std::string buffer;
  return find_user(read("/etc/passwd", buffer).value_or(""), uid);
}

std::string FolderSource::machine() {
  std::string buffer;
  return std::string(trimmed(read("/proc/sys/kernel/arch", buffer).value_or("")));
}

std::optional<std::vector<UnitState>> parse_units(std::string_view text) {
  std::vector<UnitState> units;
  for (TextScanner lines(text); !lines.done();) {
    TextScanner words(lines.line());
    UnitState unit;
    unit.name = words.word();
    unit.load = words.word();
    unit.active = words.word();
    unit.sub = words.word();
    if (const std::string_view restarts = words.word(); !restarts.empty())
      unit.restarts = to_number<std::uint64_t>(restarts);
    if (!unit.sub.empty()) units.push_back(std::move(unit));
  }
  if (units.empty()) return std::nullopt;
  return units;
}

std::string find_user(std::string_view passwd, unsigned uid) {
  for (TextScanner lines(passwd); !lines.done();) {
    TextScanner parts(lines.line());
    const std::string_view name = parts.until(':');
    parts.until(':');
    const std::string_view number = parts.until(':');
    if (!number.empty() && to_number<unsigned>(number) == uid && !name.empty())
      return std::string(name);
  }
  return "";
}

}  // namespace livedata::collect::host
