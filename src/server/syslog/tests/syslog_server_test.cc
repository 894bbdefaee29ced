#include "server/syslog/syslog_server.h"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/streams/tests/test_certificate.h"
#include "server/streams/tests/test_sink.h"
#include "server/streams/tests/test_socket.h"

namespace livedata::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SyslogServerTest : public testing::Test {
 protected:
  SyslogServerTest() { options_.address = SyslogOptions::Address{"127.0.0.1", 0}; }

  void start() {
    auto server = SyslogServer::start(options_, limits_, sink_.sink(), clock_, logger_, metrics_);
    ASSERT_TRUE(server.has_value()) << server.error().message;
    server_ = *std::move(server);
  }
  [[nodiscard]] std::uint64_t metric(const std::string& name) const {
    const std::string page = metrics_.render();
    const std::size_t at = page.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::stoull(page.substr(at + name.size() + 2));
  }
  [[nodiscard]] std::uint64_t dropped(const std::string& reason) const {
    return metric("livedata_syslog_dropped_total{reason=\"" + reason + "\"}");
  }

  Limits limits_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  TestSink sink_;
  SyslogOptions options_;
  std::unique_ptr<SyslogServer> server_;
};

TEST_F(SyslogServerTest, TakesBothFramingsOverTcp) {
  start();
  TestSocket client(server_->port());
  client.send("<134>Jan 15 10:30:00 web1 nginx: one\n27 <13>1 - h a - - - two\nthree");
  client.send("<14>2024-01-01T12:00:00Z myhost myservice: four\n");
  ASSERT_TRUE(sink_.wait_for(3));
  EXPECT_THAT(sink_.lines(), ElementsAre("one", "two\nthree", "four"));
  EXPECT_THAT(sink_.labels()[0], HasSubstr(R"(app="nginx", facility="local0", host="web1")"));
  EXPECT_EQ(metric(R"(livedata_syslog_messages_total{transport="tcp",format="rfc3164"})"), 2U);
  EXPECT_EQ(metric(R"(livedata_syslog_messages_total{transport="tcp",format="rfc5424"})"), 1U);
  EXPECT_GT(metric(R"(livedata_syslog_bytes_total{transport="tcp"})"), 100U);
}

TEST_F(SyslogServerTest, AMessageWithoutItsEndIsTakenWhenTheSenderCloses) {
  start();
  TestSocket client(server_->port());
  client.send("<13>app: unfinished");
  client.close();
  ASSERT_TRUE(sink_.wait_for(1));
  EXPECT_THAT(sink_.lines(), ElementsAre("unfinished"));
  EXPECT_THAT(sink_.labels()[0], HasSubstr(R"(host="127.0.0.1")"));
}

TEST_F(SyslogServerTest, TakesDatagramsOnTheSamePort) {
  start();
  TestSocket client(server_->port(), SOCK_DGRAM);
  client.send("<13>app: one");
  client.send("<13>app: two\nwith a second line\n");
  client.send("\n");
  ASSERT_TRUE(sink_.wait_for(2));
  EXPECT_THAT(sink_.lines(), ElementsAre("one", "two\nwith a second line"));
  EXPECT_TRUE(TestSink::wait_until([&] { return dropped("empty") == 1; }));
}

TEST_F(SyslogServerTest, AMessageIsThereWithinATenthOfASecond) {
  start();
  std::chrono::nanoseconds best = std::chrono::hours(1);
  TestSocket udp(server_->port(), SOCK_DGRAM);
  TestSocket tcp(server_->port());
  for (std::size_t i = 1; i <= 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    udp.send("<13>app: x");
    tcp.send("<13>app: x\n");
    ASSERT_TRUE(sink_.wait_for(2 * i));
    best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
  }
  EXPECT_LT(best, std::chrono::milliseconds(100));
}

TEST_F(SyslogServerTest, LongMessagesAreCutAndCounted) {
  limits_.max_line_bytes = 1000;
  start();
  TestSocket tcp(server_->port());
  tcp.send("<13>app: " + std::string(5000, 'x') + "\n<13>app: next\n");
  ASSERT_TRUE(sink_.wait_for(2));
  EXPECT_EQ(sink_.lines()[0].size(), 1000U - 9);
  EXPECT_EQ(metric(R"(livedata_syslog_messages_cut_total{transport="tcp"})"), 1U);
  TestSocket udp(server_->port(), SOCK_DGRAM);
  udp.send("<13>app: " + std::string(5000, 'x'));
  ASSERT_TRUE(sink_.wait_for(3));
  EXPECT_EQ(sink_.lines()[2].size(), 1000U);
  EXPECT_EQ(metric(R"(livedata_syslog_messages_cut_total{transport="udp"})"), 1U);
}

// While the store takes nothing the queue fills, and what does not fit is counted.
TEST_F(SyslogServerTest, EveryDatagramIsStoredOrCounted) {
  options_.udp_queue_bytes = 200'000;
  start();
  sink_.refuse = true;
  TestSocket client(server_->port(), SOCK_DGRAM);
  const std::string padding(180, 'x');
  std::uint64_t sent = 0;
  const auto send = [&](int severity, int count) {
    for (int i = 0; i < count; ++i, ++sent)
      client.send("<" + std::to_string(8 + severity) + ">app: " + padding);
  };
  send(3, 10);
  ASSERT_TRUE(TestSink::wait_until([&] { return sink_.num_refused > 0; }));
  send(7, 2000);
  ASSERT_TRUE(TestSink::wait_until([&] { return dropped("less_severe") > 0; }));
  send(3, 2000);
  ASSERT_TRUE(TestSink::wait_until([&] { return dropped("queue_full") > 0; }));
  sink_.refuse = false;
  const auto accounted = [&] {
    return sink_.num_lines + dropped("less_severe") + dropped("queue_full") + dropped("kernel");
  };
  EXPECT_TRUE(TestSink::wait_until([&] { return accounted() == sent; })) << accounted();
  std::size_t errors = 0;
  for (const std::string& labels : sink_.labels())
    errors += labels.find("severity=\"err\"") != std::string::npos ? 1U : 0U;
  EXPECT_GT(errors, 200U);  // there was room for them alone
}

/// With a place on disk for what waits.
class SyslogSpillTest : public SyslogServerTest {
 protected:
  SyslogSpillTest() {
    folder_ =
        Path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    options_.udp_queue_bytes = 100'000;
    options_.stop_grace = std::chrono::milliseconds(100);
    options_.udp_overflow.emplace(UdpOverflow{.files = &files_, .folder = folder_});
  }
  ~SyslogSpillTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// Sends so many numbered messages, slowly enough for the kernel.
  void send(std::size_t count) {
    TestSocket client(server_->port(), SOCK_DGRAM);
    for (std::size_t i = 0; i < count; ++i, ++sent_) {
      client.send(fmt::format("<14>app: {:06} {}", sent_, padding_));
      if (i % 100 == 99) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_TRUE(TestSink::wait_until([&] { return accounted() == sent_; })) << accounted();
  }
  [[nodiscard]] std::uint64_t accounted() const {
    return metric("livedata_overflow_in_total{queue=\"syslog_udp\"}") + dropped("kernel");
  }
  void expect_each_once() const {
    const auto lines = sink_.lines();
    const std::set<std::string> different(lines.begin(), lines.end());
    EXPECT_EQ(different.size(), lines.size());
  }
  void restart(std::string position) {
    server_.reset();
    options_.udp_overflow.reset();
    options_.udp_overflow.emplace(
        UdpOverflow{.files = &files_, .folder = folder_, .position = std::move(position)});
    start();
  }

  PosixFileSystem files_;
  Path folder_;
  std::size_t sent_ = 0;
  const std::string padding_ = std::string(180, 'x');
};

TEST_F(SyslogSpillTest, ABurstWaitsOnDiskAndNothingIsLost) {
  start();
  sink_.refuse = true;
  send(3000);
  EXPECT_GT(metric("livedata_overflow_disk_bytes{queue=\"syslog_udp\"}"), 300'000U);
  EXPECT_GT(metric("livedata_buffer_bytes{buffer=\"syslog_udp\"}"), 400'000U);
  sink_.refuse = false;
  ASSERT_TRUE(sink_.wait_for(sent_ - dropped("kernel")));
  EXPECT_TRUE(TestSink::wait_until(
      [&] { return metric("livedata_overflow_disk_bytes{queue=\"syslog_udp\"}") == 0; }));
  expect_each_once();
  // In the order in which they came.
  const auto lines = sink_.lines();
  EXPECT_TRUE(std::is_sorted(lines.begin(), lines.end()));
  EXPECT_EQ(sink_.bookmarks().count("overflow:syslog"), 1U);
  EXPECT_EQ(dropped("less_severe") + dropped("queue_full"), 0U);
}

TEST_F(SyslogSpillTest, AnEndKeepsWhatTheStoreDoesNotTake) {
  start();
  sink_.refuse = true;
  send(2000);
  restart("");
  sink_.refuse = false;
  ASSERT_TRUE(sink_.wait_for(sent_ - dropped("kernel")));
  expect_each_once();
  EXPECT_EQ(dropped("stopping"), 0U);
  EXPECT_EQ(metric("livedata_syslog_unwritten_records_total"), 0U);
}

TEST_F(SyslogSpillTest, WhatIsBehindTheBookmarkIsNotTakenAgain) {
  start();
  sink_.refuse = true;
  send(2000);
  restart("");
  // The files as they are before anything of them is stored.
  const Path copy = folder_.string() + "_copy";
  std::filesystem::remove_all(copy);
  std::filesystem::copy(folder_, copy);
  sink_.refuse = false;
  ASSERT_TRUE(sink_.wait_for(sent_ - dropped("kernel")));
  const std::string position = sink_.bookmarks()["overflow:syslog"];
  ASSERT_NE(position, "");
  server_.reset();
  std::filesystem::remove_all(folder_);
  std::filesystem::rename(copy, folder_);  // as if the process had died before it removed them
  restart(position);
  send(1);
  ASSERT_TRUE(sink_.wait_for(sent_ - dropped("kernel")));
  expect_each_once();
  EXPECT_EQ(sink_.num_lines, sent_ - dropped("kernel"));
}

TEST_F(SyslogServerTest, WithoutADiskTheEndCountsWhatIsLost) {
  options_.stop_grace = std::chrono::milliseconds(50);
  start();
  sink_.refuse = true;
  TestSocket client(server_->port(), SOCK_DGRAM);
  for (int i = 0; i < 100; ++i) client.send("<13>app: x");
  ASSERT_TRUE(TestSink::wait_until(
      [&] { return metric("livedata_overflow_in_total{queue=\"syslog_udp\"}") == 100; }));
  server_.reset();
  EXPECT_EQ(dropped("stopping"), 100U);
  EXPECT_EQ(metric("livedata_syslog_unwritten_records_total"), 0U);
}

TEST_F(SyslogServerTest, StoppingWritesWhatHasArrived) {
  start();
  sink_.refuse = true;
  TestSocket tcp(server_->port());
  TestSocket udp(server_->port(), SOCK_DGRAM);
  for (int i = 0; i < 100; ++i) {
    tcp.send("<13>tcp: " + std::to_string(i) + "\n");
    udp.send("<13>udp: " + std::to_string(i));
  }
  ASSERT_TRUE(TestSink::wait_until([&] { return sink_.num_refused > 0; }));
  std::thread allow([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    sink_.refuse = false;
  });
  server_.reset();
  allow.join();
  EXPECT_EQ(sink_.num_lines, 200U);
  EXPECT_THAT(metrics_.render(), testing::Not(HasSubstr("livedata_syslog_connections ")));
}

TEST_F(SyslogServerTest, ListensForTlsAlone) {
  const TestCertificate certificate("syslog_server");
  options_.tls_address = std::exchange(options_.address, std::nullopt);
  options_.tls = {certificate.certificate_file, certificate.key_file, ""};
  start();
  EXPECT_EQ(server_->port(), 0);
  EXPECT_NE(server_->tls_port(), 0);
  options_.tls.key = "/nonexistent";
  options_.tls_address->port = 0;
  const auto wrong =
      SyslogServer::start(options_, limits_, sink_.sink(), clock_, logger_, metrics_);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(SyslogServerTest, SaysThatAPortIsInUse) {
  start();
  SyslogOptions again = options_;
  again.address->port = server_->port();
  const auto second = SyslogServer::start(again, limits_, sink_.sink(), clock_, logger_, metrics_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
}

}  // namespace
}  // namespace livedata::server
