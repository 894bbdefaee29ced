#include "cli/terminal/grid.h"

#include <algorithm>

#include "cli/terminal/character.h"

namespace livedata::cli::terminal {
namespace {

constexpr int kMaxSide = 2000;

}  // namespace

Grid::Grid(Size size)
    : size_{std::clamp(size.width, 1, kMaxSide), std::clamp(size.height, 1, kMaxSide)},
      cells_(static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(size_.height)) {}

/// Half of a wide character that is overwritten takes its other half with it.
void Grid::set(int x, int y, const Cell& cell) {
  Cell& old = cells_[index(x, y)];
  if (old.code == 0 && x > 0 && cell.code != 0) {
    Cell& left = cells_[index(x - 1, y)];
    left.code = ' ';
    left.mark = 0;
  }
  if (x + 1 < size_.width) {
    Cell& right = cells_[index(x + 1, y)];
    if (right.code == 0) right.code = ' ';
  }
  old = cell;
}

int Grid::put(int x, int y, std::string_view text, Style style, int max_width) {
  if (y < 0 || y >= size_.height || max_width <= 0) return x;
  const int end = max_width < size_.width ? std::min(size_.width, x + max_width) : size_.width;
  while (!text.empty()) {
    const Character character = first_character(text);
    text.remove_prefix(character.bytes);
    if (character.width == 0) {
      if (character.code != 0 && x > 0 && x <= size_.width) {
        Cell& base = cells_[index(x - 1, y)];
        (base.code == 0 && x > 1 ? cells_[index(x - 2, y)] : base).mark = character.code;
      }
      continue;
    }
    if (x + character.width > end) break;
    if (x >= 0) {
      set(x, y, {.code = character.code, .mark = 0, .style = style});
      if (character.width == 2) set(x + 1, y, {.code = 0, .mark = 0, .style = style});
    }
    x += character.width;
  }
  return x;
}

int Grid::put_cut(int x, int y, std::string_view text, Style style, int max_width) {
  if (max_width <= 0) return x;
  // A long text is measured no further than it could be shown.
  if (fitting(text, max_width).size() == text.size()) return put(x, y, text, style, max_width);
  const int end = put(x, y, fitting(text, max_width - 1), style, max_width - 1);
  put_code(end, y, U'…', style);
  return end + 1;
}

void Grid::put_right(int right, int y, std::string_view text, Style style) {
  put(right - text_width(text), y, text, style);
}

void Grid::put_code(int x, int y, char32_t code, Style style) {
  if (x < 0 || x >= size_.width || y < 0 || y >= size_.height) return;
  set(x, y, {.code = code, .mark = 0, .style = style});
}

void Grid::fill(int x, int y, int width, Style style) {
  for (int i = 0; i < width; ++i) put_code(x + i, y, ' ', style);
}

std::string Grid::row_text(int y) const {
  std::string out;
  for (int x = 0; x < size_.width; ++x) {
    const Cell& cell = at(x, y);
    if (cell.code != 0) append_utf8(cell.code, out);
    if (cell.mark != 0) append_utf8(cell.mark, out);
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::string Grid::text() const {
  std::string out;
  for (int y = 0; y < size_.height; ++y) out += row_text(y) + "\n";
  return out;
}

}  // namespace livedata::cli::terminal
