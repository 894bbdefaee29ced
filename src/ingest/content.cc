#include "ingest/content.h"

#include <libdeflate.h>
#include <snappy.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

namespace livedata::ingest {
namespace {

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

struct FreeZstd {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

constexpr std::size_t kFirstGuess = 64 * 1024;
// RFC 9659: as a content coding zstd needs windows of up to 8 MiB. A larger one is memory that the
// sender would choose.
constexpr int kMaxWindowLog = 23;

/// What a body may become.
struct Bound {
  std::size_t bytes = 0;
  std::size_t ratio = 0;  // that the bytes stem from; 0: from none
};

Bound bound_of(std::string_view body, std::size_t max_bytes, std::size_t max_ratio) {
  if (max_ratio == 0 || body.size() >= max_bytes / max_ratio) return {max_bytes, 0};
  const std::size_t bytes = std::max(body.size() * max_ratio, kUnsuspiciousBytes);
  return bytes < max_bytes ? Bound{bytes, max_ratio} : Bound{max_bytes, 0};
}

tl::unexpected<Error> too_large(const Bound& bound) {
  if (bound.ratio > 0) {
    return fail(ErrorCode::kTooLarge,
                "the body becomes more than {} times as large when it is decompressed; send it "
                "without compression, or raise limits.max_expansion_ratio",
                bound.ratio);
  }
  return fail(ErrorCode::kTooLarge,
              "the decompressed body is larger than {} bytes; send smaller batches", bound.bytes);
}

/// Decompresses one gzip member or zlib stream, or a raw deflate stream, behind what `out` holds;
/// returns how much of the input it took. The output grows only while the data really fills it.
Result<std::size_t> inflate_one(std::string_view in, Encoding encoding, const Bound& bound,
                                std::string& out) {
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  const std::size_t begin = out.size();
  std::size_t room = std::min(bound.bytes - begin, std::max(kFirstGuess, in.size() * 4));
  for (;;) {
    out.resize(begin + room);
    std::size_t taken = 0;
    std::size_t made = 0;
    libdeflate_result result = LIBDEFLATE_BAD_DATA;
    if (encoding == Encoding::kGzip) {
      result = libdeflate_gzip_decompress_ex(decompressor.get(), in.data(), in.size(),
                                             out.data() + begin, room, &taken, &made);
    } else {
      // "deflate" is zlib's format by RFC 9110, but some clients send it without zlib's frame.
      result = libdeflate_zlib_decompress_ex(decompressor.get(), in.data(), in.size(),
                                             out.data() + begin, room, &taken, &made);
      if (result == LIBDEFLATE_BAD_DATA) {
        result = libdeflate_deflate_decompress_ex(decompressor.get(), in.data(), in.size(),
                                                  out.data() + begin, room, &taken, &made);
      }
    }
    if (result == LIBDEFLATE_SUCCESS) {
      out.resize(begin + made);
      return taken;
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
      return fail(ErrorCode::kInvalidArgument, "the body is not valid {} data",
                  encoding == Encoding::kGzip ? "gzip" : "deflate");
    }
    if (begin + room >= bound.bytes) return too_large(bound);
    room = std::min(bound.bytes - begin, room * 4);
  }
}

Result<std::string> inflate(std::string_view body, Encoding encoding, const Bound& bound) {
  std::string out;
  do {
    LIVEDATA_TRY(const std::size_t taken, inflate_one(body, encoding, bound, out));
    body.remove_prefix(taken);
  } while (encoding == Encoding::kGzip &&
           !body.empty());  // RFC 1952 section 2.2: members may follow each other
  return out;
}

Result<std::string> uncompress_snappy(std::string_view body, const Bound& bound) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(body.data(), body.size(), &size)) {
    return fail(ErrorCode::kInvalidArgument, "the body is not a snappy block");
  }
  if (size > bound.bytes) return too_large(bound);
  // Checked before allocating: a header may claim any size.
  if (!snappy::IsValidCompressedBuffer(body.data(), body.size())) {
    return fail(ErrorCode::kInvalidArgument, "the body is not a snappy block");
  }
  std::string out(size, '\0');
  snappy::RawUncompress(body.data(), body.size(), out.data());
  return out;
}

Result<std::string> uncompress_zstd(std::string_view body, const Bound& bound) {
  const std::unique_ptr<ZSTD_DCtx, FreeZstd> context(ZSTD_createDCtx());
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  // One byte more than is allowed tells whether the data would go on.
  const std::size_t most = bound.bytes + 1;
  std::string out(std::min(most, std::max(kFirstGuess, body.size() * 4)), '\0');
  ZSTD_inBuffer in{body.data(), body.size(), 0};
  ZSTD_outBuffer made{out.data(), out.size(), 0};
  for (;;) {
    const std::size_t taken = in.pos;
    const std::size_t wanted = ZSTD_decompressStream(context.get(), &made, &in);
    if (made.pos > bound.bytes) return too_large(bound);
    if (wanted == 0 && in.pos == in.size) break;
    const bool ends_within_a_frame = in.pos == in.size && in.pos == taken && made.pos < made.size;
    if (ZSTD_isError(wanted) != 0 || ends_within_a_frame) {
      return fail(ErrorCode::kInvalidArgument, "the body is not valid zstd data");
    }
    if (made.pos < made.size) continue;
    out.resize(std::min(most, out.size() * 4));
    made.dst = out.data();
    made.size = out.size();
  }
  out.resize(made.pos);
  return out;
}

}  // namespace

Result<Encoding> parse_content_encoding(std::string_view header) {
  if (header.empty() || header == "identity") return Encoding::kIdentity;
  if (header == "gzip" || header == "x-gzip") return Encoding::kGzip;
  if (header == "deflate") return Encoding::kDeflate;
  if (header == "snappy") return Encoding::kSnappy;
  if (header == "zstd") return Encoding::kZstd;
  return fail(ErrorCode::kInvalidArgument,
              "Content-Encoding '{}' is not supported; use gzip, deflate, snappy, zstd or none",
              header);
}

Result<std::string> decompress(std::string_view body, Encoding encoding, std::size_t max_bytes,
                               std::size_t max_ratio) {
  const Bound bound = bound_of(body, max_bytes, max_ratio);
  switch (encoding) {
    case Encoding::kIdentity:
      if (body.size() > max_bytes) return too_large({max_bytes, 0});
      return std::string(body);
    case Encoding::kGzip:
    case Encoding::kDeflate:
      return inflate(body, encoding, bound);
    case Encoding::kSnappy:
      return uncompress_snappy(body, bound);
    case Encoding::kZstd:
      return uncompress_zstd(body, bound);
  }
  return fail(ErrorCode::kInternal, "unknown encoding");
}

}  // namespace livedata::ingest
