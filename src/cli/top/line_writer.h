#pragma once

#include <string_view>

#include "cli/terminal/character.h"
#include "cli/terminal/grid.h"
#include "cli/top/palette.h"

namespace livedata::cli::top {

/// Writes items into a row from left to right. What does not fit as a whole is left out, and so is
/// what comes behind it.
class LineWriter {
 public:
  LineWriter(terminal::Grid& grid, int x, int y, int right)
      : grid_(grid), x_(x), y_(y), right_(right) {}

  [[nodiscard]] int x() const { return x_; }
  [[nodiscard]] int left() const { return right_ - x_; }
  LineWriter& text(std::string_view text, terminal::Style style = kPlain) {
    if (full_ || terminal::text_width(text) > left()) {
      full_ = true;
    } else {
      x_ = grid_.put(x_, y_, text, style);
    }
    return *this;
  }
  /// "name value" and two blanks, both or neither.
  LineWriter& pair(std::string_view name, std::string_view value, terminal::Style style = kStrong) {
    const int width = terminal::text_width(name) + 1 + terminal::text_width(value);
    if (full_ || width > left()) {
      full_ = true;
      return *this;
    }
    x_ = grid_.put(x_, y_, name, kDim) + 1;
    x_ = grid_.put(x_, y_, value, style) + 2;
    return *this;
  }
  LineWriter& skip(int columns) {
    x_ += columns;
    return *this;
  }

 private:
  terminal::Grid& grid_;
  int x_;
  int y_;
  int right_;
  bool full_ = false;
};

}  // namespace livedata::cli::top
