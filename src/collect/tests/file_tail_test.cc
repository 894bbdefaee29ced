#include "collect/file_tail.h"

#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

namespace livedata::collect {
namespace {

class FileTailTest : public testing::Test {
 protected:
  FileTailTest() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = folder_ / "app.log";
  }
  ~FileTailTest() override { std::filesystem::remove_all(folder_); }

  void append(std::string_view text) {
    std::ofstream(path_, std::ios::app | std::ios::binary) << text;
  }
  std::vector<std::string> read(FileTail& tail) {
    std::vector<std::string> lines;
    while (tail.read(1U << 16U, 1000, [&](std::string_view line) { lines.emplace_back(line); }) ==
           FileTail::Outcome::kRead)
      tail.commit();
    return lines;
  }

  Path folder_;
  Path path_;
};

using Lines = std::vector<std::string>;

TEST_F(FileTailTest, GivesWholeLinesOnly) {
  FileTail tail(path_, std::nullopt, 1U << 20U);
  EXPECT_EQ(read(tail), Lines());
  append("one\ntw");
  EXPECT_EQ(read(tail), Lines{"one"});
  append("o\r\n");
  EXPECT_EQ(read(tail), Lines{"two"});
}

TEST_F(FileTailTest, RepeatsWhatWasNotCommitted) {
  append("one\n");
  FileTail tail(path_, std::nullopt, 1U << 20U);
  Lines lines;
  const auto visit = [&](std::string_view line) { lines.emplace_back(line); };
  tail.read(1000, 1000, visit);
  tail.read(1000, 1000, visit);
  EXPECT_EQ(lines, (Lines{"one", "one"}));
}

TEST_F(FileTailTest, FollowsRenamingAndReadsTheOldFileToItsEnd) {
  append("one\n");
  FileTail tail(path_, std::nullopt, 1U << 20U);
  EXPECT_EQ(read(tail), Lines{"one"});
  append("two\n");
  std::filesystem::rename(path_, folder_ / "app.log.1");
  append("three\n");
  EXPECT_EQ(read(tail), Lines{"two"});
  EXPECT_EQ(read(tail), Lines{"three"});
}

TEST_F(FileTailTest, GivesTheUnfinishedLastLineOfARotatedFile) {
  append("one\ntwo");
  FileTail tail(path_, std::nullopt, 1U << 20U);
  EXPECT_EQ(read(tail), Lines{"one"});
  std::filesystem::rename(path_, folder_ / "app.log.1");
  append("three\n");
  Lines rest = read(tail);
  for (std::string& line : read(tail)) rest.push_back(std::move(line));
  EXPECT_EQ(rest, (Lines{"two", "three"}));
}

TEST_F(FileTailTest, FollowsTruncation) {
  append("one\ntwo\n");
  FileTail tail(path_, std::nullopt, 1U << 20U);
  EXPECT_EQ(read(tail), (Lines{"one", "two"}));
  std::filesystem::resize_file(path_, 0);
  append("x\n");
  EXPECT_EQ(read(tail), Lines{"x"});
}

TEST_F(FileTailTest, GoesOnFromASavedPosition) {
  append("one\ntwo\n");
  FilePosition position;
  {
    FileTail tail(path_, std::nullopt, 1U << 20U);
    read(tail);
    position = tail.position();
  }
  append("three\n");
  FileTail again(path_, position, 1U << 20U);
  EXPECT_EQ(read(again), Lines{"three"});
}

TEST_F(FileTailTest, ReadsAnotherFileUnderTheNameFromItsStart) {
  append("one\ntwo\n");
  FilePosition position;
  {
    FileTail tail(path_, std::nullopt, 1U << 20U);
    read(tail);
    position = tail.position();
  }
  std::filesystem::resize_file(path_, 0);  // same inode, other content, as long as before
  append("neu\nzwei\n");
  FileTail again(path_, position, 1U << 20U);
  EXPECT_EQ(read(again), (Lines{"neu", "zwei"}));
}

TEST_F(FileTailTest, ReadsOnlyTheEndOfALongFile) {
  for (int i = 0; i < 1000; ++i) append("line " + std::to_string(i) + "\n");
  FileTail tail(path_, std::nullopt, 100);
  const Lines lines = read(tail);
  ASSERT_FALSE(lines.empty());
  EXPECT_LT(lines.size(), 12U);
  EXPECT_EQ(lines.back(), "line 999");
  EXPECT_TRUE(lines.front().starts_with("line "));
}

TEST_F(FileTailTest, CutsHugeLines) {
  append(std::string(2500, 'x') + "\nshort\n");
  FileTail tail(path_, std::nullopt, 1U << 20U);
  EXPECT_EQ(read(tail), (Lines{std::string(1000, 'x'), std::string(1000, 'x'),
                               std::string(500, 'x'), "short"}));
}

// A writer that writes in pieces and rotates at random; every line must come once and in order.
TEST_F(FileTailTest, LosesAndRepeatsNothingOverRandomRotations) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    std::mt19937_64 random(seed);
    std::filesystem::remove(path_);
    FileTail tail(path_, std::nullopt, 1U << 20U);
    Lines expected;
    Lines got;
    int rotations = 0;
    for (int i = 0; i < 200; ++i) {
      const std::string line = "seed " + std::to_string(seed) + " line " + std::to_string(i);
      expected.push_back(line);
      const std::size_t cut = random() % line.size();
      append(line.substr(0, cut));
      if (random() % 4 == 0) {
        for (std::string& read_line : read(tail)) got.push_back(std::move(read_line));
      }
      append(line.substr(cut) + "\n");
      if (random() % 20 == 0) {
        // A tail sees one rotation at a time; two between two reads lose a file, as for any tail.
        for (int j = 0; j < 2; ++j) {
          for (std::string& read_line : read(tail)) got.push_back(std::move(read_line));
        }
        std::filesystem::rename(path_, folder_ / ("app.log." + std::to_string(++rotations)));
      }
    }
    for (int j = 0; j < 3; ++j) {
      for (std::string& read_line : read(tail)) got.push_back(std::move(read_line));
    }
    ASSERT_EQ(got, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace livedata::collect
