#include "query/diff/diff.h"

#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::query::diff {
namespace {

constexpr TimestampNs kSecond = kNsPerSecond;
constexpr TimestampNs kT = 1'800'000'000 * kSecond;
constexpr TimeRange kBefore{kT - 600 * kSecond, kT};
constexpr TimeRange kAfter{kT, kT + 600 * kSecond};

class DiffTest : public testing::Test {
 protected:
  DiffTest() {
    options_.data_folder =
        std::filesystem::path(testing::TempDir()) /
        fmt::format("{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(),
                    ::getpid());
    std::filesystem::remove_all(options_.data_folder);
    store_ = *storage::Store::open(options_, storage::OpenMode::kReadWrite, files_, clock_, logger_,
                                   metrics_);
    engine_ = std::make_unique<logql::Engine>(*store_, pool_, limits_, clock_);
  }
  ~DiffTest() override {
    store_.reset();
    std::filesystem::remove_all(options_.data_folder);
  }

  void log(TimestampNs time, std::string_view line, std::string_view service = "shop",
           const std::vector<Field>& fields = {}) {
    batch_.add(
        batch_.add_stream(Labels(std::vector<Label>{{"service_name", std::string(service)}})), time,
        line, fields);
  }
  void metric(TimestampNs time, const std::string& source, const std::vector<Field>& fields) {
    batch_.add(batch_.add_stream(Labels(std::vector<Label>{{"source", source}, {"host", "web1"}})),
               time, "", fields);
  }
  Answer compare(Question question) {
    EXPECT_TRUE(store_->append(tenant_, std::exchange(batch_, RecordBatch())));
    const Deadline deadline;
    question.before = kBefore;
    question.after = kAfter;
    auto answer = diff::compare({*store_, *engine_, tenant_, deadline}, question);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    return answer ? *std::move(answer) : Answer();
  }
  /// "change name=value", of one kind
  static std::vector<std::string> found(const Answer& answer, FindingKind kind) {
    std::vector<std::string> out;
    for (const Finding& finding : answer.findings) {
      if (finding.kind == kind)
        out.push_back(fmt::format("{} {}={}", name(finding.change), finding.name, finding.value));
    }
    return out;
  }

  storage::StoreOptions options_;
  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  Limits limits_;
  ThreadPool pool_{"diff", 1, 64};
  TenantId tenant_ = TenantId::single();
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<logql::Engine> engine_;
  RecordBatch batch_;
};

TEST_F(DiffTest, NothingChangedNothingFound) {
  for (int i = 0; i < 600; ++i) {
    for (const TimestampNs start : {kBefore.start, kAfter.start})
      log(start + i * kSecond, fmt::format("request {} served in {} ms", i * 7919, i % 17));
  }
  const Answer answer = compare({});
  EXPECT_TRUE(answer.findings.empty()) << answer.findings.front().value;
  EXPECT_EQ(answer.records_before, 600);
  EXPECT_EQ(answer.records_after, 600);
  EXPECT_FALSE(answer.is_sample);
}

TEST_F(DiffTest, PatternsThatCameWentAndShifted) {
  for (int i = 0; i < 600; ++i) {
    log(kBefore.start + i * kSecond, fmt::format("request {} served", i));
    log(kAfter.start + i * kSecond, fmt::format("request {} served", i));
    if (i % 10 == 0) log(kBefore.start + i * kSecond + 1, fmt::format("cache of {} warmed up", i));
    if (i % 4 == 0) {
      log(kAfter.start + i * kSecond + 1, fmt::format("payment for order {} failed: timeout", i),
          "shop", {{"detected_level", std::string_view("error")}});
    }
    if (i % 20 == 0) log(kBefore.start + i * kSecond + 2, fmt::format("retry {} of the queue", i));
    if (i % 2 == 0) log(kAfter.start + i * kSecond + 2, fmt::format("retry {} of the queue", i));
  }
  const Answer answer = compare({});
  EXPECT_THAT(found(answer, FindingKind::kPattern),
              testing::UnorderedElementsAre("new error=payment for order <_> failed: timeout",
                                            "gone =cache of <_> warmed up",
                                            "more =retry <_> of the queue"));
  for (const Finding& finding : answer.findings) {
    if (finding.kind != FindingKind::kPattern || finding.change != Change::kNew) continue;
    EXPECT_EQ(finding.after, 150);
    EXPECT_EQ(finding.query, "{service_name=~\".+\"} |> \"payment for order <_> failed: timeout\"");
  }
  EXPECT_THAT(found(answer, FindingKind::kField), testing::Contains("new detected_level=error"));
}

TEST_F(DiffTest, FieldsOfLinesAndNumbers) {
  for (int i = 0; i < 400; ++i) {
    const auto line = [i](int status, int milliseconds) {
      return fmt::format(R"({{"status":{},"duration":"{}ms","id":"{}"}})", status,
                         milliseconds + i * 157 % 400, i * 7919);
    };
    log(kBefore.start + i * kSecond, line(200, 100));
    log(kAfter.start + i * kSecond, line(i % 3 == 0 ? 503 : 200, 900));
  }
  const Answer answer = compare({});
  EXPECT_THAT(found(answer, FindingKind::kField), testing::Contains("new status=503"));
  ASSERT_EQ(found(answer, FindingKind::kNumber), std::vector<std::string>{"more duration="});
  for (const Finding& finding : answer.findings) {
    if (finding.kind != FindingKind::kNumber) continue;
    EXPECT_NEAR(finding.before, 0.3, 0.05);
    EXPECT_NEAR(finding.after, 1.1, 0.05);
    EXPECT_THAT(finding.query, testing::StartsWith("{service_name=~\".+\"} | json | duration > "));
  }
}

TEST_F(DiffTest, ASelectionAgainstTheRest) {
  for (int i = 0; i < 400; ++i) {
    const bool fails = i % 8 == 0;
    log(kAfter.start + i * kSecond,
        fmt::format("level={} node={} shard={}", fails ? "error" : "info",
                    fails ? "n7" : (i % 2 == 0 ? "n1" : "n2"), i % 3));
  }
  const Answer answer = compare({.selection = "| logfmt | level=\"error\""});
  EXPECT_EQ(answer.against, Against::kRest);
  EXPECT_EQ(answer.records_before, 350);
  EXPECT_EQ(answer.records_after, 50);
  const auto fields = found(answer, FindingKind::kField);
  EXPECT_THAT(fields, testing::Contains("new node=n7"));
  EXPECT_THAT(fields, testing::Not(testing::Contains(testing::HasSubstr("shard"))));
}

TEST_F(DiffTest, MetricsAndProcesses) {
  for (int i = 0; i < 600; i += 5) {
    for (const TimeRange& range : {kBefore, kAfter}) {
      const bool is_after = range.start == kAfter.start;
      metric(range.start + i * kSecond, "cpu",
             {{"busy_percent", is_after ? 80.0 + i % 3 : 10.0 + i % 3}, {"user_percent", 5.0}});
      metric(range.start + i * kSecond, "memory", {{"used_percent", 40.0 + i % 2}});
    }
  }
  for (const TimeRange& range : {kBefore, kAfter}) {
    const auto process = [&](std::int64_t pid, std::string_view name) {
      metric(range.start + kSecond, "process",
             {{"pid", pid}, {"start_time", pid * 1000}, {"name", name}});
    };
    process(1, "init");
    if (range.start == kAfter.start) {
      process(99, "nginx");
      process(100, "backup");
    } else {
      process(7, "nginx");
      process(8, "old-agent");
    }
  }
  const Answer answer = compare({});
  EXPECT_EQ(found(answer, FindingKind::kMetric),
            std::vector<std::string>{"more cpu.busy_percent=web1"});
  EXPECT_EQ(
      found(answer, FindingKind::kProcess),
      (std::vector<std::string>{"new backup=web1", "gone old-agent=web1", "more nginx=web1"}));
}

TEST_F(DiffTest, ALargeRangeIsSampled) {
  for (int i = 0; i < 4000; ++i) {
    log(kBefore.start + i * kSecond / 10, fmt::format("request {} served", i));
    log(kAfter.start + i * kSecond / 10, fmt::format("request {} served", i));
    if (i % 5 == 0) log(kAfter.start + i * kSecond / 10 + 1, fmt::format("failure {} here", i));
    if (i % 200 == 0) {
      EXPECT_TRUE(store_->append(tenant_, std::exchange(batch_, RecordBatch())));
    }
  }
  const Answer answer = compare({.max_rows = 1000});
  EXPECT_THAT(found(answer, FindingKind::kPattern), testing::Contains("new =failure <_> here"));
  EXPECT_NEAR(answer.records_after, 4800, 1500);
}

TEST_F(DiffTest, AMetricQueryIsRefused) {
  const Deadline deadline;
  const auto answer =
      diff::compare({*store_, *engine_, tenant_, deadline},
                    {.query = "rate({a=\"b\"}[1m])", .before = kBefore, .after = kAfter});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace livedata::query::diff
