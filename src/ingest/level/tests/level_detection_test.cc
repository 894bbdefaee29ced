#include "ingest/level/level_detection.h"

#include <array>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace livedata::ingest {
namespace {

TEST(LevelDetection, KeysOfJsonAndLogfmt) {
  EXPECT_EQ(detect_level(R"({"level":"WARNING","msg":"error"})"), "warn");
  EXPECT_EQ(detect_level(R"({"msg":"error", "severity" : "debug"})"), "debug");
  EXPECT_EQ(detect_level(R"({"lvl":"err","severity":"notice"})"), "info");  // the better key
  EXPECT_EQ(detect_level(R"({"severity":"err","level":"x","lvl":"dbg"})"), "error");
  EXPECT_EQ(detect_level("ts=1 level=crit msg=error"), "critical");
  EXPECT_EQ(detect_level("lvl=\"inf\" error"), "info");
  EXPECT_EQ(detect_level("mylevel=fatal warn"), "fatal");  // by its word
  EXPECT_EQ(detect_level(R"({"a":"level=fatal"})"), "fatal");
  EXPECT_EQ(detect_level(R"({"level":30,"a":1})"), "unknown");
}

TEST(LevelDetection, WordsNearTheStart) {
  EXPECT_EQ(detect_level("2026-01-02 [ERROR] it broke"), "error");
  EXPECT_EQ(detect_level("informational"), "info");
  EXPECT_EQ(detect_level("errors and infos"), "unknown");
  EXPECT_EQ(detect_level("warn"), "warn");
  EXPECT_EQ(detect_level("wa"), "unknown");
  EXPECT_EQ(detect_level(""), "unknown");
  EXPECT_EQ(detect_level(std::string(155, '.') + "error"), "error");
  EXPECT_EQ(detect_level(std::string(158, '.') + "error"), "unknown");
  EXPECT_EQ(detect_level(std::string(62, '.') + "error"), "error");  // where blocks meet
  EXPECT_EQ(detect_level(std::string(62, 'x') + "error"), "unknown");
}

/// What detect_level() is to find, in as few words as possible.
std::string expected_level(const std::string& line) {
  static const std::map<std::string, std::string> kLevels = {
      {"info", "info"},          {"error", "error"},   {"warn", "warn"},   {"debug", "debug"},
      {"warning", "warn"},       {"err", "error"},     {"trace", "trace"}, {"fatal", "fatal"},
      {"critical", "critical"},  {"crit", "critical"}, {"notice", "info"}, {"information", "info"},
      {"informational", "info"}, {"panic", "fatal"},   {"emerg", "fatal"}, {"emergency", "fatal"},
      {"alert", "critical"},     {"severe", "error"},  {"wrn", "warn"},    {"inf", "info"},
      {"dbg", "debug"}};
  const auto word_at = [&](const std::string& text, std::size_t at) -> std::string {
    std::string word;
    while (at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0)
      word += static_cast<char>(std::tolower(text[at++]));
    const auto found = kLevels.find(word);
    return found == kLevels.end() ? "" : found->second;
  };
  const std::string head = line.substr(0, 512);
  const bool json = line.starts_with('{');
  for (const std::string key : {"level", "severity", "lvl"}) {
    for (std::size_t at = head.find(key); at != std::string::npos; at = head.find(key, at + 1)) {
      if ((at == 0 ? ' ' : head[at - 1]) != (json ? '"' : ' ')) continue;
      std::string text = head.substr(at + key.size());
      const auto skip = [&text](char c) {
        const bool there = text.starts_with(c);
        if (there) text.erase(0, 1);
        return there;
      };
      if (!skip(json ? '"' : '=')) continue;
      if (json) skip(' ');
      if (json && !skip(':')) continue;
      if (json) skip(' ');
      skip('"');
      if (const std::string level = word_at(text, 0); !level.empty()) return level;
    }
  }
  const std::string start = line.substr(0, 160);
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (i > 0 && std::isalpha(static_cast<unsigned char>(start[i - 1])) != 0) continue;
    if (const std::string level = word_at(start, i); !level.empty()) return level;
  }
  return "unknown";
}

TEST(LevelDetection, AgreesWithThePlainRules) {
  constexpr std::array<const char*, 44> kParts = {"{",
                                                  "\"",
                                                  "\"level\"",
                                                  "\"lvl\":\"",
                                                  "\"severity\"",
                                                  ":",
                                                  "=",
                                                  " ",
                                                  " level=",
                                                  " lvl=",
                                                  " severity=",
                                                  "level",
                                                  "lvl",
                                                  "v",
                                                  "info",
                                                  "ERROR",
                                                  "Warn",
                                                  "debug",
                                                  "warning",
                                                  "err",
                                                  "trace",
                                                  "Fatal",
                                                  "critical",
                                                  "crit",
                                                  "notice",
                                                  "information",
                                                  "informational",
                                                  "panic",
                                                  "emerg",
                                                  "emergency",
                                                  "alert",
                                                  "severe",
                                                  "wrn",
                                                  "inf",
                                                  "dbg",
                                                  "e",
                                                  "in",
                                                  "x",
                                                  "\xc3\xa9",
                                                  ",",
                                                  "1",
                                                  "\n",
                                                  "some other words",
                                                  "........................"};
  std::mt19937_64 random(7);
  std::size_t known = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string line;
    for (std::uint64_t parts = random() % 40; parts > 0; --parts)
      line += kParts[random() % kParts.size()];
    const std::string expected = expected_level(line);
    if (expected != "unknown") ++known;
    ASSERT_EQ(detect_level(line), expected) << line;
  }
  EXPECT_GT(known, 10'000U);
  EXPECT_LT(known, 199'000U);
}

}  // namespace
}  // namespace livedata::ingest
