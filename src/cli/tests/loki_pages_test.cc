#include "cli/loki_pages.h"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/import_state.h"

namespace livedata::cli {
namespace {

using testing::HasSubstr;

struct Line {
  TimestampNs time = 0;
  std::string stream;
  std::string text;
};

/// A server that holds these lines, which must be in order.
class Source {
 public:
  explicit Source(std::vector<Line> lines) : lines_(std::move(lines)) {}

  Result<std::string> fetch(TimestampNs start, TimestampNs end, std::size_t limit) {
    ++requests;
    if (limit > max_limit) return fail(ErrorCode::kInvalidArgument, "limit is too large");
    std::map<std::string, std::string> streams;
    std::size_t count = 0;
    for (const Line& line : lines_) {
      if (line.time < start || line.time >= end || count == limit) continue;
      ++count;
      std::string& values = streams[line.stream];
      values += fmt::format("{}[\"{}\",\"{}\",{{\"structuredMetadata\":{{\"id\":\"{}\"}}}}]",
                            values.empty() ? "" : ",", line.time, line.text, line.text);
    }
    std::string result;
    for (const auto& [stream, values] : streams) {
      result += fmt::format("{}{{\"stream\":{{\"app\":\"{}\"}},\"values\":[{}]}}",
                            result.empty() ? "" : ",", stream, values);
    }
    return fmt::format(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"streams\",\"result\":[{}]}}}}",
        result);
  }

  std::size_t max_limit = 1'000'000;
  int requests = 0;

 private:
  std::vector<Line> lines_;
};

LokiPages pages_of(Source& source, LokiPages::Options options) {
  return {std::move(options), [&source](TimestampNs start, TimestampNs end, std::size_t limit) {
            return source.fetch(start, end, limit);
          }};
}

/// All records as text; stops after `most` pages.
std::multiset<std::string> read(LokiPages& pages, int most = 1'000'000) {
  std::multiset<std::string> out;
  while (most-- > 0) {
    auto batch = pages.next();
    EXPECT_TRUE(batch.has_value()) << batch.error().message;
    if (!batch || !*batch) break;
    for (RowIndex row = 0; row < (*batch)->num_rows(); ++row) {
      out.insert(fmt::format("{} {} {} {}", (*batch)->timestamps()[row],
                             (*batch)->stream(row).labels.to_string(), (*batch)->line(row),
                             to_string(*(*batch)->field(row, "id"))));
    }
  }
  return out;
}

std::multiset<std::string> expected(const std::vector<Line>& lines) {
  std::multiset<std::string> out;
  for (const Line& line : lines)
    out.insert(
        fmt::format("{} {{app=\"{}\"}} {} {}", line.time, line.stream, line.text, line.text));
  return out;
}

std::vector<Line> random_lines(std::mt19937_64& random, std::uint64_t most_times) {
  std::vector<Line> lines;
  const std::uint64_t times = 1 + random() % most_times;
  for (std::uint64_t n = random() % 200; n > 0; --n) {
    lines.push_back({static_cast<TimestampNs>(100 + random() % times),
                     "s" + std::to_string(random() % 3), "line " + std::to_string(n)});
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.time < b.time; });
  return lines;
}

TEST(LokiPagesTest, EveryLineComesOnceWhateverThePagesAre) {
  std::mt19937_64 random(31);
  for (int round = 0; round < 500; ++round) {
    const auto lines = random_lines(random, round % 2 == 0 ? 10 : 500);
    Source source(lines);
    auto pages = pages_of(source, {.from = {100, {}},
                                   .to = 600,
                                   .window = 1 + static_cast<TimestampNs>(random() % 600),
                                   .limit = 1 + random() % 30});
    ASSERT_EQ(read(pages), expected(lines)) << round;
  }
}

TEST(LokiPagesTest, AnImportThatWasInterruptedGoesOnWhereItWas) {
  std::mt19937_64 random(32);
  for (int round = 0; round < 200; ++round) {
    const auto lines = random_lines(random, 20);
    Source source(lines);
    std::multiset<std::string> all;
    PagePosition position{100, {}};
    for (int run = 0; run < 100; ++run) {
      auto pages = pages_of(source, {.from = position, .to = 600, .window = 50, .limit = 7});
      all.merge(read(pages, 2));
      position = *parse_position(format_position(pages.position()));
    }
    ASSERT_EQ(all, expected(lines)) << round;
  }
}

TEST(LokiPagesTest, TheRangeIsKept) {
  const std::vector<Line> lines = {
      {99, "a", "x"}, {100, "a", "y"}, {199, "a", "z"}, {200, "a", "u"}};
  Source source(lines);
  auto pages = pages_of(source, {.from = {100, {}}, .to = 200});
  EXPECT_EQ(read(pages), expected({lines[1], lines[2]}));
}

TEST(LokiPagesTest, MoreLinesOfOneTimeThanTheServerGivesAreAnError) {
  std::vector<Line> lines;
  for (int i = 0; i < 100; ++i) lines.push_back({100, "a", std::to_string(i)});
  Source source(lines);
  source.max_limit = 20;
  auto pages = pages_of(source, {.from = {100, {}}, .to = 200, .limit = 10});
  ASSERT_EQ((*pages.next())->num_rows(), 10U);
  ASSERT_EQ((*pages.next())->num_rows(), 10U);
  const auto failed = pages.next();
  ASSERT_FALSE(failed.has_value());
  EXPECT_THAT(failed.error().message, HasSubstr("more than 20 lines"));
}

TEST(LokiPagesTest, AnythingElseIsNoAnswer) {
  for (const char* body :
       {"", "[]", "{}", R"({"data":{"resultType":"matrix","result":[]}})",
        R"({"data":{"resultType":"streams","result":[{"stream":{},"values":[["x","line"]]}]}})",
        R"({"data":{"resultType":"streams","result":[{"stream":{},"values":[5]}]}})"}) {
    LokiPages pages(
        {.from = {100, {}}, .to = 200},
        [body](TimestampNs, TimestampNs, std::size_t) -> Result<std::string> { return body; });
    EXPECT_FALSE(pages.next().has_value()) << body;
  }
}

TEST(ImportStateTest, PositionsAreKeptForTheSameImportOnly) {
  const std::string path = testing::TempDir() + "/import_state_test_" + std::to_string(getpid());
  PosixFileSystem files;
  static_cast<void>(files.remove(path));
  auto state = *ImportState::load(path, "source {a=\"b\"}", files);
  EXPECT_EQ(state.position(), "");
  ASSERT_TRUE(state.save("12 34 56").has_value());
  EXPECT_EQ(ImportState::load(path, "source {a=\"b\"}", files)->position(), "12 34 56");
  EXPECT_EQ(ImportState::load(path, "source {a=\"c\"}", files).error().code,
            ErrorCode::kInvalidArgument);
  static_cast<void>(files.remove(path));
  auto nowhere = *ImportState::load("", "x", files);
  EXPECT_TRUE(nowhere.save("1").has_value());
  EXPECT_EQ(parse_position("12 34 56")->taken.size(), 2U);
  EXPECT_EQ(parse_position("12")->time, 12);
  for (const char* text : {"", "x", "12 x", "12 34x"}) EXPECT_FALSE(parse_position(text)) << text;
}

}  // namespace
}  // namespace livedata::cli
