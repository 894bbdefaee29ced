#include "archive/object_store/cached_store.h"

#include <map>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "archive/object_store/piece_file.h"
#include "base/testing/simulated_disk.h"

namespace livedata::archive {
namespace {

/// Objects in memory; counts the reads, and fails them when told to.
class MemoryStore final : public ObjectStore {
 public:
  Result<void> put_file(std::string_view, const Path&, const Deadline&) override {
    return fail(ErrorCode::kUnsupported, "no files");
  }
  Result<void> put(std::string_view key, std::string_view bytes, const Deadline&) override {
    objects[std::string(key)] = bytes;
    return {};
  }
  Result<std::string> get(std::string_view key, std::size_t, const Deadline&) override {
    return objects.at(std::string(key));
  }
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<char> target,
                           const Deadline&) override {
    ++num_reads;
    if (is_down) return fail(ErrorCode::kUnavailable, "down");
    const auto found = objects.find(key);
    if (found == objects.end()) return fail(ErrorCode::kNotFound, "no {}", key);
    if (offset >= found->second.size()) return std::size_t{0};
    return found->second.copy(target.data(), target.size(), offset);
  }
  Result<Object> stat(std::string_view key, const Deadline&) override {
    return Object{std::string(key), objects.at(std::string(key)).size()};
  }
  Result<std::vector<Object>> list(std::string_view, const Deadline&) override {
    return std::vector<Object>();
  }
  Result<void> remove(std::string_view key, const Deadline&) override {
    objects.erase(std::string(key));
    return {};
  }

  std::map<std::string, std::string, std::less<>> objects;
  std::atomic<int> num_reads = 0;
  std::atomic<bool> is_down = false;
};

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

class CachedStoreTest : public testing::Test {
 protected:
  CachedStoreTest() : disk_(1), files_(disk_.mount()) { restart(); }

  void restart(std::uint64_t max_bytes = 16 * kPieceBytes) {
    std::map<std::string, std::string, std::less<>> objects;
    if (inner_ != nullptr) objects = inner_->objects;
    store_.reset();
    auto inner = std::make_unique<MemoryStore>();
    inner->objects = std::move(objects);
    inner_ = inner.get();
    store_ = std::make_unique<CachedStore>(std::move(inner), *files_,
                                           CachedStore::Options{"/cache", max_bytes});
  }
  std::string read(const std::string& key, std::uint64_t offset, std::size_t size) {
    std::string target(size, '\0');
    const auto num_read = store_->read(key, offset, target, Deadline());
    if (!num_read) return fmt::format("error: {}", name(num_read.error().code));
    return target.substr(0, *num_read);
  }
  [[nodiscard]] std::vector<Path> pieces() const {
    std::vector<Path> found;
    for (const Path& path : disk_.files()) {
      if (path.parent_path().filename() == "pieces") found.push_back(path);
    }
    return found;
  }

  SimulatedDisk disk_;
  std::shared_ptr<FileSystem> files_;
  MemoryStore* inner_ = nullptr;
  std::unique_ptr<CachedStore> store_;
};

TEST_F(CachedStoreTest, ReadsTwiceAndAsksOnce) {
  inner_->objects["k"] = random_bytes(3 * kPieceBytes + 5, 1);
  const std::string& whole = inner_->objects["k"];
  EXPECT_EQ(read("k", 10, 2 * kPieceBytes), whole.substr(10, 2 * kPieceBytes));
  EXPECT_EQ(inner_->num_reads, 1);
  inner_->is_down = true;
  EXPECT_EQ(read("k", 0, 3 * kPieceBytes), whole.substr(0, 3 * kPieceBytes));
  EXPECT_EQ(read("k", 3 * kPieceBytes, 5), "error: unavailable");
  inner_->is_down = false;
  EXPECT_EQ(read("k", kPieceBytes, 9 * kPieceBytes), whole.substr(kPieceBytes));
  EXPECT_EQ(read("k", whole.size(), 5), "");
  EXPECT_EQ(read("k", whole.size() + 7 * kPieceBytes, 5), "");
  EXPECT_EQ(read("k", 0, 0), "");
  EXPECT_EQ(read("absent", 0, 5), "error: not_found");
  EXPECT_EQ(store_->counts().error, "");
}

TEST_F(CachedStoreTest, StaysBelowItsBoundAndKeepsWhatWasUsedLast) {
  for (const char* key : {"a", "b", "c", "d"}) inner_->objects[key] = random_bytes(kPieceBytes, 2);
  restart(3 * kPieceBytes + 1'000);
  for (const char* key : {"a", "b", "c", "a", "d"}) read(key, 0, 10);
  EXPECT_LE(store_->counts().bytes, 3 * kPieceBytes + 1'000);
  EXPECT_EQ(pieces().size(), 3U);
  inner_->num_reads = 0;
  for (const char* key : {"a", "c", "d"}) read(key, 0, 10);
  EXPECT_EQ(inner_->num_reads, 0);
  read("b", 0, 10);
  EXPECT_EQ(inner_->num_reads, 1);
}

TEST_F(CachedStoreTest, OutlivesARestartWithItsOrder) {
  for (const char* key : {"a", "b", "c", "d"}) inner_->objects[key] = random_bytes(kPieceBytes, 3);
  for (const char* key : {"a", "b", "c", "a"}) read(key, 0, 10);
  restart(3 * kPieceBytes + 1'000);
  read("d", 0, 10);  // in place of b
  inner_->num_reads = 0;
  for (const char* key : {"a", "c", "d"}) read(key, 0, 10);
  EXPECT_EQ(inner_->num_reads, 0);
  restart(1'000);  // smaller than it was
  EXPECT_EQ(read("a", 0, 10), inner_->objects["a"].substr(0, 10));
  EXPECT_TRUE(pieces().empty());
  EXPECT_EQ(store_->counts().not_stored, 1U);
}

TEST_F(CachedStoreTest, ADamagedPieceIsReadAgain) {
  inner_->objects["k"] = random_bytes(1'000, 4);
  for (const std::uint64_t offset : {0U, 5U, 9U, 13U, 21U, 500U}) {
    const std::string before = read("k", 0, 1'000);
    ASSERT_EQ(pieces().size(), 1U);
    disk_.damage(pieces()[0], offset);
    EXPECT_EQ(read("k", 0, 1'000), inner_->objects["k"]) << offset;
  }
  EXPECT_EQ(store_->counts().damaged, 6U);
  ASSERT_TRUE(files_->truncate(pieces()[0], 20));
  EXPECT_EQ(read("k", 0, 1'000), inner_->objects["k"]);
}

TEST_F(CachedStoreTest, AnObjectThatIsPutOrRemovedIsForgotten) {
  ASSERT_TRUE(store_->put("k", "old", Deadline()));
  ASSERT_TRUE(store_->put("other", "other", Deadline()));
  EXPECT_EQ(read("k", 0, 10), "old");
  EXPECT_EQ(read("other", 0, 10), "other");
  ASSERT_TRUE(store_->put("k", "new one", Deadline()));
  EXPECT_EQ(read("k", 0, 10), "new one");
  ASSERT_TRUE(store_->remove("k", Deadline()));
  EXPECT_EQ(read("k", 0, 10), "error: not_found");
  EXPECT_EQ(pieces().size(), 1U);
}

TEST_F(CachedStoreTest, ADiskThatIsFullCostsSpeedOnly) {
  inner_->objects["k"] = random_bytes(1'000, 5);
  disk_.set_capacity(100);
  EXPECT_EQ(read("k", 0, 1'000), inner_->objects["k"]);
  EXPECT_EQ(read("k", 0, 1'000), inner_->objects["k"]);
  EXPECT_EQ(store_->counts().not_stored, 2U);
}

TEST_F(CachedStoreTest, AFolderThatAnotherOneUsesIsLeftAlone) {
  inner_->objects["k"] = "bytes";
  EXPECT_EQ(read("k", 0, 10), "bytes");
  auto inner = std::make_unique<MemoryStore>();
  inner->objects["k"] = "other";
  CachedStore second(std::move(inner), *files_, {"/cache"});
  std::string target(10, '\0');
  EXPECT_EQ(*second.read("k", 0, target, Deadline()), 5U);
  EXPECT_EQ(target.substr(0, 5), "other");
  EXPECT_NE(second.counts().error, "");
}

TEST_F(CachedStoreTest, OpensItsFolderWithTheFirstRead) {
  EXPECT_TRUE(disk_.files().empty());
  inner_->objects["k"] = "bytes";
  EXPECT_EQ(*store_->get("k", 10, Deadline()), "bytes");
  EXPECT_TRUE(disk_.files().empty());
}

/// Whatever happens to the folder, what is read is what is there.
TEST(CachedStorePropertyTest, ReadsWhatTheOtherStoreHas) {
  for (unsigned seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(seed);
    SimulatedDisk disk(seed);
    std::mt19937 random(seed);
    std::map<std::string, std::string, std::less<>> objects;
    for (const char* key : {"a", "b", "c"})
      objects[key] = random_bytes(random() % (3 * kPieceBytes), seed);
    for (int life = 0; life < 3; ++life) {
      const auto files = disk.mount();
      auto inner = std::make_unique<MemoryStore>();
      inner->objects = objects;
      auto store = std::make_unique<CachedStore>(
          std::move(inner), *files, CachedStore::Options{"/c", (random() % 5) * kPieceBytes});
      for (int n = 0; n < 20; ++n) {
        const std::string key(1, static_cast<char>('a' + random() % 3));
        const std::uint64_t offset = random() % (3 * kPieceBytes);
        std::string target(random() % 10 == 0 ? 2 * kPieceBytes : random() % 5'000, '\0');
        const auto size = store->read(key, offset, target, Deadline());
        ASSERT_TRUE(size.has_value());
        const std::string& whole = objects[key];
        ASSERT_EQ(target.substr(0, *size),
                  whole.substr(std::min<std::size_t>(offset, whole.size()), target.size()));
        const auto paths = disk.files();
        if (!paths.empty() && random() % 4 == 0) {
          const Path& path = paths[random() % paths.size()];
          if (const auto file = files->open(path); file && (*file)->size() > 0)
            disk.damage(path, random() % (*file)->size());
        }
      }
      if (random() % 2 == 0) disk.crash();
    }
  }
}

TEST_F(CachedStoreTest, ManyThreadsReadTheSame) {
  inner_->objects["k"] = random_bytes(4 * kPieceBytes, 6);
  restart(2 * kPieceBytes + 1'000);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      std::mt19937 random(t);
      for (int n = 0; n < 30; ++n) {
        const std::uint64_t offset = random() % (4 * kPieceBytes);
        EXPECT_EQ(read("k", offset, 1'000), inner_->objects["k"].substr(offset, 1'000));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(store_->counts().bytes, 2 * kPieceBytes + 1'000);
}

}  // namespace
}  // namespace livedata::archive
