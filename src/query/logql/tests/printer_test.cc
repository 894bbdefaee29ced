#include "query/logql/printer.h"

#include <gtest/gtest.h>

#include "query/logql/parser.h"
#include "query/logql/tests/query_generator.h"

namespace livedata::query::logql {
namespace {

std::string printed(std::string_view query) {
  const auto parsed = parse(query);
  return parsed ? print(*parsed) : "ERROR " + parsed.error().message;
}

TEST(Printer, CanonicalForms) {
  EXPECT_EQ(printed(R"({ app = "a",b=~`x\d` }|="x"or"y"|json|logfmt --strict)"),
            R"({app="a", b=~"x\\d"} |= "x" or "y" | json | logfmt --strict)");
  EXPECT_EQ(printed(R"({a="b"}|a>5 and b<1h30m or c!=5KB)"),
            R"({a="b"} | ((a > 5 and b < 1h30m) or c != 5000B))");
  EXPECT_EQ(printed("SUM(rate({a=\"b\"}[5m]))by(x)"), "sum by (x) (rate({a=\"b\"} [5m]))");
  EXPECT_EQ(printed("1+2*3"), "(1 + (2 * 3))");
  EXPECT_EQ(printed("2^3^2"), "(2 ^ (3 ^ 2))");
  EXPECT_EQ(printed("vector(1)>bool on(a)group_left(b)vector(2)"),
            "(vector(1) > bool on (a) group_left (b) vector(2))");
  EXPECT_EQ(
      printed(R"(quantile_over_time(.9,{a="b"}|unwrap duration(x)|x="1"[1m]offset -5s)without(c))"),
      R"(quantile_over_time(0.9, {a="b"} | unwrap duration(x) | x="1" [1m] offset -5s) without (c))");
}

TEST(Printer, EscapesWhatNeedsIt) {
  const std::string query = "{a=\"tab\\tquote\\\"back\\\\nl\\n\\x01\"}";
  EXPECT_EQ(printed(query), query);
}

TEST(Printer, LongQueriesAreCutIntoLines) {
  const auto parsed = parse(
      R"(sum by (service_name, status) (rate({service_name="a-long-name", env="production"} |= "something quite long" | json | status >= 500 [5m])))");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(format_query(*parsed), R"(sum by (service_name, status) (
  rate(
    {service_name="a-long-name", env="production"}
      |= "something quite long"
      | json
      | status >= 500 [5m]
  )
))");
}

TEST(Printer, WhatIsPrintedMeansTheSame) {
  QueryGenerator generator(3);
  for (int i = 0; i < 5000; ++i) {
    const std::string query = i % 2 == 0 ? generator.log() : generator.metric(3);
    const auto parsed = parse(query);
    ASSERT_TRUE(parsed) << query << ": " << parsed.error().message;
    const std::string once = print(*parsed);
    EXPECT_EQ(printed(once), once) << query;
    EXPECT_EQ(printed(format_query(*parsed)), once) << query;
  }
}

}  // namespace
}  // namespace livedata::query::logql
