#include "cli/terminal/grid.h"

#include <gtest/gtest.h>

namespace livedata::cli::terminal {
namespace {

TEST(Grid, WritesWithinItsEdges) {
  Grid grid({8, 2});
  EXPECT_EQ(grid.put(5, 0, "abcdef", {}), 8);
  EXPECT_EQ(grid.put(-2, 1, "xyz", {}), 1);
  grid.put(0, 5, "nowhere", {});
  grid.put(0, -1, "nowhere", {});
  EXPECT_EQ(grid.text(), "     abc\nz\n");
}

TEST(Grid, CutsWithAnEllipsis) {
  Grid grid({20, 4});
  EXPECT_EQ(grid.put_cut(0, 0, "processes", {}, 5), 5);
  EXPECT_EQ(grid.put_cut(0, 1, "short", {}, 5), 5);
  grid.put_cut(0, 2, "日本語", {}, 4);
  EXPECT_EQ(grid.put_cut(3, 3, "abc", {}, 0), 3);
  EXPECT_EQ(grid.text(), "proc…\nshort\n日…\n\n");
}

TEST(Grid, PutsToTheRight) {
  Grid grid({6, 1});
  grid.put_right(6, 0, "12%", {});
  EXPECT_EQ(grid.row_text(0), "   12%");
}

TEST(Grid, WideCharactersGoAsAWhole) {
  Grid grid({6, 1});
  grid.put(0, 0, "日本語", {});
  EXPECT_EQ(grid.row_text(0), "日本語");
  grid.put(1, 0, "x", {});  // on the right half
  EXPECT_EQ(grid.row_text(0), " x本語");
  grid.put(2, 0, "y", {});  // on the left half
  EXPECT_EQ(grid.row_text(0), " xy 語");
  EXPECT_EQ(grid.put(5, 0, "本", {}), 5);  // no room for both halves
}

TEST(Grid, NoControlCharacterGetsIn) {
  Grid grid({30, 1});
  grid.put(0, 0, "a\x1b[2Jb\r\nc\xc2\x9bm\xff", {});
  EXPECT_EQ(grid.row_text(0), "a·[2Jb··c·m\uFFFD");
}

TEST(Grid, MarksStayWithTheirCharacters) {
  Grid grid({6, 1});
  EXPECT_EQ(grid.put(0, 0, "\u0301e\u0301x", {}), 2);
  EXPECT_EQ(grid.row_text(0), "e\u0301x");
}

TEST(Grid, RestylesAPart) {
  Grid grid({4, 1});
  grid.put(0, 0, "abcd", {});
  grid.restyle(1, 0, 10, [](Style& style) { style.bold = true; });
  EXPECT_FALSE(grid.at(0, 0).style.bold);
  EXPECT_TRUE(grid.at(3, 0).style.bold);
  grid.restyle(-5, 3, 10, [](Style& style) { style.bold = true; });
}

}  // namespace
}  // namespace livedata::cli::terminal
