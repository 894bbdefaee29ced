#pragma once

#include <climits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/terminal/style.h"

namespace livedata::cli::terminal {

struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

struct Cell {
  char32_t code = ' ';  ///< 0: the right half of a wide character
  char32_t mark = 0;    ///< a combining mark on it
  Style style;
  bool operator==(const Cell&) const = default;
};

/// What a terminal shows: cells in rows. Writing beyond its edges is harmless: what does not fit is
/// left out. Text is shown as first_character() says, so control characters never get in.
class Grid {
 public:
  explicit Grid(Size size);

  [[nodiscard]] Size size() const { return size_; }
  /// Precondition: within the grid.
  [[nodiscard]] const Cell& at(int x, int y) const { return cells_[index(x, y)]; }

  /// Writes a text, at most `max_width` columns of it, and returns the column behind it.
  int put(int x, int y, std::string_view text, Style style, int max_width = INT_MAX);
  /// The same; a text that is too long ends with "…".
  int put_cut(int x, int y, std::string_view text, Style style, int max_width);
  /// Ends before column `right`.
  void put_right(int right, int y, std::string_view text, Style style);
  /// One character that is one column wide.
  void put_code(int x, int y, char32_t code, Style style);
  /// Blanks of a style.
  void fill(int x, int y, int width, Style style);
  /// Changes the styles of a part of a row.
  template <class Change>
  void restyle(int x, int y, int width, const Change& change) {
    for (int column = std::max(x, 0); column < std::min(x + width, size_.width); ++column) {
      if (y >= 0 && y < size_.height) change(cells_[index(column, y)].style);
    }
  }

  /// Where the cursor is shown; nowhere without it.
  std::optional<std::pair<int, int>> cursor;

  /// A row as text without blanks at its end.
  [[nodiscard]] std::string row_text(int y) const;
  /// All rows, each with a line end.
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width) +
           static_cast<std::size_t>(x);
  }
  void set(int x, int y, const Cell& cell);

  Size size_;
  std::vector<Cell> cells_;
};

}  // namespace livedata::cli::terminal
