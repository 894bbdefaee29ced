#include "cli/files/line_reader.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "encoding/zstd.h"

namespace livedata::cli {
namespace {

using testing::ElementsAre;

class LineReaderTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  std::vector<std::string> lines(const std::string& content, std::size_t max_line = 1000) {
    std::ofstream(path_, std::ios::binary) << content;
    LineReader reader(max_line);
    std::vector<std::string> out;
    error_ = reader.read(path_, std::chrono::seconds(1),
                         {.line =
                              [&](std::string_view line) {
                                out.emplace_back(line);
                                return Result<void>();
                              },
                          .idle = {}});
    bytes_ = reader.bytes_read();
    return out;
  }

  const std::string path_ = testing::TempDir() + "/line_reader_test_" + std::to_string(getpid());
  Result<void> error_;
  std::uint64_t bytes_ = 0;
};

TEST_F(LineReaderTest, LinesWithAndWithoutEnds) {
  EXPECT_THAT(lines("one\r\n\ntwo\nthree"), ElementsAre("one", "", "two", "three"));
  EXPECT_EQ(bytes_, 15U);
  EXPECT_THAT(lines(""), ElementsAre());
  EXPECT_THAT(lines("\n"), ElementsAre(""));
  EXPECT_THAT(lines("a"), ElementsAre("a"));
  EXPECT_THAT(lines(std::string("a\0b\xff\nc\n", 7)), ElementsAre(std::string("a\0b\xff", 4), "c"));
}

TEST_F(LineReaderTest, LongLinesAreCutAndNothingIsLost) {
  EXPECT_THAT(lines("abcdefgh\nabc\nabcdef\n", 3),
              ElementsAre("abc", "def", "gh", "abc", "abc", "def"));
  EXPECT_THAT(lines("abcdefg", 3), ElementsAre("abc", "def", "g"));
  // Longer than what is read at a time.
  const std::string huge(2'000'000, 'x');
  const auto parts = lines(huge + "\nend\n", 100'000);
  ASSERT_EQ(parts.size(), 21U);
  EXPECT_EQ(parts.back(), "end");
}

TEST_F(LineReaderTest, CompressedFilesAreToldByTheirBytes) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i) + "\n";
  const auto read = lines(encoding::zstd_compress(text, 3));
  ASSERT_EQ(read.size(), 100'000U);
  EXPECT_EQ(read[99'999], "line 99999");
  ASSERT_TRUE(error_.has_value());
  std::string cut = encoding::zstd_compress(text, 3);
  cut.resize(cut.size() / 2);
  const auto part = lines(cut);
  EXPECT_GT(part.size(), 1000U);
  EXPECT_EQ(error_.error().code, ErrorCode::kCorrupt);
}

TEST_F(LineReaderTest, ErrorsAreTold) {
  LineReader reader(100);
  const auto visitor =
      LineReader::Visitor{.line = [](std::string_view) { return Result<void>(); }, .idle = {}};
  EXPECT_EQ(reader.read("/nowhere/at/all", std::chrono::seconds(1), visitor).error().code,
            ErrorCode::kNotFound);
  std::ofstream(path_) << "a\nb\n";
  int visited = 0;
  const auto stopped = reader.read(path_, std::chrono::seconds(1),
                                   {.line = [&](std::string_view) -> Result<void> {
                                      ++visited;
                                      return fail(ErrorCode::kUnavailable, "full");
                                    },
                                    .idle = {}});
  EXPECT_EQ(stopped.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(visited, 1);
}

}  // namespace
}  // namespace livedata::cli
