#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_system.h"

namespace livedata::collect {

/// Where the kernel's files are; tests point it at folders of their own.
struct ProcSource {
  Path proc = "/proc";
  Path sys = "/sys";
};

/// A small kernel file that is read again and again through one descriptor. Not thread-safe.
class ProcFile {
 public:
  explicit ProcFile(Path path) : path_(std::move(path)) {}
  ~ProcFile();
  ProcFile(const ProcFile&) = delete;
  ProcFile& operator=(const ProcFile&) = delete;

  /// The content now (at most 1 MiB of it), valid until the next call; nothing when it can't be
  /// read.
  std::optional<std::string_view> read();

 private:
  Path path_;
  int fd_ = -1;
  std::string buffer_;
};

/// A file that is read once. Nothing when it can't be read; at most `max_bytes` of it.
std::optional<std::string> read_small_file(const Path& path, std::size_t max_bytes = 4096);

/// Takes words and lines off the front of a text.
class TextScanner {
 public:
  explicit TextScanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::string_view line();
  /// The next word, or "" at the end.
  std::string_view word();
  /// The next word as a number; 0 where it is none.
  std::uint64_t number();
  void skip(int words) {
    while (words-- > 0) word();
  }

 private:
  std::string_view rest_;
};

/// Difference of two readings of a counter; 0 when it was reset.
constexpr std::uint64_t counter_increase(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : 0;
}

}  // namespace livedata::collect
