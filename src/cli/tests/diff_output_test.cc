#include "cli/diff_output.h"

#include <gtest/gtest.h>

namespace livedata::cli {
namespace {

TEST(DiffOutputTest, ShowsEachKindUnderItsTitle) {
  const auto text = show_diff(R"({"query":"{a=\"b\"}",
    "before":{"start":"2026-01-01T00:00:00Z","end":"2026-01-01T00:15:00Z","records":100},
    "after":{"start":"2026-01-01T00:15:00Z","end":"2026-01-01T00:30:00Z","records":300},
    "sampled":false,"findings":[
    {"kind":"field","change":"more","name":"status","value":"503","before":10,"after":200,"score":50},
    {"kind":"pattern","change":"new","name":"error","value":"failed <_>\u001b[2J","before":0,"after":30,"score":40}]})");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text,
            "{a=\"b\"}\n"
            "before    2026-01-01T00:00:00Z to 2026-01-01T00:15:00Z   100 records\n"
            "after     2026-01-01T00:15:00Z to 2026-01-01T00:30:00Z   300 records\n"
            "\nLines\n"
            "       new           0 -> 30          error  failed <_>?[2J\n"
            "\nValues of labels and fields\n"
            "      x 20          10 -> 200         status = 503\n");
}

TEST(DiffOutputTest, SaysThatThereIsNothing) {
  const auto text = show_diff(
      R"({"query":"{}","selection":"| a=1","rest":{"records":1},"selected":{"records":2},"findings":[]})");
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->ends_with("\nnothing has changed that is more than chance\n")) << *text;
  EXPECT_FALSE(show_diff("nonsense"));
}

}  // namespace
}  // namespace livedata::cli
