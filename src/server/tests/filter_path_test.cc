#include "server/api/elastic/filter_path.h"

#include <random>

#include <gtest/gtest.h>

namespace livedata::server::elastic {
namespace {

constexpr std::string_view kAnswer =
    R"({"took":5,"errors":true,"items":[{"index":{"_id":"1","status":201}},)"
    R"({"create":{"_id":"2","status":400,"error":{"type":"t","reason":"r"}}}]})";

TEST(FilterPath, LeavesWhatIsNamed) {
  struct Case {
    std::string_view filter;
    std::string_view json;
  };
  for (const Case& c : {
           Case{"took", R"({"took":5})"},
           Case{"errors,items.*.error",
                R"({"errors":true,"items":[{"create":{"error":{"type":"t","reason":"r"}}}]})"},
           Case{"errors,items.*.error,items.*.status",
                R"({"errors":true,"items":[{"index":{"status":201}},)"
                R"({"create":{"status":400,"error":{"type":"t","reason":"r"}}}]})"},
           Case{"items.index._id", R"({"items":[{"index":{"_id":"1"}}]})"},
           Case{"**.type", R"({"items":[{"create":{"error":{"type":"t"}}}]})"},
           Case{"items.**.reason", R"({"items":[{"create":{"error":{"reason":"r"}}}]})"},
           Case{"t*k", R"({"took":5})"},
           Case{"*s.*e*.s*s", R"({"items":[{"index":{"status":201}},{"create":{"status":400}}]})"},
           Case{"-items", R"({"took":5,"errors":true})"},
           Case{"-items.*.error,-**._id,-took",
                R"({"errors":true,"items":[{"index":{"status":201}},{"create":{"status":400}}]})"},
           Case{"items,-items.create", R"({"items":[{"index":{"_id":"1","status":201}}]})"},
           Case{"nothing", "{}"},
           Case{"took.more", "{}"},
           Case{"items.",
                R"({"items":[{"index":{"_id":"1","status":201}},)"
                R"({"create":{"_id":"2","status":400,"error":{"type":"t","reason":"r"}}}]})"},
           Case{"", kAnswer},
           Case{"**", kAnswer},
           Case{"*", kAnswer},
           Case{",,", kAnswer},
       }) {
    EXPECT_EQ(filtered_json(kAnswer, c.filter, false), c.json) << c.filter;
  }
}

TEST(FilterPath, Pretty) {
  EXPECT_EQ(filtered_json(R"({"a":1,"b":[2]})", "", true),
            "{\n  \"a\": 1,\n  \"b\": [\n    2\n  ]\n}\n");
}

TEST(FilterPath, AnyFilterEndsSoon) {
  std::mt19937_64 random(7);
  constexpr std::string_view kCharacters = "*.,-aeits_";
  for (int round = 0; round < 20'000; ++round) {
    std::string filter;
    for (std::uint64_t n = random() % 40; n > 0; --n)
      filter += kCharacters[random() % kCharacters.size()];
    const std::string out = filtered_json(kAnswer, filter, false);
    ASSERT_TRUE(out.starts_with('{')) << filter;
  }
  std::string stars;
  for (int i = 0; i < 100'000; ++i) stars += "**.*a*a*a*a*b,";
  EXPECT_EQ(filtered_json(kAnswer, stars, false), "{}");
}

}  // namespace
}  // namespace livedata::server::elastic
