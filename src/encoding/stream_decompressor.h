#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace livedata::encoding {

enum class StreamFormat { kPlain, kGzip, kZstd };

/// By the first bytes of a file (four are enough).
StreamFormat detect_stream_format(std::string_view head);

/// Decompresses a stream that comes in pieces, in bounded memory: gzip members or zstd frames, one
/// behind the other. Not thread-safe.
class StreamDecompressor {
 public:
  /// Takes decompressed bytes, at most 64 KiB; an error of its own ends the reading.
  using Visitor = std::function<Result<void>(std::string_view)>;

  static std::unique_ptr<StreamDecompressor> make(StreamFormat format);
  virtual ~StreamDecompressor() = default;

  /// The next bytes. kCorrupt for damaged data; what stood before it was handed out.
  virtual Result<void> read(std::string_view in, const Visitor& visit) = 0;
  /// Whether the stream may end here: no member or frame is open.
  [[nodiscard]] virtual bool is_complete() const = 0;
};

}  // namespace livedata::encoding
