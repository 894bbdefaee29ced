#include "query/around/around.h"

#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/around/host_labels.h"

namespace livedata::query::around {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr TimestampNs kSecond = kNsPerSecond;
constexpr TimestampNs kT = 1'800'000'000 * kSecond;

class AroundTest : public testing::Test {
 protected:
  AroundTest() {
    options_.data_folder =
        std::filesystem::path(testing::TempDir()) / ("around" + std::to_string(::getpid()));
    std::filesystem::remove_all(options_.data_folder);
    store_ = *storage::Store::open(options_, storage::OpenMode::kReadWrite, files_, clock_, logger_,
                                   metrics_);
    engine_ = std::make_unique<logql::Engine>(*store_, pool_, limits_, clock_);
  }
  ~AroundTest() override {
    store_.reset();
    std::filesystem::remove_all(options_.data_folder);
  }

  void metric(TimestampNs time, const std::string& source, const std::vector<Field>& fields,
              const std::string& host = "web1") {
    batch_.add(batch_.add_stream(Labels(std::vector<Label>{{"source", source}, {"host", host}})),
               time, "", fields);
  }
  void log(TimestampNs time, const std::string& line, const std::string& label = "host",
           const std::string& host = "web1", const std::vector<Field>& fields = {}) {
    batch_.add(
        batch_.add_stream(Labels(std::vector<Label>{{"service_name", "app"}, {label, host}})), time,
        line, fields);
  }
  void store() { ASSERT_TRUE(store_->append(TenantId::single(), std::exchange(batch_, {}))); }

  Answer ask_about(const Question& question) {
    const Context context{*store_, *engine_, tenant_, deadline_};
    auto answer = ask(context, question);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *std::move(answer) : Answer();
  }
  static std::vector<std::string> lines(const Answer& answer) {
    std::vector<std::string> out;
    for (const LogRow& row : answer.logs.rows) out.push_back(row.line);
    return out;
  }

  storage::StoreOptions options_;
  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  Limits limits_;
  ThreadPool pool_{"test", 1, 64};
  TenantId tenant_ = TenantId::single();
  Deadline deadline_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<logql::Engine> engine_;
  RecordBatch batch_;
};

TEST_F(AroundTest, MetricsAtTheInstantAndWhatIsUsual) {
  for (int i = -1800; i <= 100; ++i) {
    const bool is_spike = i > -30 && i <= 10;
    metric(kT + i * kSecond, "cpu",
           {Field{"busy_percent", is_spike ? 99.0 : 5.0}, Field{"cores", std::int64_t{4}}});
    metric(kT + i * kSecond, "cpu", {Field{"busy_percent", 77.0}}, "db1");
  }
  store();
  ASSERT_TRUE(store_->flush());
  const Answer answer = ask_about({.host = "web1", .at = kT});
  ASSERT_EQ(answer.metrics.size(), 2U);
  EXPECT_EQ(answer.metrics[0].metric, (MetricKey{"cpu", "", "busy_percent"}));
  EXPECT_EQ(answer.metrics[0].reading.time, kT);
  EXPECT_EQ(answer.metrics[0].reading.value, 99);
  EXPECT_EQ(answer.metrics[0].usual, 5);
  ASSERT_EQ(answer.spikes.size(), 1U);
  EXPECT_EQ(answer.spikes[0].value, 99);
  EXPECT_FALSE(answer.metrics_are_cut);
}

TEST_F(AroundTest, DevicesAreToldApart) {
  for (int i = -5; i <= 0; ++i) {
    metric(kT + i * kSecond, "disk",
           {Field{"device", std::string_view("sda")}, Field{"busy_percent", 1.0 * i}});
    metric(kT + i * kSecond, "disk",
           {Field{"device", std::string_view("sdb")}, Field{"busy_percent", 50.0 + i}});
  }
  store();
  const Answer answer = ask_about({.host = "web1", .at = kT - 2 * kSecond});
  ASSERT_EQ(answer.metrics.size(), 2U);
  EXPECT_EQ(answer.metrics[0].metric.device, "sda");
  EXPECT_EQ(answer.metrics[0].reading.value, -2);
  EXPECT_EQ(answer.metrics[1].metric.device, "sdb");
  EXPECT_EQ(answer.metrics[1].reading.value, 48);
}

TEST_F(AroundTest, AFilesystemIsItsMountAndAChipHasSensors) {
  metric(kT, "filesystem",
         {Field{"device", std::string_view("/dev/sda1")}, Field{"mount", std::string_view("/srv")},
          Field{"used_percent", 1.0}});
  metric(kT, "temperature",
         {Field{"chip", std::string_view("coretemp")}, Field{"sensor", std::string_view("temp1")},
          Field{"celsius", 40.0}});
  metric(kT, "temperature",
         {Field{"chip", std::string_view("coretemp")}, Field{"sensor", std::string_view("temp2")},
          Field{"celsius", 50.0}});
  store();
  std::vector<std::string> devices;
  for (const MetricState& state : ask_about({.host = "web1", .at = kT}).metrics)
    devices.push_back(state.metric.device);
  EXPECT_THAT(devices, ElementsAre("/srv", "coretemp temp1", "coretemp temp2"));
}

TEST_F(AroundTest, ReadingsThatAreFarAwaySayNothing) {
  metric(kT - 100 * kSecond, "load", {Field{"load1", 1.0}});
  store();
  EXPECT_TRUE(ask_about({.host = "web1", .at = kT}).metrics.empty());
  EXPECT_TRUE(ask_about({.host = "web1", .at = kT}).empty());
}

TEST_F(AroundTest, TheTableOfProcessesIsThatOfTheInstant) {
  const auto process = [&](int at, std::int64_t pid, std::string_view name, double cpu) {
    metric(kT + at * kSecond, "process",
           {Field{"pid", pid}, Field{"name", name}, Field{"cpu_percent", cpu},
            Field{"memory_bytes", std::int64_t{1000}}, Field{"start_time", pid * 7}});
  };
  process(-50, 1, "init", 0);
  process(-5, 2, "nginx", 80);
  process(-1, 2, "nginx", 90);
  process(-10, 3, "ended", 99);
  process(5, 2, "nginx", 10);
  process(-70, 4, "long-ago", 50);
  metric(kT - 5 * kSecond, "process_event",
         {Field{"event", std::string_view("exited")}, Field{"pid", std::int64_t{3}},
          Field{"name", std::string_view("ended")}, Field{"start_time", std::int64_t{21}},
          Field{"cpu_seconds", 1.5}});
  store();
  const Answer answer = ask_about({.host = "web1", .at = kT});
  ASSERT_EQ(answer.processes.size(), 2U);
  EXPECT_EQ(answer.processes[0].name, "nginx");
  EXPECT_EQ(answer.processes[0].cpu_percent, 90);
  EXPECT_EQ(answer.processes[1].pid, 1);
  ASSERT_EQ(answer.events.size(), 1U);
  EXPECT_EQ(answer.events[0].kind, "exited");
  EXPECT_EQ(answer.events[0].text, "ended[3] after 1.5 s of CPU time");
  Question one{.host = "web1", .at = kT};
  one.choice.pid = 1;
  EXPECT_EQ(ask_about(one).processes.size(), 1U);
  EXPECT_TRUE(ask_about(one).events.empty());
}

TEST_F(AroundTest, UnitsThatChangedAndKillsAreEvents) {
  metric(
      kT - 3 * kSecond, "unit",
      {Field{"unit", std::string_view("nginx.service")},
       Field{"before", std::string_view("active")}, Field{"active", std::string_view("failed")}});
  metric(
      kT - 3 * kSecond, "unit",
      {Field{"unit", std::string_view("a.service")}, Field{"active", std::string_view("active")}});
  metric(kT - 2 * kSecond, "vmstat", {Field{"oom_kills", std::int64_t{2}}});
  metric(kT - 1 * kSecond, "vmstat", {Field{"oom_kills", std::int64_t{0}}});
  store();
  const Answer answer = ask_about({.host = "web1", .at = kT});
  ASSERT_EQ(answer.events.size(), 2U);
  EXPECT_EQ(answer.events[0].text, "nginx.service: active -> failed");
  EXPECT_EQ(answer.events[1].kind, "oom_kill");
}

TEST_F(AroundTest, TheNearestLinesWhateverTheHostLabelIsCalled) {
  log(kT - 3 * kSecond, "a");
  log(kT - 2 * kSecond, "b", "hostname", "WEB1.example.org");
  log(kT - 1 * kSecond, "c", "instance", "web1:9100");
  log(kT, "d");
  log(kT + 1 * kSecond, "e");
  log(kT, "other", "host", "web10");
  log(kT + 3600 * kSecond, "later");
  store();
  EXPECT_THAT(lines(ask_about({.host = "web1", .at = kT})), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(lines(ask_about({.host = "web1.example.org", .at = kT, .max_lines = 2})),
              ElementsAre("c", "d"));
  EXPECT_THAT(lines(ask_about({.host = "web1", .at = kT + 2 * kSecond, .max_lines = 4})),
              ElementsAre("b", "c", "d", "e"));
  const Answer answer = ask_about({.host = "web1", .at = kT});
  ASSERT_EQ(answer.logs.services.size(), 1U);
  EXPECT_EQ(answer.logs.services[0].lines, 5U);
  EXPECT_THAT(answer.logs.selectors[0], HasSubstr("host=~"));
}

TEST_F(AroundTest, LinesOfOneProcess) {
  log(kT, "mine", "host", "web1", {Field{"pid", std::string_view("12")}});
  log(kT, "of otel", "host", "web1", {Field{"process_pid", std::int64_t{12}}});
  log(kT, "of another", "host", "web1", {Field{"pid", std::string_view("13")}});
  log(kT, "of nobody");
  store();
  Question question{.host = "web1", .at = kT};
  question.choice.pid = 12;
  EXPECT_EQ(ask_about(question).logs.rows.size(), 2U);
  question.choice = {.name = "app"};
  EXPECT_EQ(ask_about(question).logs.rows.size(), 4U);
  question.choice = {.name = "a\" or b=\""};
  EXPECT_TRUE(ask_about(question).logs.rows.empty());
}

TEST_F(AroundTest, HostsThatHaveMetrics) {
  metric(kT, "load", {Field{"load1", 1.0}}, "b");
  metric(kT, "load", {Field{"load1", 1.0}}, "a");
  log(kT, "x", "host", "c");
  store();
  const Context context{*store_, *engine_, tenant_, deadline_};
  EXPECT_THAT(*hosts_in(context, {kT - kSecond, kT + kSecond}), ElementsAre("a", "b"));
}

TEST(HostLabels, NamesWithAndWithoutTheirDomain) {
  const auto matches = [](const std::string& asked, const std::string& label) {
    return LabelMatcher::make("host", MatchOp::kRegex, host_pattern(asked))->matches(label);
  };
  EXPECT_TRUE(matches("web1", "web1"));
  EXPECT_TRUE(matches("web1", "WEB1.example.org:80"));
  EXPECT_TRUE(matches("web1.example.org", "web1"));
  EXPECT_TRUE(matches("10.0.0.1", "10.0.0.1:9100"));
  EXPECT_FALSE(matches("10.0.0.1", "10"));
  EXPECT_FALSE(matches("10.0.0.1", "10a0b0c1"));
  EXPECT_FALSE(matches("web1", "web11"));
  EXPECT_FALSE(matches("web1.example.org", "web1.example.com"));
  EXPECT_TRUE(matches("a(b", "a(b"));
  EXPECT_TRUE(matches("::1", "::1"));
}

}  // namespace
}  // namespace livedata::query::around
