// A data folder is damaged at random places: checking finds it, and repairing keeps everything but
// the blocks that were hit.
#include "storage/check/store_check.h"

#include <set>

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "base/testing/simulated_disk.h"
#include "storage/store.h"
#include "storage/testing/random_records.h"

namespace livedata::storage {
namespace {

constexpr TimestampNs kStart = 1'700'000'000 * kNsPerSecond;

class StoreCheckTest : public testing::Test {
 protected:
  StoreCheckTest() {
    options_.data_folder = "/data";
    options_.block_bytes = 4_KiB;
    options_.compact_in_background = false;
    options_.retention.max_age = std::chrono::nanoseconds(0);
  }

  std::unique_ptr<Store> open() {
    auto store = Store::open(options_, OpenMode::kReadWrite, *files_, clock_, logger_, metrics_);
    EXPECT_TRUE(store.has_value()) << (store ? "" : store.error().message);
    return store ? *std::move(store) : nullptr;
  }

  void fill(std::size_t batches) {
    const auto store = open();
    for (std::size_t i = 0; i < batches; ++i)
      ASSERT_TRUE(store->append(TenantId::single(), records_.batch(60)));
    ASSERT_TRUE(store->close());
  }

  std::set<PlainRecord> read_all() {
    std::set<PlainRecord> found;
    const auto store = open();
    const auto scan = store->scan(TenantId::single(), {.range = {0, 2 * kStart}});
    for (std::size_t i = 0; i < scan->num_units(); ++i) {
      const auto rows = scan->read(i, Deadline());
      for (const RowIndex row : rows->rows) found.insert(plain_record(*rows->batch, row));
    }
    return found;
  }

  CheckReport check(CheckMode mode) {
    auto report = check_store(*files_, clock_, logger_, metrics_, "/data", mode);
    EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().message);
    return report.value_or(CheckReport());
  }

  /// Files of the tenant that match the suffix.
  std::vector<Path> files_ending(std::string_view suffix) {
    std::vector<Path> out;
    for (const Path& path : disk_.files()) {
      if (path.string().ends_with(suffix)) out.push_back(path);
    }
    return out;
  }

  SimulatedDisk disk_{1};
  std::shared_ptr<FileSystem> files_ = disk_.mount();
  FakeClock clock_{kStart};
  Logger logger_{clock_, static_cast<LogLevel>(4)};
  MetricRegistry metrics_;
  StoreOptions options_;
  RandomRecords records_{7, kStart - 3600 * kNsPerSecond, 3600 * kNsPerSecond};
};

TEST_F(StoreCheckTest, AGoodFolderHasNoFindings) {
  fill(20);
  const CheckReport report = check(CheckMode::kReport);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.rows, 1200U);
}

TEST_F(StoreCheckTest, AnyDamagedByteOfASegmentIsFoundAndCostsAtMostItsBlock) {
  fill(20);
  const auto before = read_all();
  std::mt19937_64 random(3);
  for (int round = 0; round < 60; ++round) {
    const auto segments = files_ending(".seg");
    const Path path = segments[random() % segments.size()];
    const std::string content = *files_->read_all(path);
    disk_.damage(path, random() % content.size());
    ASSERT_EQ(check(CheckMode::kReport).findings.size(), 1U);
    const CheckReport repaired = check(CheckMode::kRepair);
    ASSERT_EQ(repaired.findings.size(), 1U);
    EXPECT_TRUE(repaired.findings.front().repaired);
    ASSERT_TRUE(check(CheckMode::kReport).findings.empty());
    ASSERT_FALSE(files_ending(".damaged").empty());
    const auto after = read_all();
    ASSERT_TRUE(std::includes(before.begin(), before.end(), after.begin(), after.end()));
    // A damaged file header costs the file; a block here holds about 4 KiB of the 200 KiB.
    if (repaired.findings.front().loss.empty()) {
      ASSERT_EQ(after, before);
    }
    // Start the next round from good data.
    for (const Path& file : files_ending(".damaged")) ASSERT_TRUE(files_->remove(file));
    if (after != before) {
      for (const Path& file : disk_.files()) ASSERT_TRUE(files_->remove(file));
      records_ = RandomRecords(7, kStart - 3600 * kNsPerSecond, 3600 * kNsPerSecond);
      fill(20);
      ASSERT_EQ(read_all(), before);
    }
  }
}

TEST_F(StoreCheckTest, ADamagedManifestIsRebuiltFromTheSegments) {
  fill(20);
  const auto before = read_all();
  disk_.damage("/data/tenants/default/MANIFEST", 45);
  EXPECT_FALSE(
      Store::open(options_, OpenMode::kReadWrite, *files_, clock_, logger_, metrics_).has_value());
  EXPECT_EQ(check(CheckMode::kReport).findings.size(), 1U);
  EXPECT_EQ(check(CheckMode::kRepair).findings.size(), 1U);
  EXPECT_TRUE(check(CheckMode::kReport).findings.empty());
  EXPECT_EQ(read_all(), before);
  fill(1);
  EXPECT_EQ(read_all().size(), before.size() + 60);
}

TEST_F(StoreCheckTest, DamageIsFoundInTheBackgroundAndTold) {
  fill(20);
  const auto store = open();
  const auto damaged = [&] {
    return metrics_.counter("livedata_segments_damaged_total", "").value();
  };
  ASSERT_TRUE(store->maintain());
  disk_.damage(files_ending(".seg").front(), 600);
  clock_.advance(std::chrono::hours(24));
  ASSERT_TRUE(store->maintain());
  EXPECT_EQ(damaged(), 0U) << "not due yet";
  clock_.advance(std::chrono::hours(24 * 7));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store->maintain());
  EXPECT_EQ(damaged(), 1U);
}

TEST_F(StoreCheckTest, QueriesGoOnBesideADamagedBlock) {
  fill(20);
  const auto before = read_all();
  const Path path = files_ending(".seg").front();
  disk_.damage(path, 600);  // within the first block's columns
  const auto store = open();
  const auto scan = store->scan(TenantId::single(), {.range = {0, 2 * kStart}});
  std::size_t found = 0;
  for (std::size_t i = 0; i < scan->num_units(); ++i) {
    const auto rows = scan->read(i, Deadline());
    ASSERT_TRUE(rows.has_value());
    found += rows->rows.size();
  }
  EXPECT_EQ(scan->damage().size(), 1U);
  EXPECT_GT(found, before.size() * 8 / 10);
  EXPECT_LT(found, before.size());
  // Compaction leaves the damaged segment as it is, for a repair.
  ASSERT_TRUE(store->maintain());
  EXPECT_TRUE(*files_->exists(path));
}

}  // namespace
}  // namespace livedata::storage
