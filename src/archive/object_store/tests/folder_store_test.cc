#include "archive/object_store/folder_store.h"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "archive/object_store/object_key.h"
#include "base/testing/simulated_disk.h"

namespace livedata::archive {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> keys(const Result<std::vector<ObjectStore::Object>>& objects) {
  EXPECT_TRUE(objects.has_value());
  std::vector<std::string> names;
  for (const auto& object : objects.value_or(std::vector<ObjectStore::Object>()))
    names.push_back(object.key);
  return names;
}

class FolderStoreTest : public testing::Test {
 protected:
  FolderStoreTest() {
    folder_ = Path(testing::TempDir()) /
              fmt::format("folder_store_{}", testing::UnitTest::GetInstance()->random_seed()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~FolderStoreTest() override { std::filesystem::remove_all(folder_); }

  PosixFileSystem files_;
  Path folder_;
  Deadline forever_;
};

TEST_F(FolderStoreTest, ReadsWhatWasPut) {
  FolderStore store(files_, folder_ / "archive");
  ASSERT_TRUE(store.put("a/day=1/x.parquet", "0123456789", forever_));
  EXPECT_EQ(*store.get("a/day=1/x.parquet", 10, forever_), "0123456789");
  EXPECT_EQ(store.get("a/day=1/x.parquet", 9, forever_).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(store.stat("a/day=1/x.parquet", forever_)->bytes, 10U);
  std::string part(4, '\0');
  EXPECT_EQ(*store.read("a/day=1/x.parquet", 3, part, forever_), 4U);
  EXPECT_EQ(part, "3456");
  EXPECT_EQ(*store.read("a/day=1/x.parquet", 8, part, forever_), 2U);
  EXPECT_EQ(part.substr(0, 2), "89");
  EXPECT_EQ(*store.read("a/day=1/x.parquet", 10, part, forever_), 0U);
  EXPECT_EQ(*store.read("a/day=1/x.parquet", 1'000, part, forever_), 0U);
}

TEST_F(FolderStoreTest, PutsAFileInPlaceOfAnotherObject) {
  FolderStore store(files_, folder_ / "archive");
  ASSERT_TRUE(store.put("k", "old", forever_));
  std::string large(3'500'000, '\0');
  std::mt19937 random(1);
  for (char& c : large) c = static_cast<char>(random());
  ASSERT_TRUE(write_atomically(files_, folder_ / "source", large));
  ASSERT_TRUE(store.put_file("k", folder_ / "source", forever_));
  EXPECT_EQ(*store.get("k", large.size(), forever_), large);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "source"));
  EXPECT_THAT(*files_.list(folder_ / "archive" / ".unfinished"), IsEmpty());
  struct stat status{};
  ASSERT_EQ(::stat((folder_ / "archive" / "k").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0137U, 0U);  // 0640 at most, whatever the umask is
}

TEST_F(FolderStoreTest, ListsByPrefixInOrderOfKeys) {
  FolderStore store(files_, folder_ / "archive");
  EXPECT_THAT(keys(store.list("", forever_)), IsEmpty());
  for (const char* key : {"b/2", "a/1/x", "a/10/y", "a/1", "ab", "a-b/z"}) {
    if (std::string_view(key) == "a/1") continue;  // a folder by now
    ASSERT_TRUE(store.put(key, "1", forever_)) << key;
  }
  EXPECT_THAT(keys(store.list("", forever_)), ElementsAre("a-b/z", "a/1/x", "a/10/y", "ab", "b/2"));
  EXPECT_THAT(keys(store.list("a", forever_)), ElementsAre("a-b/z", "a/1/x", "a/10/y", "ab"));
  EXPECT_THAT(keys(store.list("a/", forever_)), ElementsAre("a/1/x", "a/10/y"));
  EXPECT_THAT(keys(store.list("a/1", forever_)), ElementsAre("a/1/x", "a/10/y"));
  EXPECT_THAT(keys(store.list("a/1/", forever_)), ElementsAre("a/1/x"));
  EXPECT_THAT(keys(store.list("a/1/x", forever_)), ElementsAre("a/1/x"));
  EXPECT_THAT(keys(store.list("c/1", forever_)), IsEmpty());
  EXPECT_THAT(keys(store.list("ab/", forever_)), IsEmpty());
}

TEST_F(FolderStoreTest, AFolderIsNoObject) {
  FolderStore store(files_, folder_ / "archive");
  ASSERT_TRUE(store.put("a/b", "1", forever_));
  std::string part(1, '\0');
  EXPECT_EQ(store.stat("a", forever_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store.get("a", 10, forever_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store.read("a", 0, part, forever_).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store.remove("a", forever_));
  EXPECT_FALSE(store.put("a", "x", forever_));
  EXPECT_EQ(*store.get("a/b", 10, forever_), "1");
}

TEST_F(FolderStoreTest, RemovesOnceAndTwice) {
  FolderStore store(files_, folder_ / "archive");
  EXPECT_TRUE(store.remove("a", forever_));
  ASSERT_TRUE(store.put("a", "1", forever_));
  ASSERT_TRUE(store.put("b", "1", forever_));
  EXPECT_TRUE(store.remove("a", forever_));
  EXPECT_TRUE(store.remove("a", forever_));
  EXPECT_EQ(store.stat("a", forever_).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(keys(store.list("", forever_)), ElementsAre("b"));
}

TEST_F(FolderStoreTest, OneStoreWritesAndOthersRead) {
  FolderStore first(files_, folder_ / "archive");
  FolderStore second(files_, folder_ / "archive");
  ASSERT_TRUE(first.put("a", "1", forever_));
  EXPECT_EQ(*second.get("a", 10, forever_), "1");
  EXPECT_EQ(second.put("b", "2", forever_).error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(keys(second.list("", forever_)), ElementsAre("a"));
}

TEST_F(FolderStoreTest, EndsWhenItIsCancelled) {
  FolderStore store(files_, folder_ / "archive");
  const Deadline cancelled;
  cancelled.cancel();
  EXPECT_EQ(store.put("a", "1", cancelled).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(store.list("", cancelled).error().code, ErrorCode::kCancelled);
  EXPECT_THAT(keys(store.list("", forever_)), IsEmpty());
}

TEST(ObjectKeyTest, RefusesWhatCouldLeaveTheFolder) {
  for (const char* key : {"", "/", "a/", "/a", "a//b", ".", "..", "a/../b", ".unfinished/1", "a/.b",
                          "a b", "a\\b", "a%2e", "ä", "a:b", "a\n"}) {
    EXPECT_FALSE(check_key(key)) << key;
  }
  EXPECT_FALSE(check_key(std::string_view("a\0b", 3)));
  EXPECT_FALSE(check_key(std::string(201, 'a')));
  std::string long_key(199, 'a');
  while (long_key.size() < 1'000) long_key += "/" + std::string(199, 'b');
  EXPECT_TRUE(check_key(long_key.substr(0, 999)));
  EXPECT_FALSE(check_key(long_key + "/" + std::string(199, 'b')));
  for (const char* key : {"a", "tenant/day=2026-01-02/source=logs/part-1.parquet", "A_/z..9"}) {
    EXPECT_TRUE(check_key(key)) << key;
  }
  for (const char* prefix : {"", "a", "a/", "a/b"}) EXPECT_TRUE(check_prefix(prefix)) << prefix;
  for (const char* prefix : {"/", "a//", "../", "a/."})
    EXPECT_FALSE(check_prefix(prefix)) << prefix;
}

/// What is acknowledged outlives a crash at any point and any failing call; what is not is there
/// whole or not at all.
TEST(FolderStorePropertyTest, ObjectsAreWholeAfterACrash) {
  using Operation = SimulatedDisk::Operation;
  constexpr std::array kOperations = {Operation::kAppend, Operation::kSync,
                                      Operation::kCreate, Operation::kRename,
                                      Operation::kRemove, Operation::kSyncFolder};
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    SimulatedDisk disk(seed);
    std::mt19937_64 random(seed);
    std::map<std::string, std::string> certain;             // acknowledged
    std::map<std::string, std::set<std::string>> possible;  // "" stands for: not there
    for (int life = 0; life < 3; ++life) {
      const auto files = disk.mount();
      FolderStore store(*files, "/archive");
      if (random() % 2 == 0) {
        disk.fail_once(kOperations.at(random() % kOperations.size()), ErrorCode::kIoError,
                       random() % 12);
      }
      for (std::uint64_t n = random() % 6; n > 0; --n) {
        const std::string key = fmt::format("d{}/k{}", random() % 2, random() % 3);
        const std::string old = certain.contains(key) ? certain[key] : "";
        const bool removes = random() % 4 == 0;
        const std::string bytes =
            removes ? "" : fmt::format("{}:{}", random(), std::string(random() % 50, 'x'));
        const auto outcome =
            removes ? store.remove(key, Deadline()) : store.put(key, bytes, Deadline());
        if (outcome) {
          certain[key] = bytes;
          possible.erase(key);
        } else {
          possible[key].insert({bytes, old});
        }
      }
      disk.crash();
      const auto after = disk.mount();
      FolderStore reader(*after, "/archive");
      for (auto& [key, bytes] : certain) {
        const auto read = reader.get(key, 1'000, Deadline());
        const std::string found = read ? *read : "";
        if (possible.contains(key)) {
          EXPECT_TRUE(possible[key].contains(found) || found == bytes) << key << " " << found;
        } else {
          EXPECT_EQ(found, bytes) << key;
        }
        bytes = found;
      }
      for (const auto& [key, choices] : possible) {
        const auto read = reader.get(key, 1'000, Deadline());
        const std::string found = read ? *read : "";
        EXPECT_TRUE(choices.contains(found)) << key << " " << found;
        certain[key] = found;
      }
      possible.clear();
      const auto listed = reader.list("", Deadline());
      ASSERT_TRUE(listed.has_value());
      for (const auto& object : *listed) EXPECT_EQ(certain[object.key].size(), object.bytes);
    }
  }
}

}  // namespace
}  // namespace livedata::archive
