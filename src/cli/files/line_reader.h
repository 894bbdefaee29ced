#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::cli {

/// Reads the lines of a file, or of standard input for "-", in bounded memory; gzip and zstd are
/// told by their first bytes. Not thread-safe.
class LineReader {
 public:
  struct Visitor {
    /// A line without its end. One longer than `max_line_bytes` is cut, and goes on as another.
    std::function<Result<void>(std::string_view)> line;
    /// Nothing has come for `idle_after`.
    std::function<Result<void>()> idle;
  };

  explicit LineReader(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  /// kNotFound: no such file; kCorrupt: what is compressed is damaged or cut off, and the lines
  /// before that place were visited.
  Result<void> read(const std::string& path, std::chrono::milliseconds idle_after,
                    const Visitor& visitor);
  /// Bytes read so far of the file that is read, as it is stored.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  Result<void> read_descriptor(int descriptor, std::chrono::milliseconds idle_after,
                               const Visitor& visitor);
  Result<void> split(std::string_view text, const Visitor& visitor);
  Result<void> visit(std::string_view line, const Visitor& visitor) const;

  const std::size_t max_line_bytes_;
  std::string partial_;  // a line whose end has not come yet
  std::uint64_t bytes_read_ = 0;
};

}  // namespace livedata::cli
