#include "query/spl/parser.h"

#include <gtest/gtest.h>

#include "query/spl/printer.h"

namespace livedata::query::spl {
namespace {

/// "line:column: message" of a search that is refused.
std::string fault(std::string_view text) {
  const auto parsed = parse(text);
  if (parsed) return "is read as " + print(*parsed);
  const Place place = place_of(text, parsed.error().offset);
  return fmt::format("{}:{}: {}", place.line, place.column, parsed.error().error.message);
}

TEST(SearchParser, ErrorsNameThePlaceAndWhatWasExpected) {
  EXPECT_EQ(fault(""), "1:1: the search is empty; * asks for all records");
  EXPECT_EQ(fault("error | stast count"),
            "1:9: there is no command 'stast'; did you mean 'stats'?");
  EXPECT_EQ(fault("error |"), "1:8: expected a command, but the search ends");
  EXPECT_EQ(fault("a\n| where x >"),
            "2:12: expected a value, a field or a function, but the search ends");
  EXPECT_EQ(fault("* | eval x=lenn(a)"), "1:12: there is no function 'lenn'; did you mean 'len'?");
  EXPECT_EQ(fault("* | eval x=if(a)"), "1:12: if() takes 3 arguments, not 1");
  EXPECT_EQ(fault("* | stats conut by a"),
            "1:11: there is no function 'conut' of stats; did you mean 'count'?");
  EXPECT_EQ(fault("* | stats avg"), "1:11: avg() needs a field or eval(...)");
  EXPECT_EQ(fault("* | stats len(a)"),
            "1:11: 'len' is a function of eval; here stands one of stats, such as max(len(...))");
  EXPECT_EQ(fault("\"open"), "1:1: the text in quotes has no end");
  EXPECT_EQ(fault("(a OR b"), "1:8: expected ')', but the search ends");
  EXPECT_EQ(fault("a OR"), "1:5: expected a word or field=value, but the search ends");
  EXPECT_EQ(fault("a)"), "1:2: expected a command, not ')'");
  EXPECT_EQ(fault("a | head 3 4"), "1:12: expected the end of 'head', not '4'");
  EXPECT_EQ(fault("* | bin x span=5q3"),
            "1:16: '5q3' is no span; it can be 30s, 5m, 1h, 1d, 1mon or a number");
  EXPECT_EQ(fault("* | dedup a keepempt=t"),
            "1:13: 'dedup' has no option 'keepempt'; it has keepempty, consecutive");
  EXPECT_EQ(fault("a OR earliest=-1h"),
            "1:6: earliest= stands by itself, not within OR, NOT or brackets");
  EXPECT_EQ(fault("| stats count"),
            "1:3: a search that begins with | begins with search or inputlookup; put * in front "
            "for all records");
  EXPECT_EQ(fault("* | join host"), "1:14: expected '[', but the search ends");
  EXPECT_EQ(fault("`macro`"), "1:1: macros are not there");
  EXPECT_EQ(fault("* | kv"),
            "1:5: 'kv' is not needed: fields are found in lines where they are named");
  EXPECT_EQ(fault("* | rename a b"), "1:14: expected 'AS', not 'b'");
}

TEST(SearchParser, DepthLengthAndCountsAreBounded) {
  EXPECT_NE(fault(std::string(5000, '(') + "a").find("nested deeper"), std::string::npos);
  EXPECT_NE(fault("* | where " + std::string(5000, '(') + "1").find("nested deeper"),
            std::string::npos);
  EXPECT_NE(fault("* | where " + std::string(5000, '-') + "a").find("nested deeper"),
            std::string::npos);
  std::string subsearches = "a";
  for (int i = 0; i < 200; ++i) subsearches = "[search " + subsearches + "]";
  EXPECT_NE(fault(subsearches).find("nested deeper"), std::string::npos);
  std::string commands = "a";
  for (int i = 0; i < 200; ++i) commands += " | head";
  EXPECT_NE(fault(commands).find("more than 100 commands"), std::string::npos);
  std::string sum = "* | where 1";
  for (int i = 0; i < 300; ++i) sum += "+1";
  EXPECT_NE(fault(sum).find("more than 200 operators"), std::string::npos);
  EXPECT_NE(fault(std::string(70'000, 'a')).find("longer than"), std::string::npos);
  EXPECT_NE(fault("a\xff").find("UTF-8"), std::string::npos);
}

TEST(SearchParser, ReadsTimeModifiers) {
  const auto parsed = parse("error earliest=-15m@m latest=now | head");
  ASSERT_TRUE(parsed);
  ASSERT_TRUE(parsed->earliest && parsed->latest);
  EXPECT_EQ(parsed->earliest->text, "-15m@m");
  EXPECT_EQ(parsed->latest->text, "now");
  EXPECT_EQ(parsed->commands.size(), 2U);
}

TEST(SearchParser, WordsOfOperatorsCountInCapitalsAlone) {
  const auto parsed = parse("a and b ```a comment``` or NOTHING");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(print(*parsed), "search a AND and AND b AND or AND NOTHING");
}

}  // namespace
}  // namespace livedata::query::spl
