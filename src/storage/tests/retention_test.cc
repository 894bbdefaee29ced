#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "base/testing/simulated_disk.h"
#include "storage/retention/retention_plan.h"
#include "storage/store.h"

namespace livedata::storage {
namespace {

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;
constexpr std::int64_t kHour = 3600 * kNsPerSecond;

RetentionRule rule(const std::string& app, std::chrono::nanoseconds age, int priority = 0) {
  RetentionRule out;
  out.id = app;
  out.matchers.push_back(*LabelMatcher::make("app", MatchOp::kRegex, app));
  out.max_age = age;
  out.priority = priority;
  return out;
}

Labels app(const std::string& name) { return Labels(std::vector<Label>{{"app", name}}); }

TEST(RetentionRuleTest, HoldThenPriorityThenLongestAgeDecides) {
  RetentionOptions options;
  options.rules = {rule("a|b", std::chrono::hours(1)), rule("b", std::chrono::hours(5)),
                   rule("b|c", std::chrono::hours(2), 7)};
  EXPECT_EQ(deciding_rule(options, app("a"))->max_age, std::chrono::hours(1));
  EXPECT_EQ(deciding_rule(options, app("b"))->max_age, std::chrono::hours(2));
  EXPECT_EQ(deciding_rule(options, app("x")), nullptr);
  options.rules[2].priority = 0;
  EXPECT_EQ(deciding_rule(options, app("b"))->max_age, std::chrono::hours(5));
  options.rules.push_back(rule("b", std::chrono::nanoseconds(0)));
  EXPECT_EQ(deciding_rule(options, app("b"))->max_age.count(), 0) << "for ever is the longest";
  options.rules[0].hold = true;
  EXPECT_TRUE(deciding_rule(options, app("b"))->hold);
}

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() {
    options_.data_folder = "/data";
    options_.compact_in_background = false;
    options_.retention.max_age = std::chrono::hours(10);
    options_.retention.grace_period = std::chrono::hours(2);
    options_.retention.disk_high = 1.0;
    options_.retention.keep_at_least = std::chrono::hours(1);
  }
  void open() {
    store_.reset();
    auto store = Store::open(options_, OpenMode::kReadWrite, *files_, clock_, logger_, metrics_);
    ASSERT_TRUE(store.has_value()) << store.error().message;
    store_ = *std::move(store);
  }
  /// A record of the application, so many hours old.
  void append(const std::string& name, std::int64_t hours_ago, std::size_t bytes = 10) {
    RecordBatch batch;
    batch.add(batch.add_stream(app(name)), kNow - hours_ago * kHour - 1, std::string(bytes, 'x'));
    ASSERT_TRUE(store_->append(TenantId::single(), std::move(batch)));
  }
  void maintain() {
    const auto done = store_->maintain();
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  /// Ages in hours of an application's records that are there.
  std::vector<std::int64_t> ages(const std::string& name) {
    std::vector<std::int64_t> found;
    ScanRequest request{.range = {0, 2 * kNow}};
    request.matchers.push_back(*LabelMatcher::make("app", MatchOp::kEqual, name));
    const auto scan = store_->scan(TenantId::single(), request);
    for (std::size_t i = 0; i < scan->num_units(); ++i) {
      const auto rows = scan->read(i, Deadline());
      for (const RowIndex row : rows->rows)
        found.push_back((kNow - rows->batch->timestamps()[row]) / kHour);
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  std::string audit() {
    const auto content = files_->read_all("/data/tenants/default/audit.jsonl");
    return content.value_or("");
  }

  SimulatedDisk disk_{1};
  std::shared_ptr<FileSystem> files_ = disk_.mount();
  FakeClock clock_{kNow};
  Logger logger_{clock_, static_cast<LogLevel>(4)};
  MetricRegistry metrics_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

using Ages = std::vector<std::int64_t>;

TEST_F(RetentionTest, ExpiredSegmentsGoAfterTheGracePeriodAndAreAudited) {
  open();
  append("a", 1);
  append("a", 30);
  ASSERT_TRUE(store_->flush());
  maintain();
  EXPECT_EQ(ages("a"), (Ages{1, 30})) << "marked, not gone";
  EXPECT_EQ(audit(), "");
  clock_.advance(std::chrono::hours(3));
  maintain();
  EXPECT_EQ(ages("a"), Ages{1});
  EXPECT_NE(audit().find(R"("reason":"age","records":1)"), std::string::npos) << audit();
}

TEST_F(RetentionTest, AMistakenRuleCanBeTakenBackInTime) {
  open();
  append("a", 30);
  ASSERT_TRUE(store_->flush());
  maintain();
  options_.retention.max_age = std::chrono::hours(100);
  open();
  maintain();
  clock_.advance(std::chrono::hours(3));
  maintain();
  EXPECT_EQ(ages("a"), Ages{30});
}

TEST_F(RetentionTest, StreamsOfOneSegmentExpireApart) {
  options_.retention.rules = {rule("debug", std::chrono::hours(2)),
                              rule("audit", std::chrono::nanoseconds(0))};
  options_.retention.rules[1].hold = true;
  open();
  for (const char* name : {"debug", "audit", "plain"}) append(name, 5);
  ASSERT_TRUE(store_->flush());
  maintain();
  EXPECT_EQ(ages("debug"), Ages{});
  EXPECT_EQ(ages("audit"), Ages{5});
  EXPECT_EQ(ages("plain"), Ages{5});
  clock_.advance(std::chrono::hours(2000));
  maintain();
  clock_.advance(std::chrono::hours(3));
  maintain();
  EXPECT_EQ(ages("plain"), Ages{});
  EXPECT_EQ(ages("audit"), Ages{5}) << "held";
}

TEST_F(RetentionTest, TheOldestGoWhenATenantHasTooManyBytes) {
  options_.retention.max_age = std::chrono::nanoseconds(0);
  options_.retention.grace_period = std::chrono::nanoseconds(0);
  options_.retention.max_bytes = 3000;
  open();
  for (std::int64_t hour = 1; hour <= 9; ++hour) append("a", hour);
  ASSERT_TRUE(store_->flush());
  maintain();
  const Ages left = ages("a");
  EXPECT_LT(left.size(), 9U);
  EXPECT_GE(left.size(), 1U);
  EXPECT_EQ(left.front(), 1) << "the youngest stay";
  EXPECT_LE(store_->status().segment_bytes, 3000U);
}

TEST_F(RetentionTest, ARuleBoundsTheRecordsOfItsStreams) {
  options_.retention.grace_period = std::chrono::nanoseconds(0);
  options_.retention.rules = {rule("debug", std::chrono::nanoseconds(0))};
  options_.retention.rules[0].max_records = 2;
  open();
  for (std::int64_t hour = 1; hour <= 5; ++hour) append("debug", hour);
  append("plain", 4);
  ASSERT_TRUE(store_->flush());
  maintain();
  EXPECT_EQ(ages("debug"), (Ages{1, 2}));
  EXPECT_EQ(ages("plain"), Ages{4});
}

TEST_F(RetentionTest, ANearlyFullDiskCostsTheOldestAndNeverTheYoungest) {
  open();
  for (std::int64_t hour = 0; hour <= 8; ++hour) append("a", hour);
  ASSERT_TRUE(store_->flush());
  const std::uint64_t used = disk_.used_bytes();
  const std::uint64_t capacity = used + 4000;
  disk_.set_capacity(capacity);
  const double share = static_cast<double>(used) / static_cast<double>(capacity);
  options_.retention.disk_high = 0.9 * share;
  options_.retention.disk_low = 0.5 * share;
  open();
  maintain();
  const Ages left = ages("a");
  EXPECT_LT(left.size(), 9U);
  ASSERT_FALSE(left.empty());
  EXPECT_EQ(left.front(), 0);
  EXPECT_NE(audit().find(R"("reason":"disk")"), std::string::npos);
}

}  // namespace
}  // namespace livedata::storage
