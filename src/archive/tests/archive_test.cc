#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "archive/archive_catalog.h"
#include "archive/archive_service.h"
#include "archive/object_store/folder_store.h"
#include "archive/open_archive.h"
#include "archive/parquet/parquet_reader.h"
#include "base/testing/fake_clock.h"
#include "storage/store.h"
#include "storage/testing/random_records.h"

namespace livedata::archive {
namespace {

using storage::PlainRecord;

constexpr TimestampNs kDay = 24 * 3600 * kNsPerSecond;
constexpr TimestampNs kMonday = 20'000 * kDay;
const TenantId kTenant = TenantId::single();

/// A store of objects that fails when it is told to.
class FailingStore final : public ObjectStore {
 public:
  explicit FailingStore(std::shared_ptr<ObjectStore> store) : store_(std::move(store)) {}

  /// The n-th of the following changes fails, and so do all after it.
  void fail_after(int changes) { left_ = changes; }

  Result<void> put_file(std::string_view key, const Path& file, const Deadline& d) override {
    LIVEDATA_RETURN_IF_ERROR(change());
    return store_->put_file(key, file, d);
  }
  Result<void> put(std::string_view key, std::string_view bytes, const Deadline& d) override {
    LIVEDATA_RETURN_IF_ERROR(change());
    return store_->put(key, bytes, d);
  }
  Result<std::string> get(std::string_view key, std::size_t max, const Deadline& d) override {
    return store_->get(key, max, d);
  }
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<char> target,
                           const Deadline& d) override {
    return store_->read(key, offset, target, d);
  }
  Result<Object> stat(std::string_view key, const Deadline& d) override {
    return store_->stat(key, d);
  }
  Result<std::vector<Object>> list(std::string_view prefix, const Deadline& d) override {
    return store_->list(prefix, d);
  }
  Result<void> remove(std::string_view key, const Deadline& d) override {
    LIVEDATA_RETURN_IF_ERROR(change());
    return store_->remove(key, d);
  }

 private:
  Result<void> change() {
    if (left_ > 0) --left_;
    return left_ == 0 ? Result<void>(fail(ErrorCode::kUnavailable, "told to fail"))
                      : Result<void>();
  }

  std::shared_ptr<ObjectStore> store_;
  int left_ = -1;
};

class ArchiveTest : public testing::Test {
 protected:
  ArchiveTest() : clock_(kMonday) {
    std::string folder = (std::filesystem::temp_directory_path() / "archive-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    options_.staging_folder = folder_ / "staging";
    options_.bytes_per_second = 0;
    store_options_.data_folder = folder_ / "data";
    store_options_.wal_sync = storage::WalSync::kOff;
    store_options_.compact_in_background = false;
    store_options_.retention.max_age = std::chrono::nanoseconds(0);
    start();
  }
  ~ArchiveTest() override {
    stop();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    auto store = storage::Store::open(store_options_, storage::OpenMode::kReadWrite, files_, clock_,
                                      logger_, metrics_);
    ASSERT_TRUE(store) << store.error().message;
    store_ = *std::move(store);
    objects_ =
        std::make_shared<FailingStore>(std::make_shared<FolderStore>(files_, folder_ / "archive"));
    catalog_ = std::make_shared<ArchiveCatalog>(objects_, logger_);
    const auto opened = catalog_->open(Deadline());
    ASSERT_TRUE(opened) << opened.error().message;
    store_->attach(catalog_);
    service_ = std::make_unique<ArchiveService>(*store_, *catalog_, options_, files_, clock_,
                                                logger_, metrics_);
  }
  void stop() {
    service_.reset();
    store_.reset();
    catalog_.reset();
    objects_.reset();
  }
  void restart() {
    stop();
    start();
  }

  void append(RecordBatch batch) {
    ASSERT_TRUE(store_->append(kTenant, std::move(batch)));
    ASSERT_TRUE(store_->flush());
  }
  /// Random records of the day, which are expected from here on.
  void append_random(std::uint64_t seed, TimestampNs start, std::size_t rows = 400) {
    storage::RandomRecords random(seed, start, kDay);
    RecordBatch batch = random.batch(rows);
    expect(batch);
    append(std::move(batch));
  }
  void expect(const RecordBatch& batch) {
    for (PlainRecord& record : storage::plain_records(batch))
      expected_.push_back(std::move(record));
    std::sort(expected_.begin(), expected_.end());
  }

  std::vector<PlainRecord> scan(const storage::Store& store,
                                storage::ScanRequest request = {}) const {
    if (request.range.empty()) request.range = {INT64_MIN, INT64_MAX};
    std::vector<PlainRecord> out;
    auto scan = store.scan(kTenant, request);
    EXPECT_TRUE(scan) << scan.error().message;
    for (std::size_t i = 0; i < scan->num_units(); ++i) {
      auto rows = scan->read(i, Deadline());
      EXPECT_TRUE(rows) << rows.error().message;
      if (!rows) continue;
      for (const RowIndex row : rows->rows) out.push_back(storage::plain_record(*rows->batch, row));
    }
    EXPECT_TRUE(scan->damage().empty()) << scan->damage().front();
    std::sort(out.begin(), out.end());
    return out;
  }
  std::vector<PlainRecord> scan(storage::ScanRequest request = {}) const {
    return scan(*store_, std::move(request));
  }

  void run() {
    const auto done = service_->run();
    ASSERT_TRUE(done) << done.error().message;
  }
  void archive() {
    clock_.advance(std::chrono::hours(24 * 9));
    run();
  }
  /// Columns that nobody asked for may be there or not.
  static std::vector<PlainRecord> as_selected(std::vector<PlainRecord> records,
                                              const storage::ColumnSelection& selection) {
    for (PlainRecord& record : records) {
      if (!selection.lines) record.line.clear();
      std::erase_if(record.fields, [&](const std::string& field) {
        return !selection.wants_field(field.substr(0, field.find('=')));
      });
    }
    std::sort(records.begin(), records.end());
    return records;
  }
  [[nodiscard]] std::vector<FileEntry> files() const { return catalog_->manifest(kTenant).files; }

  std::uint64_t add_delete_request(const char* label, const char* value) {
    storage::DeleteRequest request;
    request.range = {kMonday, kMonday + kDay};
    request.matchers = {*LabelMatcher::make(label, MatchOp::kEqual, value)};
    const auto id = store_->add_delete_request(kTenant, std::move(request));
    EXPECT_TRUE(id);
    std::erase_if(expected_, [&](const PlainRecord& record) {
      return record.labels.find(std::string(value)) != std::string::npos;
    });
    return *id;
  }

  Path folder_;
  PosixFileSystem files_;
  FakeClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  ArchiveOptions options_;
  storage::StoreOptions store_options_;
  std::unique_ptr<storage::Store> store_;
  std::shared_ptr<FailingStore> objects_;
  std::shared_ptr<ArchiveCatalog> catalog_;
  std::unique_ptr<ArchiveService> service_;
  std::vector<PlainRecord> expected_;
};

RecordBatch metrics_of(const char* source, TimestampNs time) {
  RecordBatch batch;
  const auto stream =
      batch.add_stream(Labels(std::vector<Label>{{"host", "web1"}, {"source", source}}));
  const std::vector<Field> fields = {{"busy_percent", 12.5}};
  batch.add(stream, time, "", fields);
  return batch;
}

TEST_F(ArchiveTest, DaysLeaveTheStoreAndAreStillRead) {
  append_random(1, kMonday);
  append_random(2, kMonday);
  append_random(3, kMonday + kDay);
  RecordBatch metrics = metrics_of("cpu", kMonday + 5);
  expect(metrics);
  append(std::move(metrics));
  ASSERT_EQ(scan(), expected_);
  run();
  EXPECT_TRUE(files().empty()) << "nothing is due";
  archive();
  EXPECT_EQ(store_->status().segments, 0U);
  EXPECT_EQ(files().size(), 3U);  // logs of two days, metrics of one
  EXPECT_EQ(scan(), expected_);
  restart();
  EXPECT_EQ(scan(), expected_);
}

TEST_F(ArchiveTest, SelectsFromTheArchiveAsFromTheStore) {
  append_random(1, kMonday, 3000);
  std::vector<storage::ScanRequest> requests(6);
  requests[0].range = {kMonday + kDay / 4, kMonday + kDay / 2};
  requests[1].matchers = {*LabelMatcher::make("host", MatchOp::kEqual, "web1")};
  requests[2].needles = {"status=300"};
  requests[3].columns.lines = false;
  requests[4].columns.all_fields = false;
  requests[4].columns.field_names = {"status", "trace_id"};
  requests[5].field_values = {{"trace_id", "trace5"}};
  std::vector<std::vector<PlainRecord>> native;
  for (const auto& request : requests) native.push_back(scan(request));
  const auto census = store_->columns(kTenant);
  const auto streams = store_->streams(kTenant, {kMonday, kMonday + kDay}, {});
  archive();
  ASSERT_EQ(store_->status().segments, 0U);
  for (std::size_t i = 0; i + 1 < requests.size(); ++i) {
    EXPECT_EQ(as_selected(scan(requests[i]), requests[i].columns),
              as_selected(native[i], requests[i].columns))
        << i;
  }
  // A condition on a field prunes only: more may be given.
  const auto given = scan(requests[5]);
  EXPECT_TRUE(std::includes(given.begin(), given.end(), native[5].begin(), native[5].end()));
  EXPECT_EQ(store_->columns(kTenant).groups.at("").labels, census.groups.at("").labels);
  EXPECT_EQ(store_->streams(kTenant, {kMonday, kMonday + kDay}, {})->size(), streams->size());
}

TEST_F(ArchiveTest, SegmentsMayStayForSomeTime) {
  stop();
  options_.keep_native = std::chrono::hours(24 * 30);
  start();
  append_random(1, kMonday);
  archive();
  EXPECT_EQ(files().size(), 1U);
  const std::size_t segments = store_->status().segments;
  EXPECT_GT(segments, 0U);
  EXPECT_EQ(scan(), expected_);
  // The store's segments are read, and not the file beside them.
  EXPECT_EQ(store_->scan(kTenant, {.range = {INT64_MIN, INT64_MAX}})->stats().segments, segments);
  clock_.advance(std::chrono::hours(24 * 30));
  run();
  EXPECT_EQ(store_->status().segments, 0U);
  EXPECT_EQ(scan(), expected_);
}

TEST_F(ArchiveTest, LateDataIsMergedIntoItsDay) {
  append_random(1, kMonday);
  archive();
  append_random(2, kMonday, 50);
  RecordBatch again;  // what was sent twice is there once
  storage::RandomRecords random(1, kMonday, kDay);
  again.add_all(random.batch(400));
  append(std::move(again));
  EXPECT_EQ(scan(), expected_);
  clock_.advance(std::chrono::hours(2));
  run();
  EXPECT_EQ(files().size(), 1U);
  EXPECT_EQ(files().front().rows, expected_.size());
  EXPECT_EQ(store_->status().segments, 0U);
  EXPECT_EQ(scan(), expected_);
  // The file that was replaced has gone, with its index.
  EXPECT_EQ(objects_->list("", Deadline())->size(), 3U);
}

TEST_F(ArchiveTest, FilesAreCutAtTheWantedSize) {
  stop();
  options_.file_bytes = 4_KiB;
  start();
  append_random(1, kMonday, 3000);
  archive();
  EXPECT_GT(files().size(), 3U);
  EXPECT_EQ(scan(), expected_);
}

TEST_F(ArchiveTest, DeleteRequestsHoldForArchivedRecords) {
  append_random(1, kMonday, 1000);
  archive();
  const std::uint64_t id = add_delete_request("host", "web1");
  EXPECT_EQ(scan(), expected_) << "hidden at once";
  append_random(7, kMonday, 30);  // is newer than the request
  EXPECT_EQ(scan(), expected_);
  run();
  ASSERT_TRUE(store_->maintain());
  EXPECT_FALSE(store_->delete_requests(kTenant).front().is_processed);
  clock_.advance(std::chrono::hours(25));
  run();
  EXPECT_EQ(scan(), expected_);
  EXPECT_EQ(files().front().delete_horizon, id);
  ASSERT_TRUE(store_->flush());
  ASSERT_TRUE(store_->maintain());
  EXPECT_TRUE(store_->delete_requests(kTenant).front().is_processed);
  EXPECT_EQ(scan(), expected_);
  restart();
  EXPECT_EQ(scan(), expected_);
}

TEST_F(ArchiveTest, ADeleteRequestThatMeansNoStreamRewritesNothing) {
  append_random(1, kMonday);
  archive();
  const std::string key = files().front().key;
  const std::uint64_t id = add_delete_request("host", "nobody");
  clock_.advance(std::chrono::hours(25));
  run();
  EXPECT_EQ(files().front().key, key);
  EXPECT_EQ(files().front().delete_horizon, id);
}

TEST_F(ArchiveTest, SurvivesAFailureOfEveryChange) {
  append_random(1, kMonday);
  append_random(2, kMonday + kDay);
  clock_.advance(std::chrono::hours(24 * 10));
  int failures = 0;
  for (int changes = 1;; ++changes) {
    objects_->fail_after(changes);
    const bool done = service_->run().has_value();
    EXPECT_EQ(scan(), expected_) << changes;
    restart();  // as after a crash
    EXPECT_EQ(scan(), expected_) << changes;
    if (done) break;
    ++failures;
    ASSERT_LT(changes, 100);
  }
  EXPECT_GT(failures, 3);
  run();
  ASSERT_TRUE(service_->start());  // removes what was left
  service_->stop();
  EXPECT_EQ(objects_->list("", Deadline())->size(), 5U);  // two files, two indexes, a manifest
  EXPECT_EQ(scan(), expected_);
}

TEST_F(ArchiveTest, ALostIndexIsMadeAnew) {
  append_random(1, kMonday);
  archive();
  ASSERT_TRUE(objects_->remove(ArchiveCatalog::object_key(kTenant, index_key(files().front().key)),
                               Deadline()));
  restart();
  EXPECT_EQ(scan(), expected_);
}

TEST_F(ArchiveTest, ANewStoreReadsTheArchive) {
  append_random(1, kMonday);
  archive();
  stop();
  std::filesystem::remove_all(folder_ / "data");
  start();
  EXPECT_EQ(scan(), expected_);
}

TEST_F(ArchiveTest, AFolderThatIsReadOnlySeesTheArchive) {
  append_random(1, kMonday);
  archive();
  append_random(2, kMonday + 20 * kDay, 20);
  ASSERT_TRUE(note_archive(files_, folder_ / "data", folder_ / "archive"));
  auto reading = storage::Store::open(store_options_, storage::OpenMode::kReadOnly, files_, clock_,
                                      logger_, metrics_);
  ASSERT_TRUE(reading);
  auto archive = open_noted_archive(files_, folder_ / "data", logger_);
  ASSERT_TRUE(archive) << archive.error().message;
  (*reading)->attach(*archive);
  EXPECT_EQ(scan(**reading), expected_);
}

TEST_F(ArchiveTest, FilesTellOthersWhatTheyHold) {
  append_random(1, kMonday);
  archive();
  const Path path = folder_ / "archive" / kTenant.text() / files().front().key;
  EXPECT_NE(path.string().find("/day=2024-10-04/source=logs/part-"), std::string::npos) << path;
  auto reader = ParquetReader::open(path);
  ASSERT_TRUE(reader);
  const auto& metadata = (*reader)->description().metadata;
  EXPECT_EQ(metadata.at("livedata.schema"), "1");
  EXPECT_EQ(metadata.at("livedata.tenant"), "default");
  EXPECT_EQ(metadata.at("livedata.source"), "logs");
}

}  // namespace
}  // namespace livedata::archive
