#include "server/json/json_writer.h"

#include <limits>

#include <gtest/gtest.h>

namespace livedata::server {
namespace {

std::string text(std::string_view value) { return JsonWriter().string(value).take(); }
template <class Number>
std::string number(Number value) {
  return JsonWriter().number(value).take();
}

TEST(JsonWriter, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(text(""), R"("")");
  EXPECT_EQ(text("plain / text"), R"("plain / text")");
  EXPECT_EQ(text("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(text("line\nend\t\r"), R"("line\nend\u0009\u000d")");
  EXPECT_EQ(text(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
}

TEST(JsonWriter, KeepsUtf8) {
  for (const std::string utf8 :
       {"\u00e4", "\u20ac", "\U0001F600", "\u07ff\u0800\uffff", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(text(utf8), "\"" + utf8 + "\"");
}

TEST(JsonWriter, EveryByteThatIsNotUtf8BecomesAReplacement) {
  constexpr std::string_view kReplacement = "\uFFFD";
  struct Case {
    std::string_view bytes;
    int replacements;
  };
  for (const Case& c : {Case{"\x80", 1}, Case{"\xFF\xFE", 2}, Case{"\xC3", 1}, Case{"\xE2\x82", 2},
                        Case{"\xC0\x80", 2},          // overlong
                        Case{"\xE0\x80\x80", 3},      // overlong
                        Case{"\xED\xA0\x80", 3},      // surrogate
                        Case{"\xF4\x90\x80\x80", 4},  // beyond U+10FFFF
                        Case{"\xF0\x9F\x98", 3}}) {
    std::string expected = "\"<";
    for (int i = 0; i < c.replacements; ++i) expected += kReplacement;
    EXPECT_EQ(text("<" + std::string(c.bytes) + ">"), expected + ">\"");
  }
  EXPECT_EQ(text("\xC3\u00e4"), "\"\uFFFD\u00e4\"");
}

TEST(JsonWriter, Numbers) {
  EXPECT_EQ(number(std::uint64_t{0}), "0");
  EXPECT_EQ(number(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(number(0.5), "0.5");
  EXPECT_EQ(number(-2.0), "-2");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(1e30), "1e+30");
}

TEST(JsonWriter, CommasComeByThemselves) {
  JsonWriter json;
  json.begin_object().key("a").begin_array();
  json.number(std::uint64_t{1}).string("x").begin_object().end_object().begin_array().end_array();
  json.raw("null").end_array().key("b\"").begin_object().key("c").raw("true").end_object();
  json.key("d").string("").end_object();
  EXPECT_EQ(json.take(), R"({"a":[1,"x",{},[],null],"b\"":{"c":true},"d":""})");
}

}  // namespace
}  // namespace livedata::server
