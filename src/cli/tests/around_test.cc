#include <cstdlib>
#include <ctime>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/around_output.h"
#include "cli/around_time.h"

namespace livedata::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr TimestampNs kNow = 1'767'366'000 * kNsPerSecond;  // 2026-01-02T15:00:00Z

class AroundCommand : public testing::Test {
 protected:
  AroundCommand() {
    ::setenv("TZ", "UTC-1", 1);  // an hour ahead of UTC
    ::tzset();
  }
};

TEST_F(AroundCommand, TimesAsPeopleTypeThem) {
  const auto seconds = [](std::string_view text) {
    const auto time = parse_when(text, kNow);
    return time ? *time / kNsPerSecond : -1;
  };
  const std::int64_t now = kNow / kNsPerSecond;
  EXPECT_EQ(seconds("now"), now);
  EXPECT_EQ(seconds("-10m"), now - 600);
  EXPECT_EQ(seconds("1h30m"), now - 5400);
  EXPECT_EQ(seconds("16:00"), now);
  EXPECT_EQ(seconds("15:59:30"), now - 30);
  EXPECT_EQ(seconds("16:01"), now + 60 - 86400);
  EXPECT_EQ(seconds("2026-01-02 15:59:30"), now - 30);
  EXPECT_EQ(seconds("2026-01-02T15:59"), now - 60);
  EXPECT_EQ(seconds("2026-01-02T15:00:00Z"), now);
  EXPECT_EQ(seconds("1767366000"), now);
  for (const char* bad : {"", "yesterday", "25:00", "16:00x", "-", "2026-13-01 00:00"})
    EXPECT_EQ(seconds(bad), -1) << bad;
}

TEST_F(AroundCommand, TimesShowTheirDayOnlyWhereItIsAnother) {
  EXPECT_EQ(show_when(kNow + 5'000'000, kNow), "16:00:00.005");
  EXPECT_EQ(show_when(kNow - 86'400 * kNsPerSecond, kNow), "2026-01-01 16:00:00.000");
}

TEST_F(AroundCommand, ShowsWhatWasThere) {
  const auto text = show_around(
      R"({"host":"web1","time":"2026-01-02T15:00:00Z",
      "metrics":[{"source":"cpu","time":"2026-01-02T15:00:00Z","fields":{"busy_percent":{"value":99,"usual":5}}},
                 {"source":"network","device":"eth0","fields":{"sent_bytes_per_second":{"value":1234567,"usual":0}}}],
      "spikes":[{"source":"disk","device":"sda","field":"read_wait_ms","time":"2026-01-02T14:59:00Z","value":80,"usual":1,"score":9}],
      "processes":[{"pid":12,"name":"nginx","user":"www","command":"nginx: \u001b[31mworker","cpuPercent":85.5,"memoryBytes":1000000}],
      "events":[{"time":"2026-01-02T14:59:58Z","kind":"unit","text":"a.service: active -> failed"}],
      "logs":{"lines":[{"time":"2026-01-02T14:59:59.5Z","labels":{"service_name":"nginx"},"fields":{"detected_level":"error"},"line":"bad\u0007 \nthing"},
                       {"time":"2026-01-02T15:00:01Z","labels":{},"fields":{},"line":"after"}],
              "levels":[{"name":"error","lines":1},{"name":"","lines":1}],"services":[{"name":"nginx","lines":2}]},
      "warnings":["some are left out"]})",
      kNow);
  ASSERT_TRUE(text) << text.error().message;
  for (const char* part : {"web1 at 16:00:00.000", "cpu 99 % (5 %)", "out eth0 1.2 MB/s (0 B/s)",
                           "disk sda read_wait_ms", "80 ms", "www", "85.5", "nginx: ?[31mworker",
                           "a.service: active -> failed", "error 1, (none) 1",
                           "15:59:59.500 error    nginx            bad?  thing",
                           "---- 16:00:00.000 ----", "note: some are left out"})
    EXPECT_THAT(*text, HasSubstr(part));
  EXPECT_THAT(*text, Not(HasSubstr("\x1b")));
}

TEST_F(AroundCommand, ShowsThatNothingIsKnown) {
  EXPECT_THAT(*show_around(R"({"host":"x","time":"2026-01-02T15:00:00Z"})", kNow),
              HasSubstr("no metrics of this host"));
  EXPECT_THAT(*show_spikes(R"({"spikes":[]})", "x", kNow), HasSubstr("nothing of x moved"));
  EXPECT_EQ(*show_hosts(R"({"hosts":[{"name":"a"},{"name":"b\u001b"}]})"), "a\nb?\n");
  EXPECT_FALSE(show_around("{", kNow));
}

}  // namespace
}  // namespace livedata::cli
