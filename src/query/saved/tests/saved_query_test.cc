#include "query/saved/saved_query.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "query/saved/saved_queries.h"

namespace livedata::query::saved {
namespace {

using testing::HasSubstr;

TEST(SavedQueryTest, IsReadAndWritten) {
  const auto query = parse_saved_query(
      "errors", R"({"language":"sql","query":"SELECT \"a\"\nFROM logs","since":"1h",
                    "description":"d","schedule":{"every":"5m","delay":"30s"}})");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->language, Language::kSql);
  EXPECT_EQ(query->text, "SELECT \"a\"\nFROM logs");
  EXPECT_EQ(query->schedule->every_ns, 300 * kNsPerSecond);
  EXPECT_EQ(query->range_ns(), 3600 * kNsPerSecond);
  const auto again = parse_saved_query("errors", to_json(*query));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *query);
  EXPECT_EQ(to_json(*query).find('\n'), std::string::npos) << "a line of a file";
}

TEST(SavedQueryTest, WithoutARangeItIsAnHourOrAStep) {
  EXPECT_EQ(parse_saved_query("a", R"({"language":"logql","query":"x"})")->range_ns(),
            3600 * kNsPerSecond);
  EXPECT_EQ(parse_saved_query("a", R"({"language":"logql","query":"x","schedule":{"every":"1m"}})")
                ->range_ns(),
            60 * kNsPerSecond);
}

TEST(SavedQueryTest, MistakesAreTold) {
  const auto error = [](std::string_view name, std::string_view json) {
    const auto query = parse_saved_query(name, json);
    EXPECT_FALSE(query) << json;
    return query ? std::string() : query.error().message;
  };
  constexpr std::string_view kGood = R"({"language":"sql","query":"SELECT 1"})";
  for (const char* name : {"", "A", "1a", "a-b", "a/b", "../x"})
    EXPECT_THAT(error(name, kGood), HasSubstr("name"));
  EXPECT_THAT(error("a", "{"), HasSubstr("at byte"));
  EXPECT_THAT(error("a", "[]"), HasSubstr("JSON object"));
  EXPECT_THAT(error("a", R"({"language":"sql"})"), HasSubstr("'query' is missing"));
  EXPECT_THAT(error("a", R"({"language":"spl","query":"x"})"), HasSubstr("logql, search or sql"));
  EXPECT_THAT(error("a", R"({"language":"sql","query":"x","sinc":"1h"})"), HasSubstr("'since'"));
  EXPECT_THAT(error("a", R"({"language":"sql","query":"x","since":"soon"})"),
              HasSubstr("duration"));
  EXPECT_THAT(error("a", R"({"language":"sql","query":"x","schedule":{}})"), HasSubstr("every"));
  EXPECT_THAT(error("a", R"({"language":"sql","query":"x","schedule":5})"), HasSubstr("object"));
  EXPECT_THAT(error("cpu", R"({"language":"sql","query":"x","schedule":{"every":"1m"}})"),
              HasSubstr("livedata makes itself"));
  EXPECT_THAT(error("a", fmt::format(R"({{"language":"sql","query":"{}"}})",
                                     std::string(kMaxTextBytes + 1, 'x'))),
              HasSubstr("longer"));
}

TEST(SavedQueryTest, RandomBytesAreNoQueryAndDoNoHarm) {
  std::mt19937 random(1);
  const std::string good =
      R"({"language":"sql","query":"SELECT 1","since":"1h","schedule":{"every":"5m"}})";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = good;
    for (int change = 0; change < 3; ++change)
      text[random() % text.size()] = static_cast<char>(random() % 256);
    if (const auto query = parse_saved_query("a", text)) {
      EXPECT_EQ(*parse_saved_query("a", to_json(*query)), *query);
    }
  }
}

class SavedQueriesTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  std::unique_ptr<SavedQueries> open() { return *SavedQueries::open(files_, path_); }
  static SavedQuery query(std::string name) {
    return {.name = std::move(name), .language = Language::kSql, .text = "SELECT 1"};
  }

  PosixFileSystem files_;
  const Path path_ =
      std::filesystem::path(testing::TempDir()) / fmt::format("saved-queries-{}", ::getpid());
};

TEST_F(SavedQueriesTest, AreKept) {
  {
    const auto queries = open();
    EXPECT_TRUE(*queries->put(query("b")));
    EXPECT_TRUE(*queries->put(query("a")));
    SavedQuery other = query("a");
    other.text = "SELECT 2";
    EXPECT_FALSE(*queries->put(other)) << "replaced";
    EXPECT_TRUE(*queries->put(query("c")));
    EXPECT_TRUE(queries->remove("c"));
    EXPECT_EQ(queries->remove("c").error().code, ErrorCode::kNotFound);
  }
  const auto queries = open();
  ASSERT_EQ(queries->all().size(), 2U);
  EXPECT_EQ(queries->all()[0].text, "SELECT 2");
  EXPECT_TRUE(queries->find("b"));
  EXPECT_FALSE(queries->find("c"));
}

TEST_F(SavedQueriesTest, ADamagedFileIsTold) {
  std::ofstream(path_) << to_json(query("a")) << "\nnonsense\n";
  const auto queries = SavedQueries::open(files_, path_);
  ASSERT_FALSE(queries);
  EXPECT_THAT(queries.error().message, HasSubstr("line 2"));
}

}  // namespace
}  // namespace livedata::query::saved
