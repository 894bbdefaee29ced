#include "query/spl/printer.h"

#include <random>

#include <gtest/gtest.h>

#include "query/spl/field_names.h"
#include "query/spl/parser.h"
#include "query/spl/tests/search_generator.h"

namespace livedata::query::spl {
namespace {

std::string printed(std::string_view text) {
  const auto parsed = parse(text);
  return parsed ? print(*parsed) : "ERROR " + parsed.error().error.message;
}

TEST(SearchPrinter, CanonicalForms) {
  EXPECT_EQ(printed("error  timeout"), "search error AND timeout");
  EXPECT_EQ(printed("search a OR b c NOT d"), "search (a OR b) AND c AND NOT d");
  EXPECT_EQ(printed("status>=500 host=web* \"two words\" earliest=-15m@m"),
            "search status>=\"500\" AND host=\"web*\" AND \"two words\" earliest=\"-15m@m\"");
  EXPECT_EQ(printed("* | where a+b*2 > 5 and not like(c, \"x%\") | head"),
            "search * | where (((a + (b * 2)) > 5) AND (NOT like(c, \"x%\"))) | head 10");
  EXPECT_EQ(printed("x|stats c, perc95(ms) as p, dc(eval(if(a=1,b,null()))) by host service"),
            "search x | stats c, perc95(ms) AS p, dc(eval(if((a = 1), b, null()))) AS "
            "\"dc(eval(if(a=1,b,null())))\" BY host, service");
  EXPECT_EQ(printed("x | sort - _time, +num(n) | dedup 2 a b keepempty=t"),
            "search x | sort 0 -_time, num(n) | dedup 2 a, b keepempty=true");
  EXPECT_EQ(printed("| inputlookup users where role=admin | rename a.b as c"),
            "| inputlookup users where role=\"admin\" | rename a.b AS c");
  EXPECT_EQ(printed("x | timechart span=5m limit=3 avg(ms) by 'a-b'"),
            "search x | timechart span=5m limit=3 avg(ms) BY \"a-b\"");
}

TEST(SearchPrinter, WhatIsPrintedMeansTheSame) {
  SearchGenerator generator(7);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = generator.search();
    const auto parsed = parse(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().error.message;
    const std::string once = print(*parsed);
    EXPECT_EQ(printed(once), once) << text;
    const auto again = parse(once);
    if (again) {
      EXPECT_EQ(field_names(*again), field_names(*parsed)) << text;
    }
  }
}

/// A search that is cut or damaged is refused or read, and what is read can be printed.
TEST(SearchPrinter, DamagedSearchesDoNoHarm) {
  SearchGenerator generator(11);
  std::mt19937 random(5);
  for (int i = 0; i < 3000; ++i) {
    std::string text = generator.search();
    if (random() % 2 == 0) text.resize(random() % (text.size() + 1));
    for (auto n = random() % 3; n-- > 0 && !text.empty();)
      text[random() % text.size()] = "|()[]\"'=,*<>\\!`-. 0a"[random() % 20];
    const auto parsed = parse(text);
    if (!parsed) {
      EXPECT_FALSE(parsed.error().error.message.empty());
      EXPECT_LE(parsed.error().offset, text.size());
      continue;
    }
    const std::string once = print(*parsed);
    EXPECT_EQ(printed(once), once) << text;
  }
}

}  // namespace
}  // namespace livedata::query::spl
