#include "storage/store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "storage/testing/random_records.h"

namespace livedata::storage {
namespace {

constexpr TimestampNs kStart = 1'700'000'000 * kNsPerSecond;
constexpr TimeRange kAll{kStart - 86'400 * kNsPerSecond, kStart + 86'400 * kNsPerSecond};

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    options_.data_folder = std::filesystem::path(testing::TempDir()) /
                           testing::UnitTest::GetInstance()->current_test_info()->name();
    options_.block_bytes = 4_KiB;
    std::filesystem::remove_all(options_.data_folder);
  }
  ~StoreTest() override {
    store_.reset();
    std::filesystem::remove_all(options_.data_folder);
  }

  Result<std::unique_ptr<Store>> try_open(OpenMode mode = OpenMode::kReadWrite) {
    return Store::open(options_, mode, files_, clock_, logger_, metrics_);
  }
  void open(OpenMode mode = OpenMode::kReadWrite) {
    store_.reset();
    auto store = try_open(mode);
    ASSERT_TRUE(store.has_value()) << store.error().message;
    store_ = *std::move(store);
  }

  /// Appends a random batch and remembers it as what must come back.
  void append(std::size_t num_rows) {
    RecordBatch batch = random_.batch(num_rows);
    for (PlainRecord& record : plain_records(batch)) expected_.insert(std::move(record));
    ASSERT_TRUE(store_->append(tenant_, std::move(batch)));
  }

  /// As a sender does: what is refused for want of room, and so is not stored, is sent again.
  void append_until_taken(RecordBatch batch) {
    const auto shared = std::make_shared<RecordBatch>(std::move(batch));
    auto appended = store_->append(tenant_, shared);
    while (!appended && appended.error().code == ErrorCode::kResourceExhausted) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      appended = store_->append(tenant_, shared);
    }
    ASSERT_TRUE(appended) << appended.error().message;
  }

  std::vector<PlainRecord> scan(const ScanRequest& request) const {
    const auto scan = store_->scan(tenant_, request);
    std::vector<PlainRecord> out;
    for (std::size_t i = 0; i < scan->num_units(); ++i) {
      const auto rows = scan->read(i, Deadline());
      EXPECT_TRUE(rows.has_value()) << (rows ? "" : rows.error().message);
      for (const RowIndex row : rows->rows) out.push_back(plain_record(*rows->batch, row));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  std::vector<PlainRecord> everything() const { return scan({.range = kAll}); }
  std::vector<PlainRecord> expected() const { return {expected_.begin(), expected_.end()}; }

  /// Runs `body` in a child process that then ends at once, as kill -9 would end it.
  template <class Body>
  void in_killed_process(const Body& body) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      body();
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }

  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  StoreOptions options_;
  TenantId tenant_ = TenantId::single();
  RandomRecords random_{42, kStart, 7'200 * kNsPerSecond};
  std::set<PlainRecord> expected_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, RecordsAreQueryableAtOnceAndAfterAFlush) {
  open();
  for (int i = 0; i < 20; ++i) append(50);
  EXPECT_EQ(everything(), expected());
  ASSERT_TRUE(store_->flush());
  EXPECT_EQ(everything(), expected());
  EXPECT_EQ(store_->status().head_rows, 0U);
  EXPECT_EQ(store_->status().segment_rows, expected_.size());
  for (int i = 0; i < 20; ++i) append(50);
  EXPECT_EQ(everything(), expected());
}

TEST_F(StoreTest, SurvivesACleanRestart) {
  open();
  for (int i = 0; i < 20; ++i) append(50);
  ASSERT_TRUE(store_->close());
  open();
  EXPECT_EQ(everything(), expected());
}

TEST_F(StoreTest, AcknowledgedRecordsSurviveAKill) {
  for (int round = 0; round < 4; ++round) {
    const RandomRecords before = random_;
    in_killed_process([this] {
      open();
      for (int i = 0; i < 10; ++i) append(30);
    });
    // The same records again, for what must be there.
    random_ = before;
    for (int i = 0; i < 10; ++i) {
      for (PlainRecord& record : plain_records(random_.batch(30)))
        expected_.insert(std::move(record));
    }
    open();
    ASSERT_EQ(everything(), expected()) << "round " << round;
    store_.reset();
  }
}

TEST_F(StoreTest, BookmarksComeWithTheirRecords) {
  const auto mark = [this](const Bookmarks& bookmarks, bool with_records) {
    RecordBatch batch;
    if (with_records) batch = random_.batch(5);
    ASSERT_TRUE(store_->append(tenant_, std::move(batch), bookmarks));
  };
  in_killed_process([&] {
    open();
    mark({{"a", "1"}, {"b", "1"}}, true);
    mark({{"a", "2"}}, false);
  });
  open();
  EXPECT_EQ(store_->bookmarks(tenant_), (Bookmarks{{"a", "2"}, {"b", "1"}}));
  mark({{"c", "3"}}, true);
  ASSERT_TRUE(store_->flush());
  mark({{"a", ""}, {"b", "2"}}, true);
  EXPECT_EQ(store_->bookmarks(tenant_), (Bookmarks{{"b", "2"}, {"c", "3"}}));
  ASSERT_TRUE(store_->close());
  open();
  EXPECT_EQ(store_->bookmarks(tenant_), (Bookmarks{{"b", "2"}, {"c", "3"}}));
}

TEST_F(StoreTest, ARetriedAppendIsThereOnce) {
  open();
  RandomRecords same(7, kStart);
  RandomRecords again = same;
  for (PlainRecord& record : plain_records(RandomRecords(same).batch(100)))
    expected_.insert(std::move(record));
  ASSERT_TRUE(store_->append(tenant_, same.batch(100)));
  ASSERT_TRUE(store_->append(tenant_, RandomRecords(again).batch(100)));
  EXPECT_EQ(everything(), expected());
  ASSERT_TRUE(store_->flush());
  EXPECT_EQ(everything(), expected());
  ASSERT_TRUE(
      store_->append(tenant_, again.batch(100)));  // now one copy in a segment, one in the head
  EXPECT_EQ(everything(), expected());
  ASSERT_TRUE(store_->flush());  // and in two segments
  EXPECT_EQ(everything(), expected());
}

TEST_F(StoreTest, AFullHeadIsFlushedInTheBackground) {
  options_.head_bytes = 32_KiB;
  open();
  for (int i = 0; i < 100; ++i) append(50);
  for (int i = 0; i < 500 && store_->status().segments == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_GT(store_->status().segments, 0U);
  EXPECT_EQ(everything(), expected());
}

TEST_F(StoreTest, ScansByTimeLabelsAndNeedles) {
  options_.head_bytes = 64_KiB;
  open();
  for (int i = 0; i < 60; ++i) append(80);
  for (int round = 0; round < 50; ++round) {
    ScanRequest request;
    request.range.start = kStart + static_cast<TimestampNs>(random_.below(7200)) * kNsPerSecond;
    request.range.end =
        request.range.start + static_cast<TimestampNs>(random_.below(3600)) * kNsPerSecond;
    if (random_.below(2) == 0) {
      request.matchers.push_back(
          *LabelMatcher::make("host", MatchOp::kEqual, "web" + std::to_string(random_.below(3))));
    }
    if (random_.below(2) == 0) {
      request.matchers.push_back(*LabelMatcher::make("service_name", MatchOp::kRegex, "svc[1-3]"));
    }
    if (random_.below(2) == 0)
      request.needles.push_back("items/" + std::to_string(random_.below(50)));
    std::vector<PlainRecord> want;
    for (const PlainRecord& record : expected_) {
      const bool labels =
          std::all_of(request.matchers.begin(), request.matchers.end(), [&](const LabelMatcher& m) {
            const std::string begin = m.name() + "=\"";
            const auto at = record.labels.find(begin) + begin.size();
            return m.matches(record.labels.substr(at, record.labels.find('"', at) - at));
          });
      const bool needles = std::all_of(
          request.needles.begin(), request.needles.end(),
          [&](const std::string& needle) { return record.line.find(needle) != std::string::npos; });
      if (labels && needles && request.range.contains(record.timestamp)) want.push_back(record);
    }
    ASSERT_EQ(scan(request), want) << "round " << round;
  }
}

TEST_F(StoreTest, BlocksOfARepeatedSearchAreStillInMemory) {
  open();
  for (int i = 0; i < 20; ++i) append(50);
  ASSERT_TRUE(store_->flush());
  const auto read = [this](const ScanRequest& request) {
    const auto scan = store_->scan(tenant_, request);
    std::size_t rows = 0;
    for (std::size_t i = 0; i < scan->num_units(); ++i)
      rows += scan->read(i, Deadline())->rows.size();
    return std::pair(rows, scan->stats());
  };
  // A scan of everything keeps nothing.
  read({.range = kAll});
  const auto [rows, first] = read({.range = kAll, .needles = {"GET"}});
  EXPECT_GT(first.blocks_read, 0U);
  EXPECT_EQ(first.blocks_cached, 0U);
  const auto [rows_again, second] = read({.range = kAll, .needles = {"GET"}});
  EXPECT_EQ(rows_again, rows);
  EXPECT_EQ(second.blocks_read, 0U);
  EXPECT_EQ(second.blocks_cached, first.blocks_read);
  EXPECT_EQ(read({.range = kAll}).first, expected_.size());
}

TEST_F(StoreTest, UnitsComeInTheOrderOfTheDirection) {
  options_.head_bytes = 16_KiB;
  open();
  for (int i = 0; i < 60; ++i) append(80);
  ASSERT_TRUE(store_->flush());
  const auto backward = store_->scan(tenant_, {.range = kAll, .direction = Direction::kBackward});
  for (std::size_t i = 1; i < backward->num_units(); ++i) {
    ASSERT_GE(backward->unit(i - 1).max_timestamp, backward->unit(i).max_timestamp);
  }
  const auto forward = store_->scan(tenant_, {.range = kAll, .direction = Direction::kForward});
  for (std::size_t i = 1; i < forward->num_units(); ++i) {
    ASSERT_LE(forward->unit(i - 1).min_timestamp, forward->unit(i).min_timestamp);
  }
}

TEST_F(StoreTest, FindsStreamsInHeadAndSegments) {
  open();
  append(200);
  ASSERT_TRUE(store_->flush());
  append(200);
  std::set<std::string> want;
  for (const PlainRecord& record : expected_) want.insert(record.labels);
  std::set<std::string> got;
  const auto found = store_->streams(tenant_, kAll, {});
  for (const StreamRef& stream : *found) got.insert(stream->labels.to_string());
  EXPECT_EQ(got, want);
  EXPECT_EQ(found->size(), want.size());
}

TEST_F(StoreTest, AScanKeepsItsSnapshot) {
  open();
  append(100);
  const auto scan = store_->scan(tenant_, {.range = kAll});
  const std::size_t rows_before = expected_.size();
  ASSERT_TRUE(store_->flush());
  append(100);
  std::size_t rows = 0;
  for (std::size_t i = 0; i < scan->num_units(); ++i)
    rows += scan->read(i, Deadline())->rows.size();
  EXPECT_EQ(rows, rows_before);
}

TEST_F(StoreTest, AReaderHidesNoRecordsThatAreNewerThanADeleteRequest) {
  open();
  append(200);
  DeleteRequest request;
  request.range = kAll;
  ASSERT_TRUE(store_->add_delete_request(tenant_, std::move(request)));
  expected_.clear();
  append(100);
  ASSERT_EQ(everything(), expected());
  const auto written = std::move(store_);
  auto reader = try_open(OpenMode::kReadOnly);
  ASSERT_TRUE(reader);
  store_ = *std::move(reader);
  EXPECT_EQ(everything(), expected());
  ASSERT_TRUE(written->flush());
  reader = try_open(OpenMode::kReadOnly);
  ASSERT_TRUE(reader);
  store_ = *std::move(reader);
  EXPECT_EQ(everything(), expected());
}

TEST_F(StoreTest, ASecondProcessIsRefusedAndAReaderIsNot) {
  open();
  append(100);
  ASSERT_TRUE(store_->flush());
  append(100);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto second = try_open();
    const bool refused =
        !second && second.error().code == ErrorCode::kAlreadyExists &&
        second.error().message.find(std::to_string(::getppid())) != std::string::npos;
    auto reader = try_open(OpenMode::kReadOnly);
    bool reads = reader.has_value();
    if (reads) {
      StoreTest::store_.release();  // NOLINT: the parent's; its threads don't exist in this process
      store_ = *std::move(reader);
      reads = everything() == expected() && !store_->append(tenant_, RandomRecords(1).batch(1));
    }
    ::_exit((refused ? 0 : 1) + (reads ? 0 : 2));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(StoreTest, ADamagedWalRecordCostsOnlyItself) {
  in_killed_process([this] {
    open();
    RandomRecords records(3, kStart);
    for (int i = 0; i < 5; ++i) static_cast<void>(store_->append(tenant_, records.batch(10)));
  });
  const Path wal = options_.data_folder / "tenants/default/wal/00000000000000000001.wal";
  ASSERT_TRUE(std::filesystem::exists(wal));
  std::fstream(wal, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(200)
      .put('\x01')
      .put('\x02');
  open();
  EXPECT_EQ(everything().size(), 40U);
}

TEST_F(StoreTest, AWalFileWithoutHeaderIsSetAsideAndTheRestComesBack) {
  open();
  append(50);
  ASSERT_TRUE(store_->close());
  const Path wal = options_.data_folder / "tenants/default/wal/00000000000000000009.wal";
  std::ofstream(wal) << "this has never been a write-ahead log";
  open();
  EXPECT_EQ(everything(), expected());
  EXPECT_TRUE(std::filesystem::exists(wal.string() + ".damaged"));
}

TEST_F(StoreTest, ManyWritersLoseNothing) {
  options_.head_bytes = 64_KiB;
  open();
  std::vector<std::thread> writers;
  for (std::uint64_t t = 0; t < 8; ++t) {
    writers.emplace_back([this, t] {
      RandomRecords records(100 + t, kStart);
      for (int i = 0; i < 40; ++i) append_until_taken(records.batch(20));
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (std::uint64_t t = 0; t < 8; ++t) {
    RandomRecords records(100 + t, kStart);
    for (int i = 0; i < 40; ++i) {
      for (PlainRecord& record : plain_records(records.batch(20)))
        expected_.insert(std::move(record));
    }
  }
  EXPECT_EQ(everything(), expected());
}

TEST_F(StoreTest, OrphansAreRemovedAtStart) {
  open();
  append(50);
  ASSERT_TRUE(store_->close());
  const Path window = options_.data_folder / "tenants/default/segments/20260102T030000Z";
  std::filesystem::create_directories(window);
  std::ofstream(window / "left-over.seg") << "half a segment";
  std::ofstream(window / "left-over.seg.tmp") << "half a segment";
  open();
  EXPECT_TRUE(std::filesystem::is_empty(window));
  EXPECT_EQ(everything(), expected());
}

TEST_F(StoreTest, TenantsAreApart) {
  open();
  append(20);
  const TenantId other = *TenantId::parse("other");
  ASSERT_TRUE(store_->append(other, RandomRecords(1, kStart).batch(5)));
  EXPECT_EQ(everything(), expected());
  open();
  EXPECT_EQ(everything(), expected());
  EXPECT_EQ(store_->tenants().size(), 2U);
}

TEST_F(StoreTest, ListenersHearOfEachAppendUntilTheyLeave) {
  open();
  std::size_t heard = 0;
  auto handle =
      store_->subscribe([&](const TenantId&, const auto& batch) { heard += batch->num_rows(); });
  append(30);
  EXPECT_EQ(heard, 30U);
  handle.reset();
  append(30);
  EXPECT_EQ(heard, 30U);
}

}  // namespace
}  // namespace livedata::storage
