#include "server/api/parameters.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::server {
namespace {

using testing::HasSubstr;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

/// The value, or nothing after a check that the error is the caller's fault.
template <class T>
std::optional<T> value_of(const Result<T>& result) {
  if (result) return *result;
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(result.error().message.empty());
  return std::nullopt;
}

std::string error_of(const auto& result) { return result ? "no error" : result.error().message; }

TEST(ParseTime, EveryForm) {
  struct Case {
    std::string_view text;
    TimestampNs expected;
  };
  for (const Case& c : {
           Case{"0", 0},
           Case{"1700000000", kNow},              // 10 digits: seconds
           Case{"12345", 12'345 * kNsPerSecond},  // and fewer
           Case{"-5", -5 * kNsPerSecond},
           Case{"1700000000000", 1'700'000'000'000},  // longer: nanoseconds
           Case{"1700000000000000000", kNow},         // 19 digits
           Case{"1700000000123456789", kNow + 123'456'789},
           Case{"1700000000.0", kNow},  // a dot: seconds
           Case{"1700000000.5", kNow + kNsPerSecond / 2},
           Case{"1.25", 5 * kNsPerSecond / 4},
           Case{"2023-11-14T22:13:20Z", kNow},
           Case{"2023-11-14T22:13:20.5Z", kNow + kNsPerSecond / 2},
           Case{"2023-11-14T22:13:20.123456789Z", kNow + 123'456'789},
           Case{"2023-11-15T00:13:20+02:00", kNow},
           Case{"2023-11-14t22:13:20z", kNow},
       }) {
    EXPECT_EQ(value_of(parse_time(c.text)), c.expected) << c.text;
  }
}

TEST(ParseTime, Errors) {
  for (const std::string_view text :
       {"", "now", "12s", "1700000000x", " 1700000000", "1.2.3", ".", "99999999999999999999",
        "2023-11-14", "2023-13-14T22:13:20Z", "2023-11-14T22:13:20", "1e5", "NaN."}) {
    EXPECT_EQ(value_of(parse_time(text)), std::nullopt) << text;
  }
}

TEST(ParseSecondsOrDuration, Forms) {
  struct Case {
    std::string_view text;
    std::optional<std::int64_t> expected;
  };
  for (const Case& c : {Case{"15", 15 * kNsPerSecond}, Case{"0.5", kNsPerSecond / 2},
                        Case{"1e2", 100 * kNsPerSecond}, Case{"15s", 15 * kNsPerSecond},
                        Case{"1h30m", 5400 * kNsPerSecond}, Case{"250ms", kNsPerSecond / 4},
                        Case{"-5s", -5 * kNsPerSecond}, Case{"", std::nullopt},
                        Case{"5 apples", std::nullopt}, Case{"inf", std::nullopt}}) {
    EXPECT_EQ(value_of(parse_seconds_or_duration(c.text)), c.expected) << c.text;
  }
}

TEST(ParseStep, IsPositiveOrAbsent) {
  const auto step = [](const std::string& text) {
    return parse_step(Parameters::parse(text), "step");
  };
  EXPECT_EQ(value_of(step("")), 0);
  EXPECT_EQ(value_of(step("step=")), 0);
  EXPECT_EQ(value_of(step("step=15")), 15 * kNsPerSecond);
  EXPECT_EQ(value_of(step("step=1m")), 60 * kNsPerSecond);
  for (const char* text : {"step=0", "step=-1", "step=-1m", "step=0s"})
    EXPECT_EQ(error_of(step(text)), "zero or negative step is not accepted") << text;
  EXPECT_THAT(error_of(step("step=x")), HasSubstr("step: "));
}

TEST(ParseLimit, IsPositiveOrAbsent) {
  const auto limit = [](const std::string& text) {
    return parse_limit(Parameters::parse(text), 100);
  };
  EXPECT_EQ(value_of(limit("")), 100U);
  EXPECT_EQ(value_of(limit("limit=")), 100U);
  EXPECT_EQ(value_of(limit("limit=7")), 7U);
  for (const char* text : {"limit=0", "limit=-1"})
    EXPECT_EQ(error_of(limit(text)), "limit must be a positive value") << text;
  for (const char* text : {"limit=x", "limit=5x", "limit=1.5", "limit=99999999999999999999"})
    EXPECT_THAT(error_of(limit(text)), HasSubstr("is not a number")) << text;
}

TEST(ParseRange, StartEndAndSince) {
  struct Case {
    std::string text;
    std::optional<std::pair<TimestampNs, TimestampNs>> expected;
  };
  constexpr std::int64_t kHour = 3600 * kNsPerSecond;
  for (const Case& c : {
           Case{"", std::pair(kNow - kHour, kNow)},
           Case{"start=1699999990", std::pair(kNow - 10 * kNsPerSecond, kNow)},
           Case{"end=1600000000",
                std::pair(1'600'000'000 * kNsPerSecond - kHour, 1'600'000'000 * kNsPerSecond)},
           Case{"start=5&end=6", std::pair(5 * kNsPerSecond, 6 * kNsPerSecond)},
           Case{"start=5&end=5", std::pair(5 * kNsPerSecond, 5 * kNsPerSecond)},
           Case{"since=10m", std::pair(kNow - 600 * kNsPerSecond, kNow)},
           Case{"since=10m&end=1000", std::pair(400 * kNsPerSecond, 1000 * kNsPerSecond)},
           Case{"since=10m&start=5&end=6", std::pair(5 * kNsPerSecond, 6 * kNsPerSecond)},
           Case{"start=6&end=5", std::nullopt},
           Case{"since=-10m", std::nullopt},
           Case{"start=x", std::nullopt},
           Case{"end=x", std::nullopt},
           Case{"since=x", std::nullopt},
       }) {
    const auto range = value_of(parse_range(Parameters::parse(c.text), kNow));
    ASSERT_EQ(range.has_value(), c.expected.has_value()) << c.text;
    if (range) {
      EXPECT_EQ(std::pair(range->start, range->end), *c.expected) << c.text;
    }
  }
}

TEST(ParseRangeQuery, TakesEverything) {
  const Limits limits;
  const auto full = parse_range_query(
      Parameters::parse("query=%7Ba%3D%22b%22%7D&start=1&end=9&step=2&interval=3s&limit=4&"
                        "direction=forward&explain=1"),
      kNow, limits);
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->text, R"({a="b"})");
  EXPECT_EQ(full->start, 1 * kNsPerSecond);
  EXPECT_EQ(full->end, 9 * kNsPerSecond);
  EXPECT_EQ(full->step_ns, 2 * kNsPerSecond);
  EXPECT_EQ(full->interval_ns, 3 * kNsPerSecond);
  EXPECT_EQ(full->limit, 4U);
  EXPECT_EQ(full->direction, Direction::kForward);
  EXPECT_TRUE(full->explain);

  const auto least = parse_range_query(Parameters::parse("query=x"), kNow, limits);
  ASSERT_TRUE(least.has_value());
  EXPECT_EQ(least->end, kNow);
  EXPECT_EQ(least->step_ns, 0);
  EXPECT_EQ(least->limit, limits.default_entries);
  EXPECT_EQ(least->direction, Direction::kBackward);
  EXPECT_FALSE(least->explain);
}

TEST(ParseRangeQuery, NamesWhatIsWrong) {
  const auto error = [](const std::string& text) {
    return error_of(parse_range_query(Parameters::parse(text), kNow, Limits()));
  };
  EXPECT_EQ(error("limit=5"), "the parameter query is missing");
  EXPECT_EQ(error("query=x&direction=up"), "invalid direction 'up'; use forward or backward");
  EXPECT_THAT(error("query=x&interval=z"), HasSubstr("interval: "));
  EXPECT_THAT(error("query=x&step=0"), HasSubstr("step"));
  EXPECT_THAT(error("query=x&limit=0"), HasSubstr("limit"));
  EXPECT_EQ(error("query=x&direction=BACKWARD"), "no error");
}

TEST(ParseInstantQuery, TimeIsNowWhereAbsent) {
  const auto at = [](const std::string& text) {
    return parse_instant_query(Parameters::parse(text), kNow, Limits());
  };
  ASSERT_TRUE(at("query=x"));
  EXPECT_EQ(at("query=x")->time, kNow);
  EXPECT_EQ(at("q=x&time=5")->time, 5 * kNsPerSecond);
  EXPECT_EQ(at("q=x&time=5")->text, "x");
  EXPECT_EQ(error_of(at("time=5")), "the parameter query is missing");
  EXPECT_NE(error_of(at("query=x&time=z")), "no error");
}

}  // namespace
}  // namespace livedata::server
