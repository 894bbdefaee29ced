#include "storage/manifest/manifest.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace livedata::storage {
namespace {

class ManifestTest : public testing::Test {
 protected:
  ManifestTest() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~ManifestTest() override { std::filesystem::remove_all(folder_); }

  Path path() const { return folder_ / "MANIFEST"; }
  Manifest open() {
    auto manifest = Manifest::open(files_, path(), "node-a");
    EXPECT_TRUE(manifest.has_value()) << (manifest ? "" : manifest.error().message);
    return *std::move(manifest);
  }
  static SegmentMeta segment(int n) {
    return {.file = "20260102T030000Z/s" + std::to_string(n) + ".seg",
            .window_start = 3600,
            .window_end = 7200,
            .file_bytes = 1000,
            .num_rows = 10,
            .min_timestamp = 5,
            .max_timestamp = 9,
            .tier = Tier::kWarm,
            .created = 77,
            .delete_horizon = 3};
  }
  static ManifestEdit adding(std::vector<SegmentMeta> segments, std::uint64_t next_segment,
                             std::uint64_t wal_start) {
    return {.next_segment = next_segment, .wal_start = wal_start, .added = std::move(segments)};
  }

  PosixFileSystem files_;
  Path folder_;
};

void expect_state(const ManifestState& state, const std::vector<SegmentMeta>& segments,
                  std::uint64_t next_segment, std::uint64_t wal_start) {
  EXPECT_EQ(state.segments, segments);
  EXPECT_EQ(state.next_segment, next_segment);
  EXPECT_EQ(state.wal_start, wal_start);
}

TEST_F(ManifestTest, StartsEmpty) { expect_state(open().state(), {}, 1, 1); }

TEST_F(ManifestTest, RemembersEditsOverRestarts) {
  {
    Manifest manifest = open();
    ASSERT_TRUE(manifest.apply(adding({segment(1)}, 2, 5)));
    ASSERT_TRUE(manifest.apply(adding({segment(2), segment(3)}, 4, 7)));
  }
  const std::vector<SegmentMeta> expected{segment(1), segment(2), segment(3)};
  expect_state(*Manifest::read(files_, path()), expected, 4, 7);
  expect_state(open().state(), expected, 4, 7);
  expect_state(open().state(), expected, 4, 7);  // rewritten once more
}

TEST_F(ManifestTest, SegmentsAreReplacedInOneEdit) {
  Manifest manifest = open();
  ASSERT_TRUE(manifest.apply(adding({segment(1), segment(2), segment(3)}, 4, 7)));
  ASSERT_TRUE(manifest.apply(
      {.next_segment = 5, .removed = {segment(1).file, segment(3).file}, .added = {segment(4)}}));
  expect_state(manifest.state(), {segment(2), segment(4)}, 5, 7);
  expect_state(*Manifest::read(files_, path()), {segment(2), segment(4)}, 5, 7);
}

TEST_F(ManifestTest, KeepsDeleteRequestsUntilTheyAreCancelled) {
  Manifest manifest = open();
  DeleteRequest request{.id = 1, .created = 5, .range = {10, 20}, .query = R"({a="b"} |= "x")"};
  request.matchers.push_back(*LabelMatcher::make("a", MatchOp::kEqual, "b"));
  request.lines.push_back(*LineCondition::make(LineCondition::Op::kContains, "x"));
  DeleteRequest second = request;
  second.id = 2;
  ASSERT_TRUE(manifest.apply({.requests = {request, second}}));
  second.is_processed = true;
  ASSERT_TRUE(manifest.apply({.requests = {second}, .cancelled = {1}}));
  const ManifestState state = *Manifest::read(files_, path());
  ASSERT_EQ(state.requests.size(), 1U);
  const DeleteRequest& read = state.requests.front();
  EXPECT_EQ(read.id, 2U);
  EXPECT_TRUE(read.is_processed);
  EXPECT_EQ(read.range, (TimeRange{10, 20}));
  EXPECT_EQ(read.query, request.query);
  EXPECT_EQ(read.matchers.front().value(), "b");
  EXPECT_TRUE(read.matches_line("axb"));
  EXPECT_FALSE(read.matches_line("ab"));
}

TEST_F(ManifestTest, TheLogDoesNotGrowForEver) {
  Manifest manifest = open();
  for (std::uint64_t i = 0; i < 8'000; ++i) {
    ASSERT_TRUE(manifest.apply(adding({segment(1)}, i + 2, i + 1)));
    ASSERT_TRUE(manifest.apply({.removed = {segment(1).file}}));
  }
  EXPECT_LT(std::filesystem::file_size(path()), 1'100'000U);
}

TEST_F(ManifestTest, ATornEditNeverHappened) {
  {
    Manifest manifest = open();
    ASSERT_TRUE(manifest.apply(adding({segment(1)}, 2, 5)));
  }
  const auto before = std::filesystem::file_size(path());
  {
    auto log = record_log::RecordLogWriter::open(files_, path(), before);
    std::string record;
    record_log::append_record(encode_edit(adding({segment(8)}, 9, 9)), record);
    record.pop_back();
    ASSERT_TRUE(log->write(record));
  }
  expect_state(open().state(), {segment(1)}, 2, 5);
}

TEST_F(ManifestTest, DamageInsideIsAnErrorAndNotALoss) {
  {
    Manifest manifest = open();
    ASSERT_TRUE(manifest.apply(adding({segment(1)}, 2, 5)));
    ASSERT_TRUE(manifest.apply(adding({segment(2)}, 3, 6)));
  }
  std::fstream(path(), std::ios::in | std::ios::out | std::ios::binary).seekp(40).put('\x7f');
  const auto manifest = Manifest::open(files_, path(), "node-a");
  ASSERT_FALSE(manifest.has_value());
  EXPECT_EQ(manifest.error().code, ErrorCode::kCorrupt);
}

TEST(ManifestEditTest, RefusesFilesOutsideOfTheFolder) {
  for (const char* file :
       {"../x/y.seg", "/etc/passwd", "a/../b.seg", "a.seg", "a/b/c.seg", "w/s.txt"}) {
    SegmentMeta meta;
    meta.file = file;
    EXPECT_FALSE(decode_edit(encode_edit({.added = {meta}})).has_value()) << file;
  }
}

}  // namespace
}  // namespace livedata::storage
