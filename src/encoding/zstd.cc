#include "encoding/zstd.h"

#include <zstd.h>

#include <memory>

#include "base/check.h"

namespace livedata::encoding {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

std::string zstd_compress(std::string_view in, int level) {
  const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  LIVEDATA_CHECK(context != nullptr);
  std::string out(ZSTD_compressBound(in.size()), '\0');
  const std::size_t size =
      ZSTD_compressCCtx(context.get(), out.data(), out.size(), in.data(), in.size(), level);
  LIVEDATA_CHECK(ZSTD_isError(size) == 0);
  out.resize(size);
  out.shrink_to_fit();
  return out;
}

Result<std::string> zstd_decompress(std::string_view in, std::size_t size) {
  // The frame says its size; a damaged one must not make us allocate another.
  if (ZSTD_getFrameContentSize(in.data(), in.size()) != size)
    return fail(ErrorCode::kCorrupt, "zstd: the frame is not of {} bytes", size);
  const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  LIVEDATA_CHECK(context != nullptr);
  std::string out(size, '\0');
  const std::size_t got =
      ZSTD_decompressDCtx(context.get(), out.data(), out.size(), in.data(), in.size());
  if (ZSTD_isError(got) != 0) return fail(ErrorCode::kCorrupt, "zstd: {}", ZSTD_getErrorName(got));
  if (got != size) return fail(ErrorCode::kCorrupt, "zstd: {} bytes instead of {}", got, size);
  return out;
}

}  // namespace livedata::encoding
