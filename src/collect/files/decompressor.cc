#include "collect/files/decompressor.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"

namespace livedata::collect {
namespace {

constexpr std::size_t kStepBytes = 64 * 1024;

/// RFC 1952
class GzipDecompressor final : public Decompressor {
 public:
  GzipDecompressor() {
    LIVEDATA_CHECK(::inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK);  // 16: gzip
  }
  ~GzipDecompressor() override { ::inflateEnd(&stream_); }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;

  Result<void> run(std::string_view& in, std::size_t max_bytes, std::string& out) override {
    const std::size_t enough = out.size() + max_bytes;
    while ((!in.empty() || more_inside_) && out.size() < enough) {
      if (at_end_) {
        // Zeros may fill up the last block of a tape; anything else begins another member.
        if (in.front() == '\0') {
          in.remove_prefix(1);
          continue;
        }
        ::inflateReset(&stream_);
        at_end_ = false;
      }
      LIVEDATA_RETURN_IF_ERROR(step(in, out));
    }
    return {};
  }
  [[nodiscard]] bool may_end() const override { return at_end_; }

 private:
  Result<void> step(std::string_view& in, std::string& out) {
    std::array<char, kStepBytes> buffer;  // NOLINT(*-member-init): written before it is read
    const std::size_t offered = std::min<std::size_t>(in.size(), std::numeric_limits<uInt>::max());
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): zlib does not write there
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(offered);
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(buffer.size());
    const int outcome = ::inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(offered - stream_.avail_in);
    out.append(buffer.data(), buffer.size() - stream_.avail_out);
    at_end_ = outcome == Z_STREAM_END;
    more_inside_ = !at_end_ && stream_.avail_out == 0;
    if (outcome == Z_OK || outcome == Z_STREAM_END || outcome == Z_BUF_ERROR) return {};
    return fail(ErrorCode::kCorrupt, "gzip: {}", stream_.msg == nullptr ? "damaged" : stream_.msg);
  }

  z_stream stream_{};
  bool at_end_ = false;
  bool more_inside_ = false;  // comes out without further input
};

/// RFC 8878
class ZstdDecompressor final : public Decompressor {
 public:
  ZstdDecompressor() : context_(ZSTD_createDCtx()) { LIVEDATA_CHECK(context_ != nullptr); }

  Result<void> run(std::string_view& in, std::size_t max_bytes, std::string& out) override {
    const std::size_t enough = out.size() + max_bytes;
    std::array<char, kStepBytes> buffer;  // NOLINT(*-member-init): written before it is read
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    while (out.size() < enough && (input.pos < input.size || more_inside_)) {
      ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
      const std::size_t hint = ZSTD_decompressStream(context_.get(), &output, &input);
      if (ZSTD_isError(hint) != 0)
        return fail(ErrorCode::kCorrupt, "zstd: {}", ZSTD_getErrorName(hint));
      out.append(buffer.data(), output.pos);
      at_end_ = hint == 0;
      more_inside_ = !at_end_ && output.pos == output.size;
    }
    in.remove_prefix(input.pos);
    return {};
  }
  [[nodiscard]] bool may_end() const override { return at_end_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  bool at_end_ = false;
  bool more_inside_ = false;  // comes out without further input
};

}  // namespace

Compression detect_compression(std::string_view head) {
  using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace): for zeros
  if (head.starts_with("\x1F\x8B"sv)) return Compression::kGzip;
  if (head.starts_with("\x28\xB5\x2F\xFD"sv)) return Compression::kZstd;
  if (head.starts_with("BZh"sv) || head.starts_with("\xFD\x37zXZ\x00"sv) ||
      head.starts_with("\x04\x22\x4D\x18"sv)) {
    return Compression::kUnknown;
  }
  return Compression::kNone;
}

std::string_view without_compression_suffix(std::string_view name) {
  for (const std::string_view suffix : {".gz", ".zst", ".bz2", ".xz", ".lz4"}) {
    if (name.size() > suffix.size() && name.ends_with(suffix))
      return name.substr(0, name.size() - suffix.size());
  }
  return name;
}

std::unique_ptr<Decompressor> Decompressor::make(Compression compression) {
  if (compression == Compression::kZstd) return std::make_unique<ZstdDecompressor>();
  LIVEDATA_CHECK(compression == Compression::kGzip);
  return std::make_unique<GzipDecompressor>();
}

}  // namespace livedata::collect
