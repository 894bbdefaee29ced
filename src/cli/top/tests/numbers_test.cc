#include "cli/top/numbers.h"

#include <cmath>

#include <gtest/gtest.h>

namespace livedata::cli::top {
namespace {

constexpr TimestampNs kTime = 1'751'551'402'123'456'789;  // 2025-07-03T14:03:22Z
constexpr TimestampNs kHour = 3600 * kNsPerSecond;

TEST(Numbers, Bytes) {
  EXPECT_EQ(short_bytes(0), "0");
  EXPECT_EQ(short_bytes(-5), "0");
  EXPECT_EQ(short_bytes(512), "512");
  EXPECT_EQ(short_bytes(1000), "1.0K");
  EXPECT_EQ(short_bytes(1536), "1.5K");
  EXPECT_EQ(short_bytes(340.4 * 1024 * 1024), "340M");
  EXPECT_EQ(short_bytes(999.6 * 1024), "1.0M");
  EXPECT_EQ(short_bytes(12.34 * 1024 * 1024 * 1024), "12.3G");
  EXPECT_EQ(short_bytes(NAN), "0");
  for (double bytes = 1; bytes < 1e18; bytes *= 1.37) EXPECT_LE(short_bytes(bytes).size(), 5U);
}

TEST(Numbers, Counts) {
  EXPECT_EQ(short_count(9), "9");
  EXPECT_EQ(short_count(12'345), "12.3K");
}

TEST(Numbers, Percents) {
  EXPECT_EQ(short_percent(0), "0.0");
  EXPECT_EQ(short_percent(34.24), "34.2");
  EXPECT_EQ(short_percent(99.97), "100");
  EXPECT_EQ(short_percent(1234.5), "1234");
  EXPECT_EQ(short_percent(-1), "0.0");
  EXPECT_EQ(short_percent(INFINITY), "0.0");
}

TEST(Numbers, Durations) {
  EXPECT_EQ(short_duration(0), "0s");
  EXPECT_EQ(short_duration(59.9), "59s");
  EXPECT_EQ(short_duration(307), "5m 07s");
  EXPECT_EQ(short_duration(3 * 3600 + 12 * 60), "3h 12m");
  EXPECT_EQ(short_duration(4 * 86400 + 3 * 3600), "4d 03h");
  EXPECT_EQ(short_duration(-3), "0s");
}

TEST(Numbers, Times) {
  EXPECT_EQ(clock_text(kTime, 0), "14:03:22");
  EXPECT_EQ(clock_text(kTime, 2 * 3600), "16:03:22");
  EXPECT_EQ(clock_text(kTime, -15 * 3600), "23:03:22");
  EXPECT_EQ(clock_text_ms(kTime, 0), "14:03:22.123");
  EXPECT_EQ(clock_text(-kNsPerSecond / 2, 0), "23:59:59");
  EXPECT_EQ(start_text(kTime - kHour, kTime, 0), "13:03");
  EXPECT_EQ(start_text(kTime - 48 * kHour, kTime, 0), "Jul01");
  EXPECT_EQ(start_text(kTime - 24 * 365 * kHour, kTime, 0), "2024");
  EXPECT_EQ(long_time_text(kTime, kTime, 0), "Jul 03 14:03:22");
  EXPECT_EQ(long_time_text(kTime, kTime + 24 * 365 * kHour, 0), "2025 Jul 03 14:03:22");
}

}  // namespace
}  // namespace livedata::cli::top
