#include <filesystem>
#include <random>

#include <gmock/gmock.h>

#include "base/time_format.h"
#include "ingest/pipeline/tests/piped.h"
#include "ingest/pipeline/time/format.h"
#include "ingest/pipeline/time/zone.h"

namespace livedata::ingest::pipeline {
namespace {

using testing::HasSubstr;

std::string read(std::string_view format, const FieldValue& value, const char* zone = "UTC",
                 TimestampNs now = kNow) {
  const auto made = TimeFormat::make(format);
  if (!made) return made.error().message;
  const auto place = TimeZone::load(zone);
  if (!place) return place.error().message;
  const auto time = made->read(value, *place, now);
  return time ? format_rfc3339(*time) : "(none)";
}

FieldValue text(std::string_view value) { return value; }

TEST(TimeFormat, NamedFormats) {
  EXPECT_EQ(read("RFC3339", text("2026-01-02T03:04:05.123456789+02:00")),
            "2026-01-02T01:04:05.123456789Z");
  EXPECT_EQ(read("RFC3339", text("2026-01-02 03:04:05Z")), "2026-01-02T03:04:05Z");
  EXPECT_EQ(read("RFC3339", text("2026-01-02T03:04:05")), "(none)");
  EXPECT_EQ(read("Unix", text("1700000000.5")), "2023-11-14T22:13:20.5Z");
  EXPECT_EQ(read("Unix", text("1700000000.123456789123")), "2023-11-14T22:13:20.123456789Z");
  EXPECT_EQ(read("Unix", std::int64_t{-1}), "1969-12-31T23:59:59Z");
  EXPECT_EQ(read("Unix", text("-1.5")), "1969-12-31T23:59:58.5Z");
  EXPECT_EQ(read("UnixMs", std::int64_t{1'700'000'000'001}), "2023-11-14T22:13:20.001Z");
  EXPECT_EQ(read("UnixUs", text("1700000000000001")), "2023-11-14T22:13:20.000001Z");
  EXPECT_EQ(read("UnixNs", text("1700000000000000001")), "2023-11-14T22:13:20.000000001Z");
  EXPECT_EQ(read("Unix", 1.5), "1970-01-01T00:00:01.5Z");
  for (const char* wrong :
       {"", "x", "1e5", "99999999999999999999", "1.", "1.x", " 1", "-", "9223372037"})
    EXPECT_EQ(read("Unix", text(wrong)), "(none)") << wrong;
  EXPECT_EQ(read("UnixNs", 1e300), "(none)");
  EXPECT_EQ(read("Unix", std::int64_t{INT64_MAX}), "(none)");
  EXPECT_EQ(read("Unix", std::int64_t{INT64_MIN}), "(none)");
  EXPECT_EQ(read("Unix", true), "(none)");
}

TEST(TimeFormat, Strptime) {
  EXPECT_EQ(read("%d/%b/%Y:%H:%M:%S %z", text("10/Oct/2000:13:55:36 -0700")),
            "2000-10-10T20:55:36Z");
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S,%L", text("2026-01-02 03:04:05,678")),
            "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(read("%F %T.%f%z", text("2026-01-02 03:04:05.000001Z")), "2026-01-02T03:04:05.000001Z");
  EXPECT_EQ(read("%b %e %H:%M:%S", text("Nov  4 22:13:20")), "2023-11-04T22:13:20Z");
  EXPECT_EQ(read("%a, %d %B %Y %I:%M %p %Z", text("Fri, 02 January 2026 12:04 AM GMT")),
            "2026-01-02T00:04:00Z");
  EXPECT_EQ(read("%m/%d/%y %I:%M:%S %p", text("01/02/26 11:04:05 pm")), "2026-01-02T23:04:05Z");
  EXPECT_EQ(read("%Y %j", text("2024 366")), "2024-12-31T00:00:00Z");
  EXPECT_EQ(read("%s.%f", text("1700000000.25")), "2023-11-14T22:13:20.25Z");
  EXPECT_EQ(read("100%% %H:%M", text("100% 03:04")), "2023-11-14T03:04:00Z");
  EXPECT_EQ(read("%Y-%m-%d", text("2026-02-30")), "(none)");
  EXPECT_EQ(read("%Y-%m-%d", text("2026-01-02 ")), "(none)");
  EXPECT_EQ(read("%Y-%m-%d", text("2026-1-2")), "2026-01-02T00:00:00Z");
  EXPECT_EQ(read("%H:%M", text("24:00")), "(none)");
  EXPECT_EQ(read("%Y", text("1600")), "(none)");
  EXPECT_EQ(read("%H:%M", std::int64_t{5}), "(none)");
  EXPECT_THAT(read("%Y %Q", text("")), HasSubstr("has a '%Q', which is not known"));
  EXPECT_THAT(read("%Y %", text("")), HasSubstr("which is not known"));
}

TEST(TimeFormat, GoLayouts) {
  EXPECT_EQ(read("2006-01-02 15:04:05", text("2026-01-02 03:04:05")), "2026-01-02T03:04:05Z");
  EXPECT_EQ(read("2006-01-02T15:04:05.000Z07:00", text("2026-01-02T03:04:05.678+01:00")),
            "2026-01-02T02:04:05.678Z");
  EXPECT_EQ(read("Mon Jan _2 15:04:05 2006", text("Fri Jan  2 03:04:05 2026")),
            "2026-01-02T03:04:05Z");
  EXPECT_EQ(read("02/Jan/2006:15:04:05 -0700", text("10/Oct/2000:13:55:36 -0700")),
            "2000-10-10T20:55:36Z");
  EXPECT_EQ(read("Jan 2, 2006 at 3:04pm (MST)", text("Feb 3, 2013 at 7:54pm (PST)")),
            "2013-02-03T19:54:00Z");
}

TEST(TimeFormat, AutoTakesTheUsualOnes) {
  for (const char* value :
       {"2023-11-14T22:13:20Z", "2023-11-14 22:13:20.0", "1700000000", "1700000000000",
        "1700000000000000", "1700000000000000000", "14/Nov/2023:22:13:20 +0000", "Nov 14 22:13:20",
        "Tue Nov 14 22:13:20 2023", "2023/11/14 22:13:20", "Tue, 14 Nov 2023 22:13:20 GMT"}) {
    EXPECT_EQ(read("Auto", text(value)), "2023-11-14T22:13:20Z") << value;
  }
  EXPECT_EQ(read("Auto", text("yesterday")), "(none)");
  EXPECT_EQ(read("Auto", text("")), "(none)");
  EXPECT_EQ(read("Auto", text("nan")), "(none)");
  EXPECT_EQ(read("Auto", text("inf")), "(none)");
}

TEST(TimeFormat, TimesWithoutAYearAreOfTheNearestOne) {
  const TimestampNs new_year = *parse_rfc3339("2024-01-01T00:00:10Z");
  EXPECT_EQ(read("%b %e %H:%M:%S", text("Dec 31 23:59:59"), "UTC", new_year),
            "2023-12-31T23:59:59Z");
  EXPECT_EQ(read("%b %e %H:%M:%S", text("Jan  1 00:00:09"), "UTC", new_year),
            "2024-01-01T00:00:09Z");
  // A sender whose clock is ahead over the turn of the year
  const TimestampNs eve = *parse_rfc3339("2023-12-31T23:59:50Z");
  EXPECT_EQ(read("%b %e %H:%M:%S", text("Jan  1 00:00:09"), "UTC", eve), "2024-01-01T00:00:09Z");
  const TimestampNs march = *parse_rfc3339("2023-03-01T00:00:00Z");
  EXPECT_EQ(read("%b %e %H:%M:%S", text("Feb 29 00:00:00"), "UTC", march), "2020-02-29T00:00:00Z");
}

TEST(TimeFormat, RandomTextsAreReadOrRefused) {
  std::mt19937 random(11);
  const std::string letters = "0123456789-:T+Z. ,/JanFebMPm%";
  std::vector<TimeFormat> formats;
  for (const char* format : {"Auto", "RFC3339", "Unix", "UnixNs", "%Y-%m-%d %H:%M:%S.%f %z",
                             "%b %e %I:%M %p", "%j %s", "2006-01-02 15:04:05"})
    formats.push_back(*TimeFormat::make(format));
  const TimeZone zone = *TimeZone::load("+05:30");
  for (int i = 0; i < 50'000; ++i) {
    std::string value;
    for (auto n = random() % 30; n > 0; --n) value += letters[random() % letters.size()];
    for (const TimeFormat& format : formats)
      static_cast<void>(format.read(std::string_view(value), zone, kNow));
  }
}

TEST(TimeZone, OffsetsAndNames) {
  EXPECT_EQ(read("%F %T", text("2026-01-02 03:04:05"), "+02:00"), "2026-01-02T01:04:05Z");
  EXPECT_EQ(read("%F %T", text("2026-01-02 03:04:05"), "-0330"), "2026-01-02T06:34:05Z");
  for (const char* wrong : {"", "Europe/Nowhere", "../../etc/passwd", "/etc/passwd", "+25:00",
                            "+1:2:3", "Europe/../Europe/Berlin"}) {
    EXPECT_THAT(read("%F", text("2026-01-02"), wrong), HasSubstr("is no time zone")) << wrong;
  }
}

TEST(TimeZone, OfTheSystemsDatabase) {
  if (!std::filesystem::exists("/usr/share/zoneinfo/Europe/Berlin")) GTEST_SKIP();
  const auto berlin = [](const char* value) { return read("%F %T", text(value), "Europe/Berlin"); };
  EXPECT_EQ(berlin("2026-01-15 12:00:00"), "2026-01-15T11:00:00Z");
  EXPECT_EQ(berlin("2026-07-15 12:00:00"), "2026-07-15T10:00:00Z");
  // The hour that is there twice, the one that is not, and the years behind the tables.
  EXPECT_EQ(berlin("2025-10-26 02:30:00"), "2025-10-26T00:30:00Z");
  EXPECT_EQ(berlin("2025-03-30 02:30:00"), "2025-03-30T01:30:00Z");
  EXPECT_EQ(berlin("2025-03-30 01:59:59"), "2025-03-30T00:59:59Z");
  EXPECT_EQ(berlin("2025-03-30 03:00:00"), "2025-03-30T01:00:00Z");
  EXPECT_EQ(berlin("2100-07-15 12:00:00"), "2100-07-15T10:00:00Z");
  EXPECT_EQ(berlin("2100-12-15 12:00:00"), "2100-12-15T11:00:00Z");
  EXPECT_EQ(read("%F %T", text("2100-01-15 12:00:00"), "Australia/Sydney"), "2100-01-15T01:00:00Z");
  EXPECT_EQ(read("%F %T", text("2026-01-15 12:00:00"), "Asia/Kolkata"), "2026-01-15T06:30:00Z");
}

TEST(TimeZone, DamagedFilesAreRefused) {
  EXPECT_FALSE(TimeZone::parse("").has_value());
  EXPECT_FALSE(TimeZone::parse("TZif").has_value());
  EXPECT_FALSE(TimeZone::parse(std::string("TZif2") + std::string(200, '\xff')).has_value());
  EXPECT_FALSE(TimeZone::parse(std::string("TZif2") + std::string(200, '\0')).has_value());
}

TEST(ZoneRule, Posix) {
  const auto offset = [](std::string_view rule, const char* time) {
    const auto parsed = ZoneRule::parse(rule);
    return parsed ? parsed->offset_at(*parse_rfc3339(time) / kNsPerSecond) : -1;
  };
  EXPECT_EQ(offset("UTC0", "2026-01-01T00:00:00Z"), 0);
  EXPECT_EQ(offset("<+0330>-3:30", "2026-01-01T00:00:00Z"), 12600);
  EXPECT_EQ(offset("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z"), -18000);
  EXPECT_EQ(offset("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z"), -14400);
  EXPECT_EQ(offset("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z"), 39600);
  EXPECT_EQ(offset("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z"), 36000);
  EXPECT_EQ(offset("XXX3YYY,J60/0,300/1:30", "2024-03-01T02:59:59Z"), -10800);
  EXPECT_EQ(offset("XXX3YYY,J60/0,300/1:30", "2024-03-01T03:00:00Z"), -7200);
  for (const char* wrong : {"", "A", "ABC", "ABC5DEF", "ABC5DEF,", "ABC5DEF,M13.1.0,M1.1.0",
                            "ABC5DEF,M1.1.0", "ABC5DEF,M1.1.0,M2.1.0x", "<", "ABC999"})
    EXPECT_FALSE(ZoneRule::parse(wrong).has_value()) << wrong;
}

TEST(TimestampStage, TheRecordGetsTheTime) {
  Bench bench("- json\n- timestamp: {field: ts, format: [RFC3339, UnixMs]}");
  const Piped out = bench(R"({"ts":"2023-11-14T22:13:19Z","a":1})");
  EXPECT_EQ(out.timestamp, kNow - kNsPerSecond);
  EXPECT_EQ(out.field("ts"), "(none)");
  EXPECT_EQ(bench(R"({"ts":1699999999000})").timestamp, kNow - kNsPerSecond);
  Bench kept("- json\n- timestamp: {field: ts, keep: true}");
  EXPECT_EQ(kept(R"({"ts":"2023-11-14T22:13:19Z"})").field("ts"), "2023-11-14T22:13:19Z");
}

TEST(TimestampStage, WhatCantBeReadKeepsTheArrivalAndTheText) {
  Limits limits;
  limits.max_age = std::chrono::hours(24);
  Bench bench("- json\n- timestamp: ts", limits);
  const Piped unreadable = bench(R"({"ts":"teatime"})");
  EXPECT_EQ(unreadable.timestamp, kNow);
  EXPECT_EQ(unreadable.field("ts"), "teatime");
  EXPECT_EQ(unreadable.error(), "timestamp: the time can't be read");
  EXPECT_EQ(bench(R"({"ts":"2033-01-01T00:00:00Z"})").error(),
            "timestamp: the time is too far in the future");
  const Piped old = bench(R"({"ts":"2023-01-01T00:00:00Z"})");
  EXPECT_EQ(old.error(), "timestamp: the time is older than what is accepted");
  EXPECT_EQ(old.timestamp, kNow);
  EXPECT_EQ(bench("{}").error(), "timestamp: there is no field with the time");
}

TEST(TimestampStage, MistakesAreNamed) {
  const auto error = [](const std::string& stage) {
    return compile(with_stages(stage), "f").error().message;
  };
  EXPECT_THAT(error("- timestamp"), HasSubstr("'field' is missing"));
  EXPECT_THAT(error("- timestamp: {field: a, format: RFC339}"),
              HasSubstr("'RFC339' is no time format; did you mean 'RFC3339'?"));
  EXPECT_THAT(error("- timestamp: {field: a, zone: Mars/Olympus}"),
              HasSubstr("'Mars/Olympus' is no time zone"));
}

}  // namespace
}  // namespace livedata::ingest::pipeline
