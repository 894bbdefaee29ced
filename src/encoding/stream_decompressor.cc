#include "encoding/stream_decompressor.h"

#include <zlib.h>
#include <zstd.h>

#include <vector>

#include "base/check.h"

namespace livedata::encoding {
namespace {

constexpr std::size_t kOutBytes = 64 * 1024;
constexpr std::size_t kMaxWindowBits = 27;  // 128 MiB, what the zstd program takes by default

class Plain : public StreamDecompressor {
 public:
  Result<void> read(std::string_view in, const Visitor& visit) override {
    while (!in.empty()) {
      LIVEDATA_RETURN_IF_ERROR(visit(in.substr(0, kOutBytes)));
      in.remove_prefix(std::min(in.size(), kOutBytes));
    }
    return {};
  }
  [[nodiscard]] bool is_complete() const override { return true; }
};

class Gzip : public StreamDecompressor {
 public:
  Gzip() { LIVEDATA_CHECK(::inflateInit2(&stream_, MAX_WBITS + 16) == Z_OK); }
  ~Gzip() override { ::inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Result<void> read(std::string_view in, const Visitor& visit) override {
    // The library's pointers are not const; it does not write there.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // NOLINT
    stream_.avail_in = static_cast<uInt>(in.size());
    while (stream_.avail_in > 0 || out_is_full_) {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());  // NOLINT
      stream_.avail_out = kOutBytes;
      is_open_ = true;
      const int done = ::inflate(&stream_, Z_NO_FLUSH);
      out_is_full_ = stream_.avail_out == 0;
      LIVEDATA_RETURN_IF_ERROR(visit({out_.data(), kOutBytes - stream_.avail_out}));
      if (done == Z_STREAM_END) {
        // RFC 1952 section 2.2: members may follow each other
        is_open_ = false;
        out_is_full_ = false;
        ::inflateReset(&stream_);
      } else if (done != Z_OK && done != Z_BUF_ERROR) {
        return fail(ErrorCode::kCorrupt, "gzip: {}",
                    stream_.msg == nullptr ? "damaged data" : stream_.msg);
      }
    }
    return {};
  }
  [[nodiscard]] bool is_complete() const override { return !is_open_; }

 private:
  z_stream stream_{};
  std::vector<char> out_ = std::vector<char>(kOutBytes);
  bool is_open_ = false;
  bool out_is_full_ = false;  // there may be more to come without more input
};

class Zstd : public StreamDecompressor {
 public:
  Zstd() : stream_(ZSTD_createDStream()) {
    LIVEDATA_CHECK(stream_ != nullptr);
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kMaxWindowBits);
  }

  Result<void> read(std::string_view in, const Visitor& visit) override {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    bool out_is_full = false;
    while (input.pos < input.size || out_is_full) {
      ZSTD_outBuffer output{out_.data(), kOutBytes, 0};
      const std::size_t wanted = ZSTD_decompressStream(stream_.get(), &output, &input);
      if (ZSTD_isError(wanted) != 0)
        return fail(ErrorCode::kCorrupt, "zstd: {}", ZSTD_getErrorName(wanted));
      is_open_ = wanted != 0;
      out_is_full = is_open_ && output.pos == output.size;
      LIVEDATA_RETURN_IF_ERROR(visit({out_.data(), output.pos}));
    }
    return {};
  }
  [[nodiscard]] bool is_complete() const override { return !is_open_; }

 private:
  struct FreeStream {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, FreeStream> stream_;
  std::vector<char> out_ = std::vector<char>(kOutBytes);
  bool is_open_ = false;
};

}  // namespace

StreamFormat detect_stream_format(std::string_view head) {
  if (head.starts_with("\x1f\x8b")) return StreamFormat::kGzip;
  if (head.starts_with("\x28\xb5\x2f\xfd")) return StreamFormat::kZstd;
  return StreamFormat::kPlain;
}

std::unique_ptr<StreamDecompressor> StreamDecompressor::make(StreamFormat format) {
  switch (format) {
    case StreamFormat::kPlain:
      return std::make_unique<Plain>();
    case StreamFormat::kGzip:
      return std::make_unique<Gzip>();
    case StreamFormat::kZstd:
      return std::make_unique<Zstd>();
  }
  return nullptr;
}

}  // namespace livedata::encoding
