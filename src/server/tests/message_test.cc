#include "server/http/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(PercentDecode, DecodesAndKeepsBadEscapes) {
  struct Case {
    std::string_view encoded;
    std::string_view decoded;
  };
  for (const Case& c :
       {Case{"", ""}, Case{"plain", "plain"}, Case{"%41%7a%7A", "Azz"}, Case{"a+b", "a+b"},
        Case{"%C3%A4", "\u00e4"}, Case{"%2541", "%41"}, Case{"%", "%"}, Case{"%4", "%4"},
        Case{"%4g", "%4g"}, Case{"%g4", "%g4"}, Case{"%%41", "%A"}, Case{"100%", "100%"}}) {
    EXPECT_EQ(percent_decode(c.encoded), c.decoded) << c.encoded;
  }
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
}

TEST(ParametersTest, PairsInOrder) {
  const auto pairs = [](std::string_view text) { return Parameters::parse(text).pairs(); };
  EXPECT_THAT(pairs(""), IsEmpty());
  EXPECT_THAT(pairs("&&"), IsEmpty());
  EXPECT_THAT(pairs("a=1&b=2&a=3"), ElementsAre(Pair("a", "1"), Pair("b", "2"), Pair("a", "3")));
  EXPECT_THAT(pairs("a&b=&=c"), ElementsAre(Pair("a", ""), Pair("b", ""), Pair("", "c")));
  EXPECT_THAT(pairs("q=a%3Db%26c+d=e&x%5B%5D=%2B"),
              ElementsAre(Pair("q", "a=b&c d=e"), Pair("x[]", "+")));
}

TEST(ParametersTest, FindsTheFirstAndAll) {
  Parameters parameters = Parameters::parse("a=1&b=&a=2");
  EXPECT_EQ(parameters.find("a"), "1");
  EXPECT_EQ(parameters.find("b"), "");
  EXPECT_EQ(parameters.find("c"), std::nullopt);
  EXPECT_EQ(parameters.get("c"), "");
  EXPECT_THAT(parameters.all("c"), IsEmpty());
  parameters.append(Parameters::parse("a=3&c=4"));
  EXPECT_THAT(parameters.all("a"), ElementsAre("1", "2", "3"));
  EXPECT_EQ(parameters.get("c"), "4");
}

TEST(RequestTest, HeaderByLowerCaseName) {
  Request request;
  request.headers = {{"accept", "a"}, {"accept", "b"}};
  EXPECT_EQ(request.header("accept"), "a");
  EXPECT_EQ(request.header("host"), "");
}

TEST(ResponseTest, OfAnError) {
  const Response bad = Response::from(Error{ErrorCode::kInvalidArgument, "no"});
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.body, "no\n");
  EXPECT_THAT(bad.headers, IsEmpty());
  for (const ErrorCode code : {ErrorCode::kResourceExhausted, ErrorCode::kUnavailable}) {
    const Response later = Response::from(Error{code, "later"});
    EXPECT_EQ(later.status, http_status(code));
    EXPECT_THAT(later.headers, ElementsAre(Pair("Retry-After", "1")));
  }
}

}  // namespace
}  // namespace livedata::server
