#include "ingest/writer.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::ingest {
namespace {

using testing::HasSubstr;
using testing::Not;

class WriterTest : public testing::Test {
 protected:
  WriterTest() {
    options_.data_folder =
        Path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(options_.data_folder);
    auto store = storage::Store::open(options_, storage::OpenMode::kReadWrite, files_, clock_,
                                      logger_, metrics_);
    EXPECT_TRUE(store.has_value());
    store_ = *std::move(store);
    writer_.emplace(*store_, metrics_);
  }
  ~WriterTest() override {
    writer_.reset();
    store_.reset();
    std::filesystem::remove_all(options_.data_folder);
  }

  static RecordBatch batch(int records) {
    RecordBatch batch;
    const std::uint32_t stream = batch.add_stream(Labels(std::vector<Label>{{"app", "a"}}));
    for (int i = 0; i < records; ++i) batch.add(stream, i, "12345");
    return batch;
  }

  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  storage::StoreOptions options_;
  std::unique_ptr<storage::Store> store_;
  std::optional<Writer> writer_;
};

TEST_F(WriterTest, CountsWhatIsStoredByDoor) {
  ASSERT_TRUE(writer_->write(TenantId::single(), batch(3), "loki"));
  ASSERT_TRUE(writer_->write(TenantId::single(), batch(2), "syslog"));
  const std::string page = metrics_.render();
  EXPECT_THAT(page, HasSubstr("livedata_records_ingested_total{source=\"loki\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("livedata_records_ingested_total{source=\"syslog\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("livedata_bytes_ingested_total{source=\"loki\"} 15\n"));
  EXPECT_THAT(page, HasSubstr("livedata_writes_refused_total{source=\"loki\"} 0\n"));
}

TEST_F(WriterTest, CountsWhatDecodersRefusedAndChanged) {
  Decoded decoded;
  decoded.source = "hec";
  decoded.rejected = {{"line_too_long", "a line", 2}, {"invalid_labels", "a label", 1}};
  decoded.num_truncated = 3;
  decoded.num_labels_as_fields = 4;
  writer_->count(decoded);
  writer_->count(decoded);
  const std::string page = metrics_.render();
  EXPECT_THAT(page, HasSubstr("livedata_records_rejected_total{source=\"hec\",reason=\"line_too_"
                              "long\"} 4\n"));
  EXPECT_THAT(page, HasSubstr("livedata_records_rejected_total{source=\"hec\",reason=\"invalid_"
                              "labels\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("livedata_lines_truncated_total{source=\"hec\"} 6\n"));
  EXPECT_THAT(page, HasSubstr("livedata_labels_as_fields_total{source=\"hec\"} 8\n"));
}

TEST_F(WriterTest, StoresBookmarksWithTheRecords) {
  const auto records = std::make_shared<RecordBatch>(batch(1));
  ASSERT_TRUE(writer_->write(TenantId::single(), records, "syslog", {{"overflow:syslog", "1:2"}}));
  EXPECT_EQ(store_->bookmarks(TenantId::single()).at("overflow:syslog"), "1:2");
}

TEST_F(WriterTest, CountsRefusalsAndTheirTime) {
  EXPECT_EQ(writer_->refusing_time().count(), 0);
  ASSERT_TRUE(store_->close());
  EXPECT_FALSE(writer_->write(TenantId::single(), batch(1), "loki"));
  EXPECT_FALSE(writer_->write(TenantId::single(), batch(1), "loki"));
  EXPECT_GT(writer_->refusing_time().count(), 0);
  EXPECT_THAT(metrics_.render(), HasSubstr("livedata_writes_refused_total{source=\"loki\"} 2\n"));
  EXPECT_THAT(metrics_.render(), HasSubstr("livedata_refusing_seconds "));
  writer_.reset();
  EXPECT_THAT(metrics_.render(), Not(HasSubstr("livedata_refusing_seconds ")));
}

}  // namespace
}  // namespace livedata::ingest
