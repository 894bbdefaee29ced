#include "archive/manifest/archive_manifest.h"

#include <gtest/gtest.h>

namespace livedata::archive {
namespace {

ArchiveManifest example() {
  ArchiveManifest manifest;
  manifest.next_file = 3;
  FileEntry& file = manifest.files.emplace_back();
  file.key = file_key("2026-01-02", "logs", "a1-000001");
  file.rows = 5;
  file.bytes = 1234;
  file.crc32c = 0xFFFFFFFF;
  file.min_timestamp = -7;
  file.max_timestamp = 1'767'312'000'000'000'000;
  file.delete_horizon = 2;
  file.native = {"20260102T000000Z/x.seg"};
  storage::ColumnNames& names = file.census.groups[""];
  names.rows = 5;
  names.labels = {{"app", 5}};
  names.fields = {{{"status", FieldType::kInt64}, 4}, {{"status", FieldType::kString}, 1}};
  manifest.archived_segments["2026-01-02"] = {"20260102T000000Z/x.seg"};
  return manifest;
}

TEST(ArchiveManifestTest, ComesBackAsItWas) {
  const auto decoded = decode_manifest(encode_manifest(example()));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(encode_manifest(*decoded), encode_manifest(example()));
  const FileEntry& file = decoded->files.front();
  EXPECT_EQ(file.day(), "2026-01-02");
  EXPECT_EQ(file.source(), "logs");
  EXPECT_EQ(file.min_timestamp, -7);
  EXPECT_EQ(file.crc32c, 0xFFFFFFFF);
  EXPECT_EQ(file.census.groups.at("").fields.at({"status", FieldType::kString}), 1U);
}

TEST(ArchiveManifestTest, RefusesWhatIsNoManifest) {
  const std::string good = encode_manifest(example());
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  EXPECT_FALSE(decode_manifest(""));
  EXPECT_FALSE(decode_manifest("[]"));
  EXPECT_FALSE(decode_manifest("{}"));
  EXPECT_FALSE(decode_manifest(good.substr(0, good.size() / 2)));
  EXPECT_FALSE(decode_manifest(replaced("day=2026-01-02/source=logs", "../../source=logs")));
  EXPECT_FALSE(decode_manifest(replaced("part-a1", "part-../a1")));
  EXPECT_FALSE(decode_manifest(replaced("\"rows\": 5", "\"rows\": -5")));
  EXPECT_FALSE(decode_manifest(replaced("\"min_time\": -7", "\"min_time\": 1.5")));
  const auto later = decode_manifest(replaced("\"version\": 1", "\"version\": 9"));
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, ErrorCode::kUnsupported);
}

TEST(ArchiveManifestTest, KnowsTheKeysOfFiles) {
  EXPECT_TRUE(is_file_key("day=2026-01-02/source=logs/part-a-1.parquet"));
  for (const char* key :
       {"", "day=2026-01-02", "day=2026-01-02/source=logs/part-.parquet",
        "day=2026-1-2/source=logs/part-a.parquet", "day=2026-01-02/source=/part-a.parquet",
        "day=2026-01-02/source=a/b/part-a.parquet", "day=2026-01-02/part-a/source=b.parquet",
        "day=2026-01-02/source=logs/part-a.parquet.index", "/part-/source=.parquet",
        "day=/source=/part-.parquet"})
    EXPECT_FALSE(is_file_key(key)) << key;
}

}  // namespace
}  // namespace livedata::archive
