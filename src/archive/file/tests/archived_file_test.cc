#include <gtest/gtest.h>

#include "archive/file/file_index.h"

namespace livedata::archive {
namespace {

using storage::segment::BlockEntry;
using storage::segment::PartKind;

FileIndex example() {
  FileIndex index;
  index.columns = {{"app", true, "app", FieldType::kString},
                   {"status", false, "status", FieldType::kInt64}};
  std::vector<StreamRef> streams;
  for (const char* app : {"a", "b"})
    streams.push_back(std::make_shared<const Stream>(Labels(std::vector<Label>{{"app", app}})));
  auto& metadata = index.metadata;
  for (const StreamRef& stream : streams)
    metadata.streams.push_back(
        {.stream = stream, .num_rows = 5, .min_timestamp = 1, .max_timestamp = 9});
  metadata.postings = storage::LabelPostings::build(streams);
  for (std::uint64_t first : {0U, 5U}) {
    BlockEntry& block = metadata.blocks.emplace_back();
    block.offset = first;
    block.num_rows = 5;
    block.max_timestamp = 9;
    block.last_stream = 1;
    block.parts.push_back({.kind = PartKind::kField, .field = "status", .type = FieldType::kInt64});
  }
  encoding::GramFilterBuilder grams;
  grams.add("hello");
  metadata.grams = grams.finish(0.5);
  return index;
}

TEST(FileIndexTest, ComesBackAsItWas) {
  const std::string bytes = encode_index(example());
  const auto decoded = decode_index(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(encode_index(*decoded), bytes);
  EXPECT_EQ(decoded->columns, example().columns);
  EXPECT_EQ(decoded->metadata.blocks[1].offset, 5U);
  EXPECT_TRUE(decoded->metadata.grams->may_contain("hello"));
}

TEST(FileIndexTest, FindsEveryDamagedByte) {
  const std::string good = encode_index(example());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x55);
    EXPECT_FALSE(decode_index(bad)) << i;
    EXPECT_FALSE(decode_index(good.substr(0, i))) << i;
  }
}

TEST(FileIndexTest, RefusesBlocksThatDoNotFollowEachOther) {
  FileIndex index = example();
  index.metadata.blocks[1].offset = 6;
  EXPECT_FALSE(decode_index(encode_index(index)));
  index = example();
  index.metadata.blocks[1].last_stream = 2;
  EXPECT_FALSE(decode_index(encode_index(index)));
}

}  // namespace
}  // namespace livedata::archive
