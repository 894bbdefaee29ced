#include "query/patterns/pattern_miner.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace livedata::query::patterns {
namespace {

constexpr std::int64_t kStep = 10 * kNsPerSecond;
constexpr std::size_t kAll = 100'000;

/// What `|> "pattern"` does, with variables of one byte at least.
bool matches(std::string_view pattern, std::string_view line) {
  constexpr std::string_view kVariable = "<_>";
  bool after_variable = false;
  while (true) {
    const std::size_t at = pattern.find(kVariable);
    const std::string_view literal = pattern.substr(0, at);
    const bool is_last = at == std::string_view::npos;
    if (!after_variable) {
      if (!line.starts_with(literal)) return false;
      line.remove_prefix(literal.size());
      if (is_last) return line.empty();
    } else {
      if (line.empty()) return false;
      if (is_last) return literal.empty() || line.substr(1).ends_with(literal);
      const std::size_t found = line.find(literal, 1);
      if (found == std::string_view::npos) return false;
      line.remove_prefix(found + literal.size());
    }
    pattern.remove_prefix(at + kVariable.size());
    after_variable = true;
  }
}

PatternMiner miner_of(const std::vector<std::string>& lines,
                      PatternMinerOptions options = {.step_ns = kStep}) {
  PatternMiner miner(options);
  for (const std::string& line : lines) miner.add(line, "info", 0);
  return miner;
}

std::vector<std::string> texts(const PatternMiner& miner) {
  std::vector<std::string> out;
  for (const Pattern& pattern : miner.finish(kAll)) out.push_back(pattern.pattern);
  return out;
}

/// Patterns of the lines; each line has one that matches it, and the totals add up.
std::vector<std::string> mine(const std::vector<std::string>& lines) {
  const PatternMiner miner = miner_of(lines);
  std::vector<std::string> out = texts(miner);
  for (const std::string& line : lines) {
    EXPECT_TRUE(std::any_of(out.begin(), out.end(), [&](const std::string& pattern) {
      return matches(pattern, line);
    })) << line;
  }
  std::uint64_t total = 0;
  for (const Pattern& pattern : miner.finish(kAll)) {
    total += pattern.total;
    const auto matched = std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return matches(pattern.pattern, line);
    });
    EXPECT_GE(static_cast<std::uint64_t>(matched), pattern.total) << pattern.pattern;
  }
  EXPECT_EQ(total, lines.size());
  return out;
}

using Texts = std::vector<std::string>;

TEST(PatternMiner, NginxAccessLog) {
  const std::string time = "[10/Oct/2024:13:55:36 -0700]";
  EXPECT_EQ(mine({"10.0.0.1 - - " + time + R"~( "GET /a?x=1 HTTP/1.1" 200 23 "-" "curl/8.5.0")~",
                  "10.0.0.2 - - " + time + R"~( "GET /b/c?x=1&y=2 HTTP/1.1" 404 9 "-" )~" +
                      R"~("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/115.0")~",
                  "10.0.0.7 - - " + time + R"~( "GET /robots.txt HTTP/1.1" 200 23 "-" )~" +
                      R"~("Mozilla/5.0 (Windows NT 10.0)")~"}),
            (Texts{R"(<_> - - [<_>] "GET <_> HTTP/<_>" <_> "-" "<_>")"}));
}

TEST(PatternMiner, Sshd) {
  EXPECT_EQ(mine({"Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for root from 10.1.2.3 "
                  "port 22 ssh2",
                  "Dec 10 06:55:48 LabSZ sshd[24206]: Failed password for admin from 1.2.3.4 "
                  "port 9 ssh2",
                  "Dec 10 06:55:49 LabSZ sshd[24207]: Connection closed by 1.2.3.4 [preauth]"}),
            (Texts{"Dec <_> LabSZ sshd[<_>]: Failed password for <_> from <_> port <_> ssh2",
                   "Dec <_> LabSZ sshd[<_>]: Connection closed by <_> [preauth]"}));
}

TEST(PatternMiner, GoLogfmtKeepsLevelAndMessage) {
  EXPECT_EQ(
      mine(
          {R"(ts=2024-05-01T10:00:00.123Z caller=flush.go:12 level=info msg="flush done" took=12ms user=ann)",
           R"(ts=2024-05-01T10:00:01.123Z caller=flush.go:12 level=info msg="flush done" took=7ms user=bob)",
           R"(ts=2024-05-01T10:00:02.123Z caller=flush.go:99 level=warn msg="flush late" took=1m3s user=bob)"}),
      (Texts{R"(ts=<_> caller=flush.go:<_> level=info msg="flush done" took=<_>ms user=<_>)",
             R"(ts=<_> caller=flush.go:<_> level=warn msg="flush late" took=<_> user=bob)"}));
}

TEST(PatternMiner, JsonKeepsKeysLevelAndMessage) {
  EXPECT_EQ(mine({R"({"level":"info","ts":1714.25,"msg":"user logged in","user":"ann"})",
                  R"({"level":"info","ts":1714.99,"msg":"user logged in","user":"bob"})",
                  R"({"level":"error","ts":1715,"msg":"user logged in","user":"bob"})"}),
            (Texts{R"({"level":"info","ts":<_>,"msg":"user logged in","user":"<_>"})",
                   R"({"level":"error","ts":<_>,"msg":"user logged in","user":"bob"})"}));
}

TEST(PatternMiner, StackTraces) {
  EXPECT_EQ(
      mine({"java.io.IOException: disk full\n\tat a.b.C.run(C.java:12)\n\tat "
            "a.b.Main.main(Main.java:3)",
            "java.io.IOException: disk full\n\tat a.b.D.run(D.java:7)\n\tat "
            "a.b.Main.main(Main.java:3)"}),
      (Texts{
          "java.io.IOException: disk full\n\tat <_>(<_>:<_>)\n\tat a.b.Main.main(Main.java:<_>)"}));
}

TEST(PatternMiner, ValuesThatVaryByLook) {
  for (const std::string value :
       {"17", "-17", "1.5e-07", "2024-05-01T10:00:00.5+02:00", "2024-05-01 10:00:00,123",
        "550e8400-e29b-41d4-a716-446655440000", "deadbeef42", "0x7ffe12", "10.0.0.1:8080",
        "fe80::1ff:fe23:4567:890a", "00:1a:2b:3c:4d:5e", "1h2m3s", "20240501T100000Z"}) {
    EXPECT_EQ(mine({"value " + value + " seen"}), (Texts{"value <_> seen"})) << value;
  }
  EXPECT_EQ(mine({"took 12ms for 3.5GiB of blk_-17_2"}),
            (Texts{"took <_>ms for <_>GiB of blk_<_>"}));
  EXPECT_EQ(mine({"GET /api/v1/users/42/orders done"}),
            (Texts{"GET /api/v1/users/<_>/orders done"}));
  EXPECT_EQ(mine({"std::string, v2 jk2_init() a:b"}), (Texts{"std::string, v2 jk2_init() a:b"}));
}

TEST(PatternMiner, VariablesSideBySideAreOne) {
  EXPECT_EQ(mine({"copied ann smith to disk", "copied bob jones to disk"}),
            (Texts{"copied <_> to disk"}));
  EXPECT_EQ(mine({"1 2 3", "7 8", "9"}), (Texts{"<_>"}));
  EXPECT_EQ(mine({"sum 1 2 end", "sum 3 end"}), (Texts{"sum <_> end"}));
}

TEST(PatternMiner, PaddingMayDiffer) {
  EXPECT_EQ(mine({"disk sda  full", "disk sdab full"}), (Texts{"disk <_>full"}));
  EXPECT_EQ(mine({"disk  full", "disk full"}), (Texts{"disk<_>full"}));
}

TEST(PatternMiner, WhatReadsLikeACaptureIsAVariable) {
  EXPECT_EQ(mine({"run <name> and <_> now"}), (Texts{"run <_> and <_> now"}));
  EXPECT_EQ(mine({"<a><b>x</b></a>"}), (Texts{"<_>x</b></a>"}));
  EXPECT_EQ(mine({"<165>1 text <"}), (Texts{"<<_>><_> text <"}));
}

TEST(PatternMiner, OddLines) {
  EXPECT_EQ(mine({"", "", ""}), (Texts{""}));
  EXPECT_EQ(mine({"   "}), (Texts{"   "}));
  EXPECT_EQ(mine({"überall grün 5 日本語", "überall blau 7 日本語"}),
            (Texts{"überall <_> 日本語"}));
  EXPECT_EQ(mine({std::string(10'000, 'x')}), (Texts{"<_>"}));
  EXPECT_EQ(mine({"nonexistentspaces"}), (Texts{"nonexistentspaces"}));
}

TEST(PatternMiner, PatternsAreUtf8) {
  EXPECT_EQ(mine({"caf\xE9 open"}), (Texts{"<_> open"}));
  EXPECT_EQ(mine({std::string("a\0b open", 8)}), (Texts{"<_> open"}));
  EXPECT_EQ(mine({"\xED\xA0\x80 open"}), (Texts{"<_> open"}));  // a surrogate
}

TEST(PatternMiner, LongLinesEndInAVariable) {
  std::string line = "start of it";
  while (line.size() < 3 * LineTokenizer::kMaxLineBytes) line += " word";
  const Texts long_line = mine({line});
  ASSERT_EQ(long_line.size(), 1U);
  EXPECT_TRUE(long_line[0].starts_with("start of it word"));
  EXPECT_TRUE(long_line[0].ends_with("<_>"));
  EXPECT_EQ(texts(miner_of({"a b c d e"}, {.step_ns = kStep, .max_tokens = 3})),
            (Texts{"a b c <_>"}));
  EXPECT_EQ(texts(miner_of({"a b c"}, {.step_ns = kStep, .max_tokens = 3})), (Texts{"a b c"}));
  // Cut between two words, at the byte.
  EXPECT_EQ(mine({std::string(LineTokenizer::kMaxLineBytes - 1, '-') + " tail"}).at(0).size(),
            LineTokenizer::kMaxLineBytes + 3);
}

TEST(PatternMiner, ManyFirstWordsShareALeaf) {
  std::vector<std::string> lines;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b) lines.push_back(fmt::format("{}{}x logged in", a, b));
  }
  EXPECT_LE(mine(lines).size(), 51U);
}

TEST(PatternMiner, SamplesAreAlignedAndSorted) {
  PatternMiner miner({.step_ns = kStep});
  miner.add("tick 1", "info", 25 * kNsPerSecond);
  miner.add("tick 2", "info", -1);
  miner.add("tick 3", "info", 20 * kNsPerSecond, 5);
  miner.add("tick 4", "debug", 0);
  const std::vector<Pattern> patterns = miner.finish(kAll);
  ASSERT_EQ(patterns.size(), 2U);
  EXPECT_EQ(patterns[0].pattern, "tick <_>");
  EXPECT_EQ(patterns[0].level, "info");
  EXPECT_EQ(patterns[0].total, 7U);
  EXPECT_EQ(patterns[0].samples,
            (std::vector<std::pair<std::int64_t, std::uint64_t>>{{-kStep, 1}, {2 * kStep, 6}}));
  EXPECT_EQ(patterns[1].level, "debug");
  EXPECT_EQ(miner.finish(1).size(), 1U);
}

TEST(PatternMiner, ManyStepsInBothDirections) {
  PatternMiner miner({.step_ns = 10});
  for (int i = 0; i < 1000; ++i) miner.add("tick", "", i * 10);
  for (int i = 1000; i-- > 0;) miner.add("tick", "", i * 10);
  const std::vector<Pattern> patterns = miner.finish(kAll);
  ASSERT_EQ(patterns.size(), 1U);
  ASSERT_EQ(patterns[0].samples.size(), 1000U);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(patterns[0].samples[static_cast<std::size_t>(i)], std::pair(i * 10L, 2UL));
  }
}

TEST(PatternMiner, TiesGoByText) {
  EXPECT_EQ(texts(miner_of({"beta", "alpha", "gamma", "gamma"})),
            (Texts{"gamma", "alpha", "beta"}));
}

std::vector<std::string> service_lines(int n) {
  constexpr std::array<std::string_view, 5> kUsers = {"ann", "bob", "eve", "joe", "kim"};
  std::vector<std::string> lines;
  for (int i = 0; i < n; ++i) {
    const std::string_view user = kUsers[static_cast<std::size_t>(i) % kUsers.size()];
    lines.push_back(fmt::format("request {} of user {} took {}ms", i, user, i % 7));
    lines.push_back(fmt::format("level=info msg=\"cache miss\" key={} shard={}", user, i % 3));
    lines.push_back(fmt::format("connection from 10.0.0.{} closed", i % 256));
  }
  return lines;
}

TEST(PatternMiner, MergeIsLikeOneMiner) {
  const std::vector<std::string> lines = service_lines(200);
  PatternMiner single({.step_ns = kStep});
  PatternMiner left({.step_ns = kStep});
  PatternMiner right({.step_ns = kStep});
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const TimestampNs time = static_cast<TimestampNs>(i) * kNsPerSecond;
    const std::string_view level = i % 4 == 0 ? "warn" : "info";
    single.add(lines[i], level, time);
    (i < lines.size() / 2 ? left : right).add(lines[i], level, time);
  }
  left.merge(std::move(right));
  EXPECT_TRUE(left.finish(kAll) == single.finish(kAll));
  EXPECT_EQ(left.finish(kAll).size(), 6U);
}

TEST(PatternMiner, SameLinesGiveSamePatterns) {
  const std::vector<std::string> lines = service_lines(100);
  EXPECT_TRUE(miner_of(lines).finish(kAll) == miner_of(lines).finish(kAll));
}

std::string letters(int n) {
  std::string out;
  for (; n > 0; n /= 26) out += static_cast<char>('a' + n % 26);
  return out;
}

TEST(PatternMiner, EvictsTheLeastRecentlyUsed) {
  PatternMiner miner({.step_ns = kStep, .max_clusters = 10});
  for (int i = 1; i <= 1000; ++i) {
    miner.add("always here", "info", 0);
    miner.add(letters(i) + "=" + letters(i), "info", 0);
  }
  const std::vector<Pattern> patterns = miner.finish(kAll);
  EXPECT_EQ(patterns.size(), 10U);
  EXPECT_EQ(patterns[0].pattern, "always here");
  EXPECT_EQ(patterns[0].total, 1000U);
  EXPECT_EQ(miner.dropped(), 1000U - 9);

  PatternMiner other({.step_ns = kStep, .max_clusters = 5});
  other.merge(std::move(miner));
  EXPECT_EQ(other.finish(kAll).size(), 5U);
  std::uint64_t total = other.dropped();
  for (const Pattern& pattern : other.finish(kAll)) total += pattern.total;
  EXPECT_EQ(total, 2000U);
}

TEST(PatternMiner, LevelsAreBounded) {
  PatternMiner miner({.step_ns = kStep, .max_levels = 2});
  for (const std::string_view level : {"a", "b", "c", "d", "a"}) miner.add("x", level, 0);
  const std::vector<Pattern> patterns = miner.finish(kAll);
  ASSERT_EQ(patterns.size(), 3U);
  EXPECT_EQ(patterns[0].level, "a");
  EXPECT_EQ(patterns[1].level, PatternMiner::kOtherLevel);
  EXPECT_EQ(patterns[1].total, 2U);
}

/// Lines of few different bytes hit the special cases more often than lines of all bytes.
std::vector<std::string> random_lines(unsigned seed, std::string_view alphabet) {
  std::mt19937 random(seed);
  std::vector<std::string> lines;
  for (int i = 0; i < 3000; ++i) {
    std::string line(random() % 60, ' ');
    for (char& c : line) {
      c = alphabet.empty() ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
    }
    lines.push_back(line);
  }
  return lines;
}

TEST(PatternMiner, RandomLines) {
  for (const std::string_view alphabet :
       {"", "aZ0:.-", "<_a> ", "\"':=\\{}a1 ", "/?&a.1 \"", "0123456789abcdef-:", "a \xC3\xA4",
        "TZe+-1/Oct:", "a b"}) {
    const std::vector<std::string> lines = random_lines(1, alphabet);
    const PatternMiner miner = miner_of(lines, {.step_ns = kStep, .max_clusters = 10'000});
    EXPECT_EQ(miner.dropped(), 0U);
    std::uint64_t total = 0;
    for (const Pattern& pattern : miner.finish(kAll)) {
      EXPECT_EQ(pattern.pattern.find("<_><_>"), std::string::npos) << pattern.pattern;
      const auto matched = std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
        return matches(pattern.pattern, line);
      });
      EXPECT_GE(static_cast<std::uint64_t>(matched), pattern.total) << pattern.pattern;
      total += pattern.total;
    }
    EXPECT_EQ(total, lines.size());
  }
}

}  // namespace
}  // namespace livedata::query::patterns
