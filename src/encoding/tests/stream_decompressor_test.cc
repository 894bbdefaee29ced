#include "encoding/stream_decompressor.h"

#include <zlib.h>

#include <random>

#include <gtest/gtest.h>

#include "encoding/zstd.h"

namespace livedata::encoding {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  ::deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string in = text;
  std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

/// The text, or nothing if it is damaged or not complete.
std::optional<std::string> read(StreamFormat format, const std::string& bytes, std::size_t piece,
                                std::size_t* largest = nullptr) {
  const auto reader = StreamDecompressor::make(format);
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto done =
        reader->read(std::string_view(bytes).substr(at, piece), [&](std::string_view p) {
          if (largest != nullptr) *largest = std::max(*largest, p.size());
          out += p;
          return Result<void>();
        });
    if (!done) {
      EXPECT_EQ(done.error().code, ErrorCode::kCorrupt);
      return std::nullopt;
    }
  }
  return reader->is_complete() ? std::optional(out) : std::nullopt;
}

std::string compress(StreamFormat format, const std::string& text) {
  return format == StreamFormat::kGzip   ? gzip(text)
         : format == StreamFormat::kZstd ? zstd_compress(text, 3)
                                         : text;
}

TEST(StreamDecompressorTest, TextComesBackFromPiecesOfAnySize) {
  std::mt19937_64 random(21);
  for (const StreamFormat format :
       {StreamFormat::kPlain, StreamFormat::kGzip, StreamFormat::kZstd}) {
    for (int round = 0; round < 60; ++round) {
      std::string text;
      std::string bytes;
      // Several members or frames, some of them empty or much larger than the pieces.
      for (std::uint64_t n = random() % 4; n > 0; --n) {
        std::string part(random() % 3 == 0 ? random() % 300'000 : random() % 200, 'x');
        for (char& c : part) {
          if (random() % 8 == 0) c = static_cast<char>(random() % 256);
        }
        text += part;
        bytes += compress(format, part);
      }
      EXPECT_EQ(read(format, bytes, 1 + random() % (round % 2 == 0 ? 100 : 100'000)), text);
    }
  }
}

TEST(StreamDecompressorTest, ABombComesInBoundedPieces) {
  for (const StreamFormat format : {StreamFormat::kGzip, StreamFormat::kZstd}) {
    std::size_t largest = 0;
    const std::string bomb = compress(format, std::string(20'000'000, 'x'));
    EXPECT_EQ(read(format, bomb, bomb.size(), &largest)->size(), 20'000'000U);
    EXPECT_LE(largest, 65'536U);
  }
}

TEST(StreamDecompressorTest, WhatIsCutOffOrDamagedIsNotComplete) {
  std::mt19937_64 random(22);
  const std::string text(10'000, 'a');
  for (const StreamFormat format : {StreamFormat::kGzip, StreamFormat::kZstd}) {
    const std::string bytes = compress(format, text) + compress(format, text);
    EXPECT_EQ(read(format, bytes.substr(0, bytes.size() - 1), 7), std::nullopt);
    EXPECT_EQ(read(format, bytes + "garbage", 7), std::nullopt);
    for (int round = 0; round < 500; ++round) {
      std::string bad = bytes;
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
      static_cast<void>(read(format, bad, 1 + random() % 50));
    }
  }
}

TEST(StreamDecompressorTest, TheVisitorsErrorEndsTheReading) {
  const auto reader = StreamDecompressor::make(StreamFormat::kGzip);
  const auto done = reader->read(gzip("text"), [](std::string_view) -> Result<void> {
    return fail(ErrorCode::kUnavailable, "full");
  });
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
}

TEST(StreamDecompressorTest, FormatsAreToldByTheirFirstBytes) {
  EXPECT_EQ(detect_stream_format(gzip("x")), StreamFormat::kGzip);
  EXPECT_EQ(detect_stream_format(zstd_compress("x", 1)), StreamFormat::kZstd);
  EXPECT_EQ(detect_stream_format("text"), StreamFormat::kPlain);
  EXPECT_EQ(detect_stream_format(""), StreamFormat::kPlain);
}

}  // namespace
}  // namespace livedata::encoding
