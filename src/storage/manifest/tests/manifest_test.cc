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
    return {"20260102T030000Z/s" + std::to_string(n) + ".seg", 3600, 1000, 10, 5, 9};
  }

  PosixFileSystem files_;
  Path folder_;
};

TEST_F(ManifestTest, StartsEmpty) { EXPECT_EQ(open().state(), ManifestState()); }

TEST_F(ManifestTest, RemembersEditsOverRestarts) {
  {
    Manifest manifest = open();
    ASSERT_TRUE(manifest.apply({segment(1)}, 2, 5));
    ASSERT_TRUE(manifest.apply({segment(2), segment(3)}, 4, 7));
  }
  const ManifestState expected{{segment(1), segment(2), segment(3)}, 4, 7};
  EXPECT_EQ(*Manifest::read(files_, path()), expected);
  EXPECT_EQ(open().state(), expected);
  EXPECT_EQ(open().state(), expected);  // rewritten once more
}

TEST_F(ManifestTest, ATornEditNeverHappened) {
  {
    Manifest manifest = open();
    ASSERT_TRUE(manifest.apply({segment(1)}, 2, 5));
  }
  const auto before = std::filesystem::file_size(path());
  {
    auto log = record_log::RecordLogWriter::open(files_, path(), before);
    std::string record;
    record_log::append_record(encode_edit({"node-a", 9, 9, {segment(8)}}), record);
    record.pop_back();
    ASSERT_TRUE(log->write(record));
  }
  EXPECT_EQ(open().state(), (ManifestState{{segment(1)}, 2, 5}));
}

TEST_F(ManifestTest, DamageInsideIsAnErrorAndNotALoss) {
  {
    Manifest manifest = open();
    ASSERT_TRUE(manifest.apply({segment(1)}, 2, 5));
    ASSERT_TRUE(manifest.apply({segment(2)}, 3, 6));
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
    EXPECT_FALSE(decode_edit(encode_edit({"n", 1, 1, {meta}})).has_value()) << file;
  }
}

}  // namespace
}  // namespace livedata::storage
