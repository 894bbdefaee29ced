// What looks at single lines: patterns, addresses, JSON, literals of regexes.
#include <random>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "base/text_arena.h"
#include "query/plan/ansi.h"
#include "query/plan/ip_range.h"
#include "query/plan/json_scanner.h"
#include "query/plan/line_pattern.h"
#include "query/plan/required_literals.h"

namespace livedata::query::plan {
namespace {

using Strings = std::vector<std::string>;

TEST(RequiredLiterals, OfWhatIsCertain) {
  EXPECT_EQ(required_literals("timeout"), Strings{"timeout"});
  EXPECT_EQ(required_literals("a.*bc"), (Strings{"a", "bc"}));
  EXPECT_EQ(required_literals("abc?d"), (Strings{"ab", "d"}));
  EXPECT_EQ(required_literals("ab+c"), (Strings{"ab", "c"}));
  EXPECT_EQ(required_literals("(foo|bar)baz"), Strings{"baz"});
  EXPECT_EQ(required_literals("(?P<x>foo) \\d+ms"), (Strings{"foo", " ", "ms"}));
  EXPECT_EQ(required_literals("(foo)*bar"), Strings{"bar"});
  EXPECT_EQ(required_literals("a\\.b\\[c"), Strings{"a.b[c"});
  EXPECT_EQ(required_literals("[abc]x[^]]y"), (Strings{"x", "y"}));
}

TEST(RequiredLiterals, NothingWhereNothingIsCertain) {
  for (const char* regex :
       {"a|b", "(?i)error", "a{2}", "", ".*", "\\x41", "(?i:a)b", "\\pL", "(", "a**"})
    EXPECT_EQ(required_literals(regex), Strings{}) << regex;
}

TEST(RequiredLiterals, LiteralChoice) {
  EXPECT_EQ(literal_choice("GET|POST"), (Strings{"GET", "POST"}));
  EXPECT_EQ(literal_choice("(?:a\\.b|c)"), (Strings{"a.b", "c"}));
  EXPECT_EQ(literal_choice("timeout"), Strings{"timeout"});
  for (const char* regex : {"a|", "a.b", "(a)(b)", "^a", "a*|b", "(?i)a", "a\\d"})
    EXPECT_EQ(literal_choice(regex), Strings{}) << regex;
}

/// A text that matches a regex must have all its literals: random regexes over a small alphabet
/// against random texts.
TEST(RequiredLiterals, AreInEveryMatch) {
  std::mt19937 random(7);
  const Strings atoms = {"a",  "b",     "ab",    ".",   "[ab]", "(a|b)",    "(?:ab)",
                         "a?", "b*",    "(ba)+", "\\w", "\\.",  "(?P<n>b)", "a{2}",
                         "|",  "(a?b)", "[^a]",  "^",   "$",    "é",        "é?"};
  std::size_t matches = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string regex;
    for (auto i = random() % 6; i-- > 0;) regex += atoms[random() % atoms.size()];
    const re2::RE2 compiled(regex, re2::RE2::Quiet);
    if (!compiled.ok()) continue;
    std::string text;
    for (auto i = random() % 8; i-- > 0;) text += Strings{"a", "b", ".", "é"}[random() % 4];
    const bool is_match = re2::RE2::PartialMatch(text, compiled);
    if (const Strings choice = literal_choice(regex); !choice.empty()) {
      const bool has_one = std::any_of(choice.begin(), choice.end(), [&](const std::string& s) {
        return text.find(s) != std::string::npos;
      });
      EXPECT_EQ(has_one, is_match) << regex << " in " << text;
    }
    if (!is_match) continue;
    ++matches;
    for (const std::string& literal : required_literals(regex))
      EXPECT_NE(text.find(literal), std::string::npos) << regex << " in " << text;
  }
  EXPECT_GT(matches, 2000U);
}

TEST(LinePattern, CapturesUpToWhatIsMissing) {
  const auto captured = [](std::string_view pattern, std::string_view line) {
    std::string out;
    LinePattern::for_parser(pattern)->capture(
        line, [&](std::string_view name, std::string_view value) {
          out.append(name).append("=").append(value).append(";");
        });
    return out;
  };
  EXPECT_EQ(captured("<ip> - <user> [<_>] \"<rest>", "1.2.3.4 - bob [now] \"GET"),
            "ip=1.2.3.4;user=bob;rest=GET;");
  EXPECT_EQ(captured("<a> - <b>", "no dash"), "a=no dash;");
  EXPECT_EQ(captured("x<a>", "yx1"), "");
  EXPECT_EQ(captured("<a>x", "1x"), "a=1;");
  EXPECT_EQ(captured("<a>", ""), "");
}

TEST(LinePattern, FiltersWholeLines) {
  const auto matches = [](std::string_view pattern, std::string_view line) {
    return LinePattern::for_filter(pattern)->matches(line);
  };
  EXPECT_TRUE(matches("a<_>c", "abc"));
  EXPECT_FALSE(matches("a<_>c", "acc"));
  EXPECT_FALSE(matches("a<_>c", "ac"));
  EXPECT_FALSE(matches("<_>c", "c"));
  EXPECT_FALSE(matches("a<_>c", "abcd"));
  EXPECT_TRUE(matches("a<_>c<_>", "abcd"));
  EXPECT_FALSE(matches("a<_>c<_>", "abc"));
  EXPECT_TRUE(matches("abc", "abc"));
  EXPECT_FALSE(matches("abc", "abcabc"));
  EXPECT_TRUE(matches("<_>", "x"));
  EXPECT_FALSE(matches("<_>", ""));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("<_>ab", "abab"));
  EXPECT_FALSE(matches("<_>a", "xaya"));
}

TEST(IpRange, ContainsAndFinds) {
  EXPECT_TRUE(IpRange::make("10.0.0.0/8")->contains("10.255.1.2"));
  EXPECT_FALSE(IpRange::make("10.0.0.0/8")->contains("11.0.0.0"));
  EXPECT_TRUE(IpRange::make("10.0.0.5/24")->contains("10.0.0.200"));
  EXPECT_TRUE(IpRange::make("0.0.0.0/0")->contains("1.2.3.4"));
  EXPECT_FALSE(IpRange::make("0.0.0.0/0")->contains("::1"));
  EXPECT_TRUE(IpRange::make("::1")->contains("0:0:0:0:0:0:0:1"));
  EXPECT_TRUE(IpRange::make("1.1.1.1-1.1.1.9")->contains("1.1.1.9"));
  for (const char* bad : {"", "1.2.3", "1.2.3.4/33", "::/129", "1.1.1.9-1.1.1.1", "1.1.1.1-::1",
                          "x", "1.2.3.4/", "01.2.3.4/a"})
    EXPECT_FALSE(IpRange::make(bad)) << bad;
  const auto range = *IpRange::make("10.1.2.3");
  for (const char* line : {"10.1.2.3", "from 10.1.2.3:443", "at 10.1.2.3.", "[10.1.2.3]",
                           "a=10.1.2.3,b", "x 10.1.2.33 10.1.2.3"})
    EXPECT_TRUE(range.found_in(line)) << line;
  for (const char* line :
       {"", "10.1.2.33", "110.1.2.3", "10.1.2", "1:2:3", "........", "::::::", "10.1.2.3.4"})
    EXPECT_FALSE(range.found_in(line)) << line;
  EXPECT_TRUE(IpRange::make("2001:db8::/32")->found_in("peer [2001:db8::1]:80"));
}

TEST(JsonScanner, ReadsAndSteps) {
  TextArena arena;
  JsonScanner scanner(
      R"({"a":"x\"\u00e9\ud83d\ude00","b":[1,{"c":"]}"}],"d":-1.5e3,"e":null} rest)");
  ASSERT_TRUE(scanner.enter('{'));
  JsonScanner::Value key;
  JsonScanner::Value value;
  ASSERT_TRUE(scanner.next_key(key) && scanner.read(value));
  EXPECT_EQ(unescaped(value, arena), "x\"é😀");
  ASSERT_TRUE(scanner.next_key(key) && scanner.read(value));
  EXPECT_EQ(value.raw, R"([1,{"c":"]}"}])");
  ASSERT_TRUE(scanner.next_key(key) && scanner.read(value));
  EXPECT_EQ(value.raw, "-1.5e3");
  ASSERT_TRUE(scanner.next_key(key) && scanner.read(value));
  EXPECT_EQ(value.kind, JsonScanner::Kind::kNull);
  EXPECT_FALSE(scanner.next_key(key));
  EXPECT_EQ(scanner.error(), "");
}

TEST(JsonScanner, DamagedTextEnds) {
  for (const char* text : {"{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":x}", "{\"a\":\"b",
                           "{\"a\":1 \"b\"", "{a:1}", "{\"a\":[", "{\"a\":tru}", "{\"a\":\"\\"}) {
    JsonScanner scanner(text);
    ASSERT_TRUE(scanner.enter('{'));
    JsonScanner::Value key;
    JsonScanner::Value value;
    while (scanner.next_key(key) && scanner.read(value)) {
    }
    EXPECT_NE(scanner.error(), "") << text;
  }
}

TEST(Ansi, SequencesAreLeftOut) {
  EXPECT_EQ(without_ansi_sequences("\x1B[1;31mred\x1B[0m \x1B]8;;http://x\x1B\\link\x1B]8;;\a!"),
            "red link!");
  EXPECT_EQ(without_ansi_sequences("plain"), "plain");
  EXPECT_EQ(without_ansi_sequences("cut\x1B["), "cut");
  EXPECT_EQ(without_ansi_sequences("\x1B"), "");
}

}  // namespace
}  // namespace livedata::query::plan
