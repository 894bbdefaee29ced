#include "encoding/lz4_block.h"

#include <lz4.h>

#include "base/check.h"

namespace livedata::encoding {

std::string lz4_compress(std::string_view in) {
  LIVEDATA_CHECK(in.size() <= static_cast<std::size_t>(LZ4_MAX_INPUT_SIZE));
  const int size = static_cast<int>(in.size());
  std::string out(static_cast<std::size_t>(LZ4_compressBound(size)), '\0');
  const int written =
      LZ4_compress_default(in.data(), out.data(), size, static_cast<int>(out.size()));
  LIVEDATA_CHECK(written > 0 || in.empty());
  out.resize(static_cast<std::size_t>(written));
  out.shrink_to_fit();
  return out;
}

Result<std::string> lz4_decompress(std::string_view in, std::size_t size) {
  if (in.size() > static_cast<std::size_t>(LZ4_MAX_INPUT_SIZE) ||
      size > static_cast<std::size_t>(LZ4_MAX_INPUT_SIZE)) {
    return fail(ErrorCode::kCorrupt, "lz4: the block is too large");
  }
  std::string out(size, '\0');
  const int got = LZ4_decompress_safe(in.data(), out.data(), static_cast<int>(in.size()),
                                      static_cast<int>(size));
  if (got < 0 || static_cast<std::size_t>(got) != size)
    return fail(ErrorCode::kCorrupt, "lz4: damaged block");
  return out;
}

}  // namespace livedata::encoding
