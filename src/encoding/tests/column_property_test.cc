// Round trips of every column encoding over random columns of the shapes that choose each encoding,
// and random damage to the encoded bytes, which must give an error or other values, never a crash.
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "encoding/double_column.h"
#include "encoding/integer_column.h"
#include "encoding/string_encoding.h"

namespace livedata::encoding {
namespace {

constexpr std::size_t kMaxBytes = 1U << 20U;
const std::array<TextCodec, 4> kCodecs = {TextCodec::raw(), TextCodec::lz4(), TextCodec::zstd(1),
                                          TextCodec::zstd(9)};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::vector<std::int64_t> integers() {
    const std::size_t count = below(300);
    const std::uint64_t shape = below(7);
    std::vector<std::int64_t> out;
    std::uint64_t walk = random_();
    for (std::size_t i = 0; i < count; ++i) {
      walk += below(1000);
      switch (shape) {
        case 0:
          out.push_back(42);
          break;
        case 1:
          out.push_back(static_cast<std::int64_t>(below(100)) - 50);
          break;
        case 2:
          out.push_back(static_cast<std::int64_t>(walk));
          break;
        case 3:
          out.push_back(static_cast<std::int64_t>(random_()));
          break;
        case 4:  // a clock of milliseconds
          out.push_back(static_cast<std::int64_t>(walk / 8 * 1'000'000));
          break;
        case 5:  // irregular ticks in few steps
          out.push_back((out.empty() ? 0 : out.back()) +
                        static_cast<std::int64_t>(1 + below(5) * 163'018'868));
          break;
        default:
          out.push_back(below(2) == 0 ? std::numeric_limits<std::int64_t>::min()
                                      : std::numeric_limits<std::int64_t>::max());
      }
    }
    return out;
  }

  std::vector<double> doubles() {
    const std::size_t count = below(200);
    const std::uint64_t shape = below(4);
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
      switch (shape) {
        case 0:
          out.push_back(static_cast<double>(below(10000)) / 100.0);
          break;
        case 1:
          out.push_back(std::bit_cast<double>(random_()));
          break;
        case 2:
          out.push_back(below(2) == 0 ? -0.0 : std::numeric_limits<double>::infinity());
          break;
        default:
          out.push_back(static_cast<double>(below(1U << 30U)));
      }
    }
    return out;
  }

  Strings strings() {
    const std::size_t count = below(200);
    const std::uint64_t shape = below(4);
    Strings out;
    for (std::size_t i = 0; i < count; ++i) {
      switch (shape) {
        case 0:
          out.bytes += "same";
          break;
        case 1:
          out.bytes += "value " + std::to_string(below(5));
          break;
        case 2:
          out.bytes += "user " + std::to_string(below(1'000'000)) + " logged in from the web page";
          break;
        default:
          for (std::uint64_t n = below(40); n > 0; --n) out.bytes += static_cast<char>(below(256));
      }
      out.ends.push_back(static_cast<std::uint32_t>(out.bytes.size()));
    }
    return out;
  }

  void damage(std::string& bytes) {
    if (bytes.empty()) return;
    if (below(3) == 0) bytes.resize(below(bytes.size()));
    for (std::uint64_t n = below(3); n > 0 && !bytes.empty(); --n)
      bytes[below(bytes.size())] = static_cast<char>(below(256));
  }

 private:
  std::mt19937_64 random_;
};

TEST(ColumnPropertyTest, IntegersRoundTrip) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Generator generate(seed);
    const auto values = generate.integers();
    std::string bytes;
    ByteWriter out(bytes);
    encode_integers(values, out);
    ByteReader in(bytes);
    ASSERT_EQ(decode_integers(in, values.size()), values) << "seed " << seed;
    ASSERT_TRUE(in.done()) << "seed " << seed;
  }
}

TEST(ColumnPropertyTest, DoublesRoundTripToTheBit) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Generator generate(seed);
    const auto values = generate.doubles();
    std::string bytes;
    ByteWriter out(bytes);
    encode_doubles(values, out);
    ByteReader in(bytes);
    const auto back = decode_doubles(in, values.size());
    ASSERT_EQ(back.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(back[i]), std::bit_cast<std::uint64_t>(values[i]))
          << "seed " << seed;
    }
  }
}

TEST(ColumnPropertyTest, StringsRoundTrip) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Generator generate(seed);
    const Strings values = generate.strings();
    std::string bytes;
    ByteWriter out(bytes);
    encode_strings(values.bytes, values.ends, kCodecs[seed % kCodecs.size()], out);
    ByteReader in(bytes);
    const auto back = decode_strings(in, values.ends.size(), kMaxBytes);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    ASSERT_EQ(back->bytes, values.bytes) << "seed " << seed;
    ASSERT_EQ(back->ends, values.ends) << "seed " << seed;
    ASSERT_TRUE(in.done()) << "seed " << seed;
  }
}

TEST(ColumnPropertyTest, RepeatedValuesAreSmall) {
  Strings values;
  for (int i = 0; i < 1000; ++i) {
    values.bytes += i % 2 == 0 ? "GET" : "POST";
    values.ends.push_back(static_cast<std::uint32_t>(values.bytes.size()));
  }
  std::string bytes;
  ByteWriter out(bytes);
  encode_strings(values.bytes, values.ends, TextCodec::zstd(1), out);
  EXPECT_LT(bytes.size(), 150U);
}

TEST(ColumnPropertyTest, DamagedColumnsNeverCrash) {
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    Generator generate(seed);
    const Strings values = generate.strings();
    std::string bytes;
    ByteWriter out(bytes);
    encode_strings(values.bytes, values.ends, kCodecs[seed % kCodecs.size()], out);
    generate.damage(bytes);
    ByteReader in(bytes);
    const auto back = decode_strings(in, values.ends.size(), kMaxBytes);
    if (back.has_value()) {
      ASSERT_EQ(back->ends.size(), values.ends.size());
      ASSERT_LE(back->bytes.size(), kMaxBytes);
    }
  }
}

}  // namespace
}  // namespace livedata::encoding
