// What an append that must be durable soon leaves behind when the power goes.
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "base/testing/simulated_disk.h"
#include "storage/store.h"

namespace livedata::storage {
namespace {

class DurabilityTest : public testing::Test {
 protected:
  DurabilityTest() { open(); }

  void open() {
    store_.reset();
    files_ = disk_.mount();
    StoreOptions options;
    options.data_folder = "/data";
    options.min_free_bytes = 0;
    store_ = *Store::open(options, OpenMode::kReadWrite, *files_, clock_, logger_, metrics_);
  }
  Result<void> append(const std::string& line, Durability durability) {
    RecordBatch batch;
    batch.add(batch.add_stream(Labels(std::vector<Label>{{"a", "b"}})), clock_.now(), line);
    return store_->append(TenantId::single(), std::move(batch), {{"read", line}}, durability);
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    ScanRequest request;
    request.range = {0, INT64_MAX};
    request.direction = Direction::kForward;
    const auto scan = *store_->scan(TenantId::single(), request);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < scan.num_units(); ++i) {
      const auto rows = *scan.read(i, Deadline());
      for (const RowIndex row : rows.rows) out.emplace_back(rows.batch->line(row));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  /// Power is lost and comes back.
  void lose_power() {
    disk_.crash();
    open();
  }

  SimulatedDisk disk_{1};
  FakeClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  std::shared_ptr<FileSystem> files_;
  std::unique_ptr<Store> store_;
};

TEST_F(DurabilityTest, SoonIsVisibleAtOnceAndDurableWithTheNextThatIsNow) {
  ASSERT_TRUE(append("1 now", Durability::kNow));
  ASSERT_TRUE(append("2 soon", Durability::kSoon));
  EXPECT_EQ(lines(), (std::vector<std::string>{"1 now", "2 soon"}));
  ASSERT_TRUE(append("3 now", Durability::kNow));
  lose_power();
  EXPECT_EQ(lines(), (std::vector<std::string>{"1 now", "2 soon", "3 now"}));
}

TEST_F(DurabilityTest, SoonSyncsNothingItself) {
  ASSERT_TRUE(append("1 now", Durability::kNow));
  disk_.fail_once(SimulatedDisk::Operation::kSync, ErrorCode::kIoError);
  EXPECT_TRUE(append("2 soon", Durability::kSoon));
  EXPECT_FALSE(append("3 now", Durability::kNow));
}

TEST_F(DurabilityTest, ALossOfPowerTakesRecordsAndTheirBookmarkTogether) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(append("soon", Durability::kSoon));
    lose_power();
    EXPECT_EQ(lines().empty(), store_->bookmarks(TenantId::single()).empty());
  }
}

TEST_F(DurabilityTest, SoonIsDurableTenSecondsLater) {
  ASSERT_TRUE(append("1 now", Durability::kNow));
  ASSERT_TRUE(append("2 soon", Durability::kSoon));
  clock_.advance(kSoonest);
  // The background looks once a second, in real time.
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  lose_power();
  EXPECT_EQ(lines(), (std::vector<std::string>{"1 now", "2 soon"}));
}

}  // namespace
}  // namespace livedata::storage
