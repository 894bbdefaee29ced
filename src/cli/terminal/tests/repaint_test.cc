#include "cli/terminal/repaint.h"

#include <charconv>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/terminal/character.h"

namespace livedata::cli::terminal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// As much of a terminal as repaint() uses: moves, clearing, SGR and text.
class FakeTerminal {
 public:
  explicit FakeTerminal(Size size)
      : size_(size), cells_(static_cast<std::size_t>(size.width * size.height)) {}

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      if (bytes.starts_with("\x1b[")) {
        const std::size_t end = bytes.find_first_of("ABCDHJmhl", 2);
        ASSERT_NE(end, std::string_view::npos);
        command(bytes.substr(2, end - 2), bytes[end]);
        bytes.remove_prefix(end + 1);
        continue;
      }
      const Character character = first_character(bytes);
      ASSERT_NE(character.code, kControlStandIn) << "a control character";
      if (character.width == 0) {
        cell(x_ - (cell(x_ - 1, y_).code == 0 ? 2 : 1), y_).mark = character.code;
      } else {
        ASSERT_LE(x_ + character.width, size_.width) << "would wrap";
        cell(x_, y_) = {.code = character.code, .mark = 0, .style = style_};
        if (character.width == 2) cell(x_ + 1, y_) = {.code = 0, .mark = 0, .style = style_};
        x_ += character.width;
      }
      bytes.remove_prefix(character.bytes);
    }
  }
  Cell& cell(int x, int y) { return cells_[static_cast<std::size_t>(y * size_.width + x)]; }

 private:
  void command(std::string_view text, char final) {
    if (text.starts_with('?')) return;
    std::vector<int> numbers;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(';', begin), text.size());
      int number = 0;
      std::from_chars(text.data() + begin, text.data() + end, number);
      numbers.push_back(number);
      begin = end + 1;
    }
    if (final == 'H') {
      y_ = numbers[0] - 1;
      x_ = numbers[1] - 1;
    } else if (final == 'J') {
      cells_.assign(cells_.size(), Cell{});
    } else if (final == 'm') {
      set_style(numbers);
    }
  }
  void set_style(const std::vector<int>& numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const int number = numbers[i];
      if (number == 0) style_ = {};
      if (number == 1) style_.bold = true;
      if (number == 2) style_.dim = true;
      if (number == 4) style_.underline = true;
      if (number == 7) style_.reverse = true;
      if (number == 38 || number == 48) {
        (number == 38 ? style_.foreground : style_.background) =
            static_cast<std::int16_t>(numbers[i + 2]);
        i += 2;
      }
    }
  }

  Size size_;
  std::vector<Cell> cells_;
  Style style_;
  int x_ = 0, y_ = 0;
};

Grid random_grid(std::mt19937& random, Size size, const Grid* like) {
  constexpr std::array<std::string_view, 8> kTexts = {"a",     "process", "日本語", "  ",
                                                      "━━╸──", "e\u0301", "🚀x",    "█▁"};
  Grid grid = like == nullptr ? Grid(size) : *like;
  for (auto i = random() % 12; i > 0; --i) {
    Style style;
    style.foreground = static_cast<std::int16_t>(static_cast<int>(random() % 257) - 1);
    style.background = static_cast<std::int16_t>(static_cast<int>(random() % 257) - 1);
    style.bold = random() % 2 == 0;
    style.reverse = random() % 3 == 0;
    grid.put(static_cast<int>(random() % 30), static_cast<int>(random() % 6),
             kTexts[random() % kTexts.size()], style);
  }
  return grid;
}

TEST(Repaint, TurnsOneGridIntoAnother) {
  std::mt19937 random(3);
  const Size size{30, 6};
  for (int round = 0; round < 300; ++round) {
    FakeTerminal terminal(size);
    Grid shown = random_grid(random, size, nullptr);
    terminal.write(repaint(nullptr, shown, {}));
    for (int step = 0; step < 5; ++step) {
      Grid next = random_grid(random, size, random() % 4 == 0 ? nullptr : &shown);
      terminal.write(repaint(&shown, next, {}));
      for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) ASSERT_EQ(terminal.cell(x, y), next.at(x, y));
      }
      shown = std::move(next);
    }
  }
}

TEST(Repaint, WritesWhatDiffersAlone) {
  Grid before({80, 24});
  before.put(0, 3, "CPU 12%", {});
  Grid after = before;
  EXPECT_EQ(repaint(&before, after, {}), "");
  after.put(4, 3, "3", {});
  const std::string bytes = repaint(&before, after, {});
  EXPECT_EQ(bytes, "\x1b[?2026h\x1b[?25l\x1b[4;5H\x1b[0m3\x1b[0m\x1b[?2026l");
}

TEST(Repaint, AnotherSizeClearsAll) {
  const Grid before({80, 24});
  const Grid after({60, 20});
  EXPECT_THAT(repaint(&before, after, {}), HasSubstr("\x1b[2J"));
}

TEST(Repaint, ShowsTheCursorWhereItIs) {
  const Grid before({80, 24});
  Grid after = before;
  after.cursor = std::pair(7, 23);
  EXPECT_THAT(repaint(&before, after, {}), HasSubstr("\x1b[24;8H\x1b[?25h"));
}

TEST(Repaint, ColorsAsTheTerminalHasThem) {
  Grid grid({10, 1});
  grid.put(0, 0, "x", Style{.foreground = 203}.on(24).strong());
  EXPECT_THAT(repaint(nullptr, grid, {}), HasSubstr("\x1b[0;1;38;5;203;48;5;24m"));
  EXPECT_THAT(repaint(nullptr, grid, {.colors = Colors::kSixteen, .utf8 = true}),
              HasSubstr("\x1b[0;1;91;4"));
  const std::string plain = repaint(nullptr, grid, {.colors = Colors::kNone, .utf8 = true});
  EXPECT_THAT(plain, HasSubstr("\x1b[0;1;7m"));
  EXPECT_THAT(plain, Not(HasSubstr("38")));
}

TEST(Repaint, AsciiWhereNothingElseIsKnown) {
  Grid grid({20, 1});
  grid.put(0, 0, "━╸─▁█…ü日", {});
  const std::string bytes = repaint(nullptr, grid, {.colors = Colors::kNone, .utf8 = false});
  for (const char c : bytes) EXPECT_LT(static_cast<unsigned char>(c), 0x80);
  EXPECT_THAT(bytes, HasSubstr("==-_#~?"));
}

}  // namespace
}  // namespace livedata::cli::terminal
