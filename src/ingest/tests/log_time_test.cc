#include "ingest/log_time.h"

#include <cstdlib>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ingest/line_clock.h"

namespace livedata::ingest {
namespace {

constexpr TimestampNs kNow = 1'767'323'045 * kNsPerSecond;  // 2026-01-02T03:04:05Z
constexpr TimestampNs kMs = 1'000'000;

class LogTimeTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("TZ", "UTC", 1); }
};

TEST_F(LogTimeTest, ReadsTheUsualForms) {
  const auto time = [](const char* line) { return parse_log_time(line, kNow); };
  EXPECT_EQ(time("2026-01-02T03:04:05.5Z host app: x"), kNow + 500 * kMs);
  EXPECT_EQ(time("2026-01-02T04:04:05+01:00"), kNow);
  EXPECT_EQ(time("2026-01-02 03:04:05 startup archives unpack"), kNow);
  EXPECT_EQ(time("2026-01-02 03:04:05,678 [main] INFO x"), kNow + 678 * kMs);
  EXPECT_EQ(time("2026/01/02 03:04:05 [error] 12#12: x"), kNow);
  EXPECT_EQ(time("2026-01-02T03:04:05.250 x"), kNow + 250 * kMs);
  EXPECT_EQ(time("2026-01-02 05:04:05.250 +0200 x"), kNow + 250 * kMs);
  EXPECT_EQ(time("2026-01-01 22:04:05-05:00 x"), kNow);
  EXPECT_EQ(time("2026-01-02 03:04:05.250 UTC [7] LOG: x"), kNow + 250 * kMs);
  EXPECT_EQ(time("[2026-01-02 03:04:05] x"), kNow);
  EXPECT_EQ(time("[2026-01-02T03:04:05Z] x"), kNow);
  EXPECT_EQ(time("time=2026-01-02T03:04:05Z level=info"), kNow);
  EXPECT_EQ(time("time=\"2026-01-02T03:04:05Z\" level=info"), kNow);
  EXPECT_EQ(time("ts=2026-01-02T03:04:05.001Z level=info"), kNow + kMs);
  EXPECT_EQ(time("Jan  2 03:04:05 host sshd[1]: x"), kNow);
  EXPECT_EQ(time("Jan  2 03:04:05.250 host sshd[1]: x"), kNow + 250 * kMs);
  EXPECT_EQ(time("Dec 31 00:00:00 host sshd[1]: x"),
            1'767'139'200 * kNsPerSecond);  // of the year before
  EXPECT_EQ(time("10.0.0.1 - bob [02/Jan/2026:04:04:05 +0100] \"GET / HTTP/1.1\" 200"), kNow);
  EXPECT_EQ(time("::1 - - [02/Jan/2026:03:04:05 +0000] \"GET /\""), kNow);
}

TEST_F(LogTimeTest, ReadsTheTimeOfJsonLines) {
  const auto time = [](const char* line) { return parse_log_time(line, kNow); };
  EXPECT_EQ(time(R"({"time":"2026-01-02T03:04:05Z","msg":"x"})"), kNow);
  EXPECT_EQ(time(R"({"level":30,"time":1767323045250,"msg":"x"})"), kNow + 250 * kMs);
  EXPECT_EQ(time(R"({"a":{"time":"1999-01-01T00:00:00Z"},"b":[{}],"ts":1767323045.25})"),
            kNow + 250 * kMs);
  EXPECT_EQ(time(R"({ "m" : "a \" b", "@timestamp" : "2026-01-02 03:04:05,250" })"),
            kNow + 250 * kMs);
  EXPECT_EQ(time(R"({"timestamp":"1767323045"})"), kNow);
  for (const char* line : {"{", "{}", R"({"time":)", R"({"time":0.25})", R"({"time":null})",
                           R"({"a":{"time":1767323045}})", R"({"time":{"a":1}})", R"({"a":"\)",
                           R"({"a":[[[)", R"({"time":"{"})", R"({"time" 1767323045})"}) {
    EXPECT_FALSE(time(line).has_value()) << line;
  }
}

TEST_F(LogTimeTest, WithoutAnOffsetTimesAreLocal) {
  ::setenv("TZ", "UTC-2", 1);  // two hours east, in POSIX' sense
  EXPECT_EQ(parse_log_time("2026-01-02 05:04:05 x", kNow), kNow);
  EXPECT_EQ(parse_log_time("Jan  2 05:04:05 host x", kNow), kNow);
  EXPECT_EQ(parse_log_time("2026-01-02 03:04:05Z x", kNow), kNow);
}

TEST_F(LogTimeTest, AnythingElseHasNoTime) {
  for (const char* line :
       {"", "[", "\"", "time=", "no time here", "2026-13-45 99:99:99 x", "2026-01-00 00:00:00 x",
        "Foo 12 03:04:05", "Jan", "2026-01-02", "2026-01-02 03:04", "9999-01-02 03:04:05",
        "12345678901234567890123", "[warn] x", "a [02/Jan/26:03:04:05 +0000]",
        "a [02/Foo/2026:03:04:05 +0000]", "a [02/Jan/2026:03:04]"}) {
    EXPECT_FALSE(parse_log_time(line, kNow).has_value()) << line;
  }
}

TEST_F(LogTimeTest, AnyBytesAreRead) {
  std::mt19937_64 random(11);
  constexpr std::string_view kBytes = "0123456789-/:.,[]\"+ TZUTCJanFebtimes=\xff";
  for (int round = 0; round < 20000; ++round) {
    std::string line;
    for (std::uint64_t n = random() % 40; n > 0; --n) line += kBytes[random() % kBytes.size()];
    static_cast<void>(parse_log_time(line, kNow));
  }
}

TEST_F(LogTimeTest, LinesWithoutATimeBelongToTheLineBefore) {
  LineClock times(kNow - 100, 60 * kNsPerSecond);
  EXPECT_EQ(times.next("header", kNow), kNow - 100);
  EXPECT_EQ(times.next("header", kNow), kNow - 99);
  EXPECT_EQ(times.next("2026-01-02 03:04:00 error", kNow), kNow - 5 * kNsPerSecond);
  EXPECT_EQ(times.next("  at trace", kNow), kNow - 5 * kNsPerSecond + 1);
  EXPECT_EQ(times.next("2026-01-02 03:04:00 more", kNow), kNow - 5 * kNsPerSecond + 2);
  // A clock that is wrong must not cost the line.
  EXPECT_EQ(times.next("2027-01-02 03:04:00 future", kNow), kNow - 5 * kNsPerSecond + 3);
  LineClock live(std::nullopt, 0);
  EXPECT_EQ(live.next("a", kNow), kNow);
  EXPECT_EQ(live.next("b", kNow), kNow + 1);
  EXPECT_EQ(live.next("c", kNow + 50), kNow + 50);
}

TEST_F(LogTimeTest, NoTwoEqualLinesMeetWhileTheyAreNearlyInOrder) {
  LineClock times(std::nullopt, 0);
  std::set<TimestampNs> seen;
  for (int i = 0; i < 20'000; ++i) {
    // Two writers whose seconds alternate.
    const int second = i / 100 + i % 2;
    const std::string line = fmt::format("2026-01-01 {:02}:{:02}:{:02} same", second / 3600,
                                         second / 60 % 60, second % 60);
    EXPECT_TRUE(seen.insert(times.next(line, kNow)).second);
  }
}

}  // namespace
}  // namespace livedata::ingest
