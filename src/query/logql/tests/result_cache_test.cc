#include "query/logql/result_cache.h"

#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "query/logql/deletion.h"
#include "query/logql/engine.h"
#include "query/logql/tests/query_generator.h"
#include "storage/store.h"

namespace livedata::query::logql {
namespace {

constexpr TimestampNs kSecond = kNsPerSecond;

class ResultCacheTest : public testing::Test {
 protected:
  ResultCacheTest() {
    options_.data_folder =
        std::filesystem::path(testing::TempDir()) / ("result_cache" + std::to_string(::getpid()));
    options_.block_bytes = 500;
    std::filesystem::remove_all(options_.data_folder);
    store_ = *storage::Store::open(options_, storage::OpenMode::kReadWrite, files_, clock_, logger_,
                                   metrics_);
    cached_ = std::make_unique<Engine>(*store_, pool_, limits_, clock_);
  }
  ~ResultCacheTest() override {
    store_.reset();
    std::filesystem::remove_all(options_.data_folder);
  }

  void add_records(QueryGenerator& generator, int count, TimestampNs from, TimestampNs length) {
    RecordBatch batch;
    for (int i = 0; i < count; ++i) {
      const Labels labels(std::vector<Label>{{"service_name", "s"},
                                             {"app", generator.pick({"web", "db"})},
                                             {"pod", generator.pick({"1", "2", "3"})}});
      const auto time =
          from + static_cast<TimestampNs>(generator.number(static_cast<std::uint64_t>(length)));
      batch.add(batch.add_stream(labels), time * kSecond, generator.line());
    }
    ASSERT_TRUE(store_->append(TenantId::single(), std::move(batch)));
  }

  static std::string show(const Result<QueryAnswer>& answer) {
    if (!answer) return "ERROR";
    std::string out;
    for (const Series& series : std::get<Matrix>(answer->value).series) {
      out += series.labels.to_string();
      for (const Sample& sample : series.samples)
        out += fmt::format(" {}@{:.9g}", sample.time / kSecond, sample.value);
      out += "\n";
    }
    return out;
  }

  void expect_same(const std::string& text, TimestampNs start, TimestampNs end, std::int64_t step) {
    RangeQuery query;
    query.text = text;
    query.start = start * kSecond;
    query.end = end * kSecond;
    query.step_ns = step * kSecond;
    const Engine fresh(*store_, pool_, limits_, clock_);
    EXPECT_EQ(show(cached_->range(TenantId::single(), query, Deadline())),
              show(fresh.range(TenantId::single(), query, Deadline())))
        << text << " from " << start << " to " << end << " step " << step;
  }

  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  storage::StoreOptions options_;
  Limits limits_;
  ThreadPool pool_{"test", 2, 100};
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Engine> cached_;
};

TEST_F(ResultCacheTest, AnswersAreThoseOfNoCacheWhateverChanges) {
  QueryGenerator generator(9);
  add_records(generator, 300, 0, 20'000);
  std::vector<std::string> queries;
  for (int i = 0; i < 6; ++i) queries.push_back(generator.metric(1));
  queries.emplace_back(R"(sum by (app) (count_over_time({app=~".+"}[1m])))");
  for (int round = 0; round < 60; ++round) {
    const std::string& query = queries[generator.number(queries.size())];
    const auto start = static_cast<TimestampNs>(generator.number(40)) * 60;
    expect_same(query, start, start + 18'000, round % 3 == 0 ? 90 : 60);
    if (round % 5 == 4)
      add_records(generator, 3, static_cast<TimestampNs>(generator.number(19'000)), 100);
    if (round % 20 == 19) {
      auto request = parse_delete_query(R"({app="web"} |= "info")");
      ASSERT_TRUE(request);
      request->range = {0, static_cast<TimestampNs>(generator.number(10'000)) * kSecond};
      ASSERT_TRUE(store_->add_delete_request(TenantId::single(), *std::move(request)));
    }
  }
}

TEST_F(ResultCacheTest, TheSecondTimeNothingIsRead) {
  QueryGenerator generator(10);
  add_records(generator, 300, 0, 20'000);
  RangeQuery query;
  query.text = R"(sum by (app) (count_over_time({app=~".+"} |= "level" [2m])))";
  query.step_ns = 60 * kSecond;
  query.start = 1920 * kSecond;  // whole parts of 32 steps
  query.end = (1920 + 4 * 1920 - 60) * kSecond;
  const auto first = cached_->range(TenantId::single(), query, Deadline());
  ASSERT_TRUE(first);
  EXPECT_GT(first->stats.lines_processed, 0U);
  const auto second = cached_->range(TenantId::single(), query, Deadline());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->stats.lines_processed, 0U);
  EXPECT_EQ(show(second), show(first));
  add_records(generator, 1, 5'000, 1);  // changes an hour, not all
  const auto third = cached_->range(TenantId::single(), query, Deadline());
  ASSERT_TRUE(third);
  EXPECT_GT(third->stats.lines_processed, 0U);
}

}  // namespace
}  // namespace livedata::query::logql
