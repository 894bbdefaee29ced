#include "collect/custom/custom_collectors.h"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/custom/tests/one_answer_server.h"
#include "http_client/tests/scripted_server.h"
#include "server/streams/tests/test_certificate.h"

namespace livedata::collect::custom {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class CustomCollectorsTest : public testing::Test {
 protected:
  CustomCollectorsTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                fmt::format("custom_{}_{}", ::getpid(),
                            testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
  }
  ~CustomCollectorsTest() override {
    collectors_.reset();
    std::filesystem::remove_all(folder_);
  }

  static CollectorSpec shell(std::string name, std::string command) {
    CollectorSpec spec;
    spec.name = std::move(name);
    spec.command = {"/bin/sh", "-c", std::move(command)};
    spec.interval = milliseconds(50);
    spec.timeout = seconds(10);
    return spec;
  }
  static CollectorSpec endpoint(std::string name, int port) {
    CollectorSpec spec;
    spec.name = std::move(name);
    spec.url = *parse_http_url(fmt::format("http://127.0.0.1:{}/metrics?x=y", port));
    spec.interval = milliseconds(50);
    spec.timeout = seconds(10);
    return spec;
  }
  void start(std::vector<CollectorSpec> specs, std::size_t threads = 4) {
    collectors_ = std::make_unique<CustomCollectors>(
        CustomOptions{
            .specs = std::move(specs), .host = "web1", .max_threads = threads, .page = &page_},
        [this](RecordBatch batch) -> Result<void> {
          const MutexLock lock(mutex_);
          for (RowIndex row = 0; row < batch.num_rows(); ++row) {
            std::string text =
                fmt::format("{} {}:", batch.stream(row).labels.to_string(), batch.line(row));
            for (const Field& field : batch.fields(row)) {
              if (field.name != "scrape_duration_seconds")
                text += fmt::format(" {}={}", field.name, to_string(field.value));
            }
            ++records_[text];
          }
          return {};
        },
        limits_, clock_, logger_, metrics_);
  }
  int count(const std::string& record) {
    const MutexLock lock(mutex_);
    return records_[record];
  }
  /// Whether something becomes true within 20 s.
  template <class Condition>
  static bool comes_true(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return true;
  }
  std::string all_records() {
    const MutexLock lock(mutex_);
    std::string all;
    for (const auto& [record, times] : records_) all += fmt::format("{}\n", record);
    return all;
  }
  double gauge(const std::string& name, const std::string& collector) {
    return metrics_.read_gauges(name)[fmt::format("collector=\"{}\"", collector)];
  }

  std::filesystem::path folder_;
  Limits limits_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  host::HostPage page_;
  Mutex mutex_;
  std::map<std::string, int> records_;
  std::unique_ptr<CustomCollectors> collectors_;
};

TEST_F(CustomCollectorsTest, RunsACommandAtItsInterval) {
  start({shell("queue", "echo '{\"queue\":\"mail\",\"length\":5}'")});
  EXPECT_TRUE(comes_true([&] {
    return count(R"({host="web1", source="queue"} : length=5 queue=mail)") >= 3;
  })) << all_records();
  EXPECT_TRUE(comes_true([&] {
    return count(R"({host="web1", source="collector"} : bytes=28 collector=queue )"
                 R"(scrape_samples_left_out=0 scrape_samples_scraped=1 up=1)") >= 3;
  })) << all_records();
  EXPECT_THAT(*page_.render(), HasSubstr("queue_length{source=\"queue\",queue=\"mail\"} 5\n"));
  EXPECT_THAT(*page_.render(), HasSubstr("livedata_collector_up{collector=\"queue\"} 1\n"));
  EXPECT_GE(gauge("livedata_collect_runs_total", "queue"), 3);
  EXPECT_GE(gauge("livedata_collect_bytes_total", "queue"), 3 * 28);
  EXPECT_GT(gauge("livedata_collect_seconds_total", "queue"), 0);
  EXPECT_GT(gauge("livedata_collect_run_seconds_total", "queue"), 0);
  EXPECT_EQ(gauge("livedata_collect_series", "queue"), 1);
  EXPECT_EQ(gauge("livedata_collect_failures_total", "queue"), 0);
  EXPECT_EQ(gauge("livedata_collect_interval_seconds", "queue"), 0.05);
  collectors_.reset();
  EXPECT_FALSE(page_.render().has_value());
  EXPECT_THAT(metrics_.render(), Not(HasSubstr("queue")));
}

TEST_F(CustomCollectorsTest, NagiosCodesAreAStatusAndOthersAFailure) {
  start({shell("disk", "echo 'DISK CRITICAL - full|used=99%'; exit 2"),
         shell("broken", "echo 'DISK OK'; echo 'no plugin' >&2; exit 4"),
         shell("json", "echo '{\"a\":1}'; exit 1")});
  EXPECT_TRUE(comes_true([&] {
    return count(R"({host="web1", source="disk"} DISK CRITICAL - full: status=2 used_percent=99)") >
           1;
  })) << all_records();
  EXPECT_TRUE(comes_true([&] {
    return count(
               R"({host="web1", source="collector"} the command ended with exit code 4; it said: )"
               R"(no plugin: bytes=8 collector=broken scrape_samples_left_out=0 )"
               R"(scrape_samples_scraped=0 up=0)") > 1;
  })) << all_records();
  EXPECT_TRUE(comes_true([&] { return gauge("livedata_collect_failures_total", "json") > 1; }));
  EXPECT_THAT(all_records(), Not(HasSubstr("source=\"json\"")));
  EXPECT_THAT(*page_.render(), HasSubstr("livedata_collector_up{collector=\"json\"} 0\n"));
}

TEST_F(CustomCollectorsTest, FailuresAreTriedLessAndLessOften) {
  start({shell("bad", "exit 9")});
  ASSERT_TRUE(comes_true([&] { return gauge("livedata_collect_failures_total", "bad") >= 5; }));
  EXPECT_GE(gauge("livedata_collect_interval_seconds", "bad"), 0.05 * 16);
}

TEST_F(CustomCollectorsTest, ComesBackAfterAFailure) {
  const std::string file = (folder_ / "here").string();
  testing::internal::CaptureStderr();
  Logger logger(clock_, LogLevel::kInfo);
  std::map<std::string, int> unused;
  {
    CustomCollectors collectors(
        {.specs = {shell("flaky", "cat " + file)}, .host = "web1", .page = &page_},
        [](RecordBatch) -> Result<void> { return {}; }, limits_, clock_, logger, metrics_);
    ASSERT_TRUE(comes_true([&] { return gauge("livedata_collect_failures_total", "flaky") >= 3; }));
    std::ofstream(file) << "a=1\n";
    ASSERT_TRUE(comes_true([&] { return gauge("livedata_collect_series", "flaky") == 1; }));
    EXPECT_EQ(gauge("livedata_collect_interval_seconds", "flaky"), 0.05);
    std::ofstream(file) << "a=1\nnonsense\n";
    ASSERT_TRUE(comes_true([&] { return gauge("livedata_collect_left_out_total", "flaky") >= 3; }));
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 3) << log;
  EXPECT_THAT(log,
              HasSubstr("collector flaky: the command ended with exit code 1; it said: cat: "));
  EXPECT_THAT(log, HasSubstr("collector flaky: it works again, after 3"));
  EXPECT_THAT(log, HasSubstr("some of what it says is left out: 1 not_understood (line 2: there is "
                             "no key=value)"));
}

TEST_F(CustomCollectorsTest, ScrapesAnEndpoint) {
  const std::string body = "# TYPE jobs gauge\njobs{queue=\"mail\"} 5\n";
  OneAnswerServer server(
      fmt::format("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                  body.size(), body));
  CollectorSpec spec = endpoint("app", server.port());
  spec.headers = {{"Authorization", "Bearer abc"}};
  start({spec});
  EXPECT_TRUE(comes_true([&] {
    return count(R"({host="web1", queue="mail", source="app"} : jobs=5)") >= 2;
  })) << all_records();
  EXPECT_THAT(server.last_request(), HasSubstr("GET /metrics?x=y HTTP/1.1\r\n"));
  EXPECT_THAT(server.last_request(), HasSubstr("Authorization: Bearer abc\r\n"));
  EXPECT_THAT(*page_.render(),
              HasSubstr("# TYPE jobs gauge\njobs{source=\"app\",queue=\"mail\"} 5\n"));
  server.set_answer("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(comes_true([&] {
    return all_records().find("/metrics?x=y answers with status 302") != std::string::npos;
  })) << all_records();
  // What it said is no longer shown.
  EXPECT_THAT(*page_.render(), Not(HasSubstr("jobs{")));
}

TEST_F(CustomCollectorsTest, ScrapesAnEndpointOverHttps) {
  ::signal(SIGPIPE, SIG_IGN);  // as the server does: the one that is distrusted hangs up
  const server::TestCertificate certificate("127.0.0.1");
  http_client::ScriptedServer server(
      [](const std::string& request) {
        return http_client::answer_of(
            request.find("Authorization: Bearer abc\r\n") < request.size() ? 200 : 401, "jobs 5\n",
            "Connection: close\r\n");
      },
      certificate.certificate_file, certificate.key_file);
  CollectorSpec spec = endpoint("app", server.port());
  spec.url.is_secure = true;
  spec.headers = {{"Authorization", "Bearer abc"}};
  spec.ca_file = certificate.certificate_file;
  CollectorSpec distrusting = spec;
  distrusting.name = "distrusting";
  distrusting.ca_file = "";
  start({spec, distrusting});
  EXPECT_TRUE(comes_true([&] {
    return count(R"({host="web1", source="app"} : jobs=5)") >= 2 &&
           all_records().find("certificate") != std::string::npos;
  })) << all_records();
}

TEST_F(CustomCollectorsTest, TellsWhyAnEndpointGivesNothing) {
  OneAnswerServer silent("");
  OneAnswerServer other("SSH-2.0-OpenSSH\r\n\r\n");
  OneAnswerServer large("HTTP/1.1 200 OK\r\n\r\n" + std::string(2000, 'x'));
  CollectorSpec slow = endpoint("slow", silent.port());
  slow.timeout = milliseconds(200);
  CollectorSpec big = endpoint("big", large.port());
  big.max_output_bytes = 1000;
  start({slow, endpoint("ssh", other.port()), big, endpoint("nobody", 1)});
  for (const char* message :
       {"no end after 0.2 s", "the answer is no HTTP", "the answer is longer than 1000 bytes",
        "nobody answers at 127.0.0.1:1: Connection refused"}) {
    EXPECT_TRUE(comes_true([&] { return all_records().find(message) != std::string::npos; }))
        << message << "\n"
        << all_records();
  }
}

TEST_F(CustomCollectorsTest, OneThatHangsHoldsNobodyElseUpForLong) {
  CollectorSpec hanging = shell("hanging", "sleep 300");
  hanging.timeout = milliseconds(300);
  start({hanging, shell("good", "echo a=1")}, 1);
  EXPECT_TRUE(comes_true([&] { return count(R"({host="web1", source="good"} : a=1)") >= 3; }));
  EXPECT_TRUE(comes_true([&] { return gauge("livedata_collect_failures_total", "hanging") >= 1; }));
}

TEST_F(CustomCollectorsTest, EndsWhatRunsAtTheEnd) {
  start({shell("hanging", "sleep 300")});
  std::this_thread::sleep_for(milliseconds(200));
  const auto begin = std::chrono::steady_clock::now();
  collectors_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
  EXPECT_EQ(all_records(), "");
}

}  // namespace
}  // namespace livedata::collect::custom
