#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "collect/files/decompressor.h"
#include "collect/files/file_status.h"

namespace livedata::collect {

/// The bytes of a file's text, by their offsets in it. Not thread-safe.
class ByteSource {
 public:
  static std::unique_ptr<ByteSource> make(FileHandle file, Compression compression);
  virtual ~ByteSource() = default;

  /// What there is from the offset, `size` bytes at most; `buffer` may hold them. Valid until the
  /// next call. Going back further than release() said is slow where the file is compressed.
  virtual Result<std::string_view> read(std::uint64_t offset, std::size_t size,
                                        std::string& buffer) = 0;
  /// Bytes before the offset will not be asked for again, but for the first ones of the file.
  virtual void release(std::uint64_t offset) = 0;
  /// Whether the last read() gave up on its way to the offset; the next one goes on.
  [[nodiscard]] virtual bool is_skipping() const { return false; }
  /// Whether the text ends where the last read() did, and can't go on.
  [[nodiscard]] virtual bool is_complete() const = 0;

  [[nodiscard]] Compression compression() const { return compression_; }
  [[nodiscard]] bool is_compressed() const { return compression_ != Compression::kNone; }
  [[nodiscard]] const FileHandle& file() const { return file_; }

 protected:
  ByteSource(FileHandle file, Compression compression)
      : file_(std::move(file)), compression_(compression) {}

 private:
  FileHandle file_;
  Compression compression_;
};

}  // namespace livedata::collect
