#include "storage/scan/needle_search.h"

#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace livedata::storage {
namespace {

// Oracle: find() on each line.
TEST(NeedleSearchTest, FindsWhatALineByLineSearchFinds) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 3000; ++round) {
    StringColumn lines;
    const std::uint64_t num_lines = random() % 30;
    for (std::uint64_t i = 0; i < num_lines; ++i) {
      std::string line;
      for (std::uint64_t n = random() % 12; n > 0; --n)
        line += static_cast<char>('a' + random() % 2);
      lines.append(line);
    }
    std::string needle;
    for (std::uint64_t n = 1 + random() % 4; n > 0; --n)
      needle += static_cast<char>('a' + random() % 2);
    std::vector<RowIndex> rows;
    std::vector<RowIndex> expected;
    for (RowIndex row = 0; row < num_lines; ++row) {
      if (random() % 3 == 0) continue;
      rows.push_back(row);
      if (lines[row].empty() || lines[row].find(needle) != std::string_view::npos)
        expected.push_back(row);
    }
    keep_rows_with(needle, lines, rows);
    ASSERT_EQ(rows, expected) << "round " << round;
  }
}

}  // namespace
}  // namespace livedata::storage
