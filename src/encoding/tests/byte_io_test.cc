#include <limits>

#include <gtest/gtest.h>

#include "encoding/bit_packing.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

namespace livedata::encoding {
namespace {

TEST(ByteIoTest, ReadsBackWhatWasWritten) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(7);
  out.u32(0x01020304);
  out.u64(std::numeric_limits<std::uint64_t>::max());
  out.varint(300);
  out.signed_varint(std::numeric_limits<std::int64_t>::min());
  out.string("line\0two");
  ByteReader in(bytes);
  EXPECT_EQ(in.u8(), 7);
  EXPECT_EQ(in.u32(), 0x01020304U);
  EXPECT_EQ(in.u64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(in.varint(), 300U);
  EXPECT_EQ(in.signed_varint(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(in.string(), std::string_view("line\0two"));
  EXPECT_TRUE(in.done());
}

TEST(ByteIoTest, FixedIntegersAreLittleEndian) {
  std::string bytes;
  ByteWriter(bytes).u32(0x01020304);
  EXPECT_EQ(bytes, std::string("\x04\x03\x02\x01"));
}

TEST(ByteReaderTest, FailsForGoodPastTheEnd) {
  ByteReader in("ab");
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_FALSE(in.done());
}

TEST(ByteReaderTest, RefusesVarintOfMoreThan64Bits) {
  ByteReader in(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
  in.varint();
  EXPECT_FALSE(in.ok());
}

TEST(ByteReaderTest, RefusesCountThatTheInputCannotHold) {
  std::string bytes;
  ByteWriter(bytes).varint(1'000'000'000);
  ByteReader in(bytes);
  EXPECT_EQ(in.count(), 0U);
  EXPECT_FALSE(in.ok());
}

TEST(BitPackingTest, RoundTripsEveryWidth) {
  for (unsigned width = 0; width <= 64; ++width) {
    std::vector<std::uint64_t> values;
    const std::uint64_t mask = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
    for (std::uint64_t i = 0; i < 77; ++i) values.push_back((i * 0x9E3779B97F4A7C15ULL) & mask);
    std::string packed;
    pack_bits(values, width, packed);
    ASSERT_EQ(packed.size(), packed_size(values.size(), width));
    std::vector<std::uint64_t> back(values.size());
    unpack_bits(packed, width, back);
    EXPECT_EQ(back, values) << "width " << width;
  }
}

}  // namespace
}  // namespace livedata::encoding
