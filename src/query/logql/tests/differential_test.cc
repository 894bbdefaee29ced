// Random queries over random records: in the head and in segments of tiny blocks, where filters and
// counts come into play, the answers are the same; and a count is that of the lines that the log
// query finds.
#include <unistd.h>

#include <filesystem>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "query/logql/engine.h"
#include "query/logql/tests/query_generator.h"
#include "query/plan/units.h"
#include "storage/store.h"

namespace livedata::query::logql {
namespace {

constexpr TimestampNs kSecond = kNsPerSecond;

class DifferentialTest : public testing::Test {
 protected:
  struct Side {
    Side(const std::string& name, bool flushes, DifferentialTest& test) {
      options.data_folder =
          std::filesystem::path(testing::TempDir()) /
          (name + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
           std::to_string(::getpid()));
      options.block_bytes = 300;
      std::filesystem::remove_all(options.data_folder);
      store = *storage::Store::open(options, storage::OpenMode::kReadWrite, test.files_,
                                    test.clock_, test.logger_, test.metrics_);
      engine = std::make_unique<Engine>(*store, test.pool_, test.limits_, test.clock_);
      is_flushed = flushes;
    }
    ~Side() {
      store.reset();
      std::filesystem::remove_all(options.data_folder);
    }
    storage::StoreOptions options;
    std::unique_ptr<storage::Store> store;
    std::unique_ptr<Engine> engine;
    bool is_flushed = false;
  };

  void add_records(QueryGenerator& generator) {
    for (int batch_number = 0; batch_number < 4; ++batch_number) {
      std::vector<RecordBatch> batches(2);
      for (int i = 0; i < 60; ++i) {
        const Labels labels(std::vector<Label>{{"service_name", "s"},
                                               {"app", generator.pick({"web", "db"})},
                                               {"pod", generator.pick({"1", "2", "3"})}});
        const std::string line = generator.line();
        const std::string trace = "t" + std::to_string(generator.number(5));
        std::vector<Field> fields;
        if (generator.number(2) == 0) fields.push_back({"trace", std::string_view(trace)});
        const auto time = static_cast<TimestampNs>(generator.number(300)) * kSecond;
        for (RecordBatch& batch : batches) batch.add(batch.add_stream(labels), time, line, fields);
      }
      for (std::size_t side = 0; side < 2; ++side) {
        ASSERT_TRUE(sides_[side]->store->append(TenantId::single(), std::move(batches[side])));
        if (!sides_[side]->is_flushed) continue;
        ASSERT_TRUE(sides_[side]->store->flush());
      }
    }
  }

  static std::string show(const Result<QueryAnswer>& answer) {
    if (!answer) return "ERROR";  // which line fails first depends on the threads
    std::string out;
    if (const auto* rows = std::get_if<LogRows>(&answer->value)) {
      std::vector<std::string> lines;  // the order of equal times is that of storage
      for (const LogRow& row : rows->rows) {
        std::string line =
            std::to_string(row.timestamp) + row.stream->labels.to_string() + row.line;
        for (const auto* labels : {&row.metadata, &row.parsed}) {
          for (const Label& label : *labels) line += " " + label.name + "=" + label.value;
        }
        lines.push_back(line);
      }
      std::sort(lines.begin(), lines.end());
      for (const std::string& line : lines) out += line + "\n";
      return out;
    }
    for (const Series& series : std::get<Matrix>(answer->value).series) {
      out += series.labels.to_string();
      for (const Sample& sample : series.samples)
        out += fmt::format(" {}@{:.9g}", sample.time / kSecond, sample.value);
      out += "\n";
    }
    return out;
  }

  RangeQuery range_query(std::string text, TimestampNs start, TimestampNs end) const {
    RangeQuery query;
    query.text = std::move(text);
    query.start = start;
    query.end = end;
    query.step_ns = 30 * kSecond;
    query.limit = limits_.max_entries;
    return query;
  }

  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  Limits limits_;
  ThreadPool pool_{"test", 2, 100};
  std::vector<std::unique_ptr<Side>> sides_;
};

TEST_F(DifferentialTest, HeadAndSegmentsAgree) {
  QueryGenerator generator(5);
  sides_.push_back(std::make_unique<Side>("logql_head", false, *this));
  sides_.push_back(std::make_unique<Side>("logql_segments", true, *this));
  add_records(generator);
  int with_rows = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = i % 2 == 0 ? generator.log() : generator.metric(2);
    const auto query = range_query(text, 0, 300 * kSecond);
    const std::string head = show(sides_[0]->engine->range(TenantId::single(), query, Deadline()));
    const std::string segments =
        show(sides_[1]->engine->range(TenantId::single(), query, Deadline()));
    ASSERT_EQ(head, segments) << text;
    with_rows += head.empty() || head == "ERROR" ? 0 : 1;
  }
  EXPECT_GT(with_rows, 500);
}

TEST_F(DifferentialTest, CountsAreThoseOfTheLines) {
  QueryGenerator generator(6);
  sides_.push_back(std::make_unique<Side>("logql_a", false, *this));
  sides_.push_back(std::make_unique<Side>("logql_b", true, *this));
  add_records(generator);
  int compared = 0;
  for (int i = 0; i < 500; ++i) {
    const std::string text = generator.log() + R"( | __error__="")";
    const Engine& engine = *sides_[static_cast<std::size_t>(i % 2)]->engine;
    const auto rows = engine.range(TenantId::single(),
                                   range_query(text, 61 * kSecond, 181 * kSecond), Deadline());
    ASSERT_TRUE(rows) << text;
    std::map<std::string, double> expected;  // by app and level, as they are visible
    for (const LogRow& row : std::get<LogRows>(rows->value).rows) {
      std::vector<Label> labels;
      for (const auto& visible :
           {std::vector<Label>(row.stream->labels.begin(), row.stream->labels.end()), row.metadata,
            row.parsed}) {
        for (const Label& label : visible) {
          if (label.name == "app" || label.name == "level") labels.push_back(label);
        }
      }
      ++expected[Labels(labels).to_string()];
    }
    const auto counts = engine.instant(
        TenantId::single(),
        {.text = "sum by (app, level) (count_over_time(" + text + " [2m]))", .time = 180 * kSecond},
        Deadline());
    ASSERT_TRUE(counts) << text;
    std::map<std::string, double> got;
    for (const Series& series : std::get<Vector>(counts->value).series)
      got[series.labels.to_string()] = series.samples.front().value;
    ASSERT_EQ(got, expected) << text;
    compared += expected.empty() ? 0 : 1;
  }
  EXPECT_GT(compared, 100);
}

}  // namespace
}  // namespace livedata::query::logql
