#include "query/spl/time_modifier.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

namespace livedata::query::spl {
namespace {

/// On Wednesday, 2026-07-15 at 13:45:30.5.
std::string at(std::string_view modifier) {
  const TimestampNs now = parse_rfc3339("2026-07-15T13:45:30.5Z").value_or(0);
  const auto time = resolve_time(modifier, now);
  return time ? format_rfc3339(*time) : "ERROR " + time.error().message;
}

TEST(TimeModifier, MovesAndSnaps) {
  EXPECT_EQ(at("now"), "2026-07-15T13:45:30.5Z");
  EXPECT_EQ(at("now()"), "2026-07-15T13:45:30.5Z");
  EXPECT_EQ(at("-15m"), "2026-07-15T13:30:30.5Z");
  EXPECT_EQ(at("-15m@m"), "2026-07-15T13:30:00Z");
  EXPECT_EQ(at("@d"), "2026-07-15T00:00:00Z");
  EXPECT_EQ(at("-1d@d+2h"), "2026-07-14T02:00:00Z");
  EXPECT_EQ(at("-h@h"), "2026-07-15T12:00:00Z");
  EXPECT_EQ(at("+90"), "2026-07-15T13:47:00.5Z");
  EXPECT_EQ(at("-2hours@h"), "2026-07-15T11:00:00Z");
}

TEST(TimeModifier, KnowsTheCalendar) {
  EXPECT_EQ(at("@w"), "2026-07-12T00:00:00Z");
  EXPECT_EQ(at("@w0"), "2026-07-12T00:00:00Z");
  EXPECT_EQ(at("@w1"), "2026-07-13T00:00:00Z");
  EXPECT_EQ(at("@w5"), "2026-07-10T00:00:00Z");
  EXPECT_EQ(at("@mon"), "2026-07-01T00:00:00Z");
  EXPECT_EQ(at("@q"), "2026-07-01T00:00:00Z");
  EXPECT_EQ(at("-1q@q"), "2026-04-01T00:00:00Z");
  EXPECT_EQ(at("@y"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(at("-5mon@d"), "2026-02-15T00:00:00Z");
  EXPECT_EQ(at("+16d-5mon@d"), "2026-02-28T00:00:00Z") << "July 31 five months before";
}

TEST(TimeModifier, ReadsTimes) {
  EXPECT_EQ(at("1767225600"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(at("1767225600.25"), "2026-01-01T00:00:00.25Z");
  EXPECT_EQ(at("0"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(at("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(at("2026-01-02"), "2026-01-02T00:00:00Z");
  EXPECT_EQ(at("01/02/2026:03:04:05"), "2026-01-02T03:04:05Z");
}

TEST(TimeModifier, RefusesWhatIsNone) {
  for (const char* wrong : {"", "-", "-1x", "@", "@w9", "-5m@", "m", "soon", "-99999999999999999d",
                            "1e300", "nan", "99999999999999", "-300y@y-300y", "--1m", "2026-13-01"})
    EXPECT_EQ(at(wrong).substr(0, 5), "ERROR") << wrong << ": " << at(wrong);
}

}  // namespace
}  // namespace livedata::query::spl
