#include "cli/terminal/repaint.h"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/terminal/character.h"

namespace livedata::cli::terminal {
namespace {

constexpr std::string_view kBeginUpdate = "\x1b[?2026h";
constexpr std::string_view kEndUpdate = "\x1b[?2026l";
constexpr std::string_view kHideCursor = "\x1b[?25l";
constexpr std::string_view kShowCursor = "\x1b[?25h";
/// Moving the cursor takes about so many bytes; shorter gaps are written again instead.
constexpr int kShortGap = 4;

struct Rgb {
  int red = 0, green = 0, blue = 0;
};

/// xterm's palette of 256 colours.
Rgb rgb_of(int color) {
  constexpr std::array<Rgb, 16> kBasic = {{{0, 0, 0},
                                           {170, 0, 0},
                                           {0, 170, 0},
                                           {170, 85, 0},
                                           {0, 0, 170},
                                           {170, 0, 170},
                                           {0, 170, 170},
                                           {170, 170, 170},
                                           {85, 85, 85},
                                           {255, 85, 85},
                                           {85, 255, 85},
                                           {255, 255, 85},
                                           {85, 85, 255},
                                           {255, 85, 255},
                                           {85, 255, 255},
                                           {255, 255, 255}}};
  if (color < 16) return kBasic[static_cast<std::size_t>(color)];
  if (color >= 232) {
    const int level = 8 + (color - 232) * 10;
    return {level, level, level};
  }
  const auto level = [](int step) { return step == 0 ? 0 : 55 + 40 * step; };
  const int cube = color - 16;
  return {level(cube / 36), level(cube / 6 % 6), level(cube % 6)};
}

int nearest_basic(int color) {
  if (color < 16) return color;
  const Rgb wanted = rgb_of(color);
  int best = 0;
  int least = INT_MAX;
  for (int basic = 0; basic < 16; ++basic) {
    const Rgb rgb = rgb_of(basic);
    const int red = rgb.red - wanted.red;
    const int green = rgb.green - wanted.green;
    const int blue = rgb.blue - wanted.blue;
    const int distance = 3 * red * red + 4 * green * green + 2 * blue * blue;
    if (distance < least) {
      least = distance;
      best = basic;
    }
  }
  return best;
}

void append_color(std::string& out, int color, bool background, Colors colors) {
  if (color < 0 || colors == Colors::kNone) return;
  if (colors == Colors::kAll) {
    fmt::format_to(std::back_inserter(out), ";{};5;{}", background ? 48 : 38, color);
    return;
  }
  const int basic = nearest_basic(color);
  const int base = (background ? 40 : 30) + (basic >= 8 ? 60 : 0);
  fmt::format_to(std::back_inserter(out), ";{}", base + basic % 8);
}

void append_style(std::string& out, const Style& style, Colors colors) {
  out += "\x1b[0";
  if (style.bold) out += ";1";
  if (style.dim) out += ";2";
  if (style.underline) out += ";4";
  // Without colours a background is told by exchanging both.
  if (style.reverse || (colors == Colors::kNone && style.background >= 0)) out += ";7";
  append_color(out, style.foreground, false, colors);
  append_color(out, style.background, true, colors);
  out += 'm';
}

/// Something similar in ASCII.
char ascii_of(char32_t code) {
  constexpr std::string_view kSpark = "_.,-=+*#";
  if (code >= 0x2581 && code <= 0x2588) return kSpark[code - 0x2581];
  switch (code) {
    case U'━':
    case U'╸':
      return '=';
    case U'─':
      return '-';
    case U'│':
      return '|';
    case U'├':
    case U'╭':
    case U'╮':
      return '+';
    case U'└':
    case U'╰':
    case U'╯':
      return '`';
    case U'▸':
    case U'›':
      return '>';
    case U'▼':
    case U'↓':
      return 'v';
    case U'▲':
    case U'↑':
      return '^';
    case U'…':
      return '~';
    case U'·':
      return '.';
    default:
      return '?';
  }
}

class Painter {
 public:
  Painter(const PaintOptions& options, bool clear) : options_(options) {
    out_ = kBeginUpdate;
    out_ += kHideCursor;
    if (clear) out_ += "\x1b[0m\x1b[2J";
  }

  void write(int x, int y, const Cell& cell) {
    if (x != x_ || y != y_) fmt::format_to(std::back_inserter(out_), "\x1b[{};{}H", y + 1, x + 1);
    if (!styled_ || cell.style != style_) {
      append_style(out_, cell.style, options_.colors);
      style_ = cell.style;
      styled_ = true;
    }
    x_ = x + 1;
    y_ = y;
    if (cell.code < 0x80 && (cell.mark == 0 || !options_.utf8)) {
      out_ += static_cast<char>(cell.code);
    } else if (!options_.utf8) {
      out_ += ascii_of(cell.code);
    } else {
      append_utf8(cell.code, out_);
      if (cell.mark != 0) append_utf8(cell.mark, out_);
      // Terminals disagree about widths beyond the common ones: the place of the next cell is told.
      const bool is_common = cell.code < 0x300 || (cell.code >= 0x2010 && cell.code < 0x2600);
      if (!is_common || cell.mark != 0) x_ = -1;
    }
  }

  /// Cells in between that are there already, written again if that is shorter than a move.
  [[nodiscard]] bool is_short_gap(int x, int y) const {
    return y == y_ && x_ >= 0 && x > x_ && x - x_ <= kShortGap;
  }
  [[nodiscard]] int x() const { return x_; }

  std::string finish(const Grid& next) {
    out_ += "\x1b[0m";
    if (next.cursor) {
      fmt::format_to(std::back_inserter(out_), "\x1b[{};{}H", next.cursor->second + 1,
                     next.cursor->first + 1);
      out_ += kShowCursor;
    }
    out_ += kEndUpdate;
    return std::move(out_);
  }

 private:
  const PaintOptions& options_;
  std::string out_;
  Style style_;
  bool styled_ = false;
  int x_ = -1;  // where the terminal's cursor is; -1: nobody knows
  int y_ = -1;
};

}  // namespace

std::string repaint(const Grid* shown, const Grid& next, const PaintOptions& options) {
  const bool clear = shown == nullptr || shown->size() != next.size();
  const auto differs = [&](int x, int y) {
    return clear ? next.at(x, y) != Cell{} : next.at(x, y) != shown->at(x, y);
  };
  Painter painter(options, clear);
  bool any = clear || shown->cursor != next.cursor;
  for (int y = 0; y < next.size().height; ++y) {
    for (int x = 0; x < next.size().width; ++x) {
      // The right half comes with the left one: if that alone has changed, both are written.
      const bool wide = x + 1 < next.size().width && next.at(x + 1, y).code == 0;
      if (next.at(x, y).code == 0 || !(differs(x, y) || (wide && differs(x + 1, y)))) continue;
      any = true;
      if (painter.is_short_gap(x, y)) {
        for (int gap = painter.x(); gap < x && gap >= 0; ++gap) {
          if (next.at(gap, y).code >= 0x80 || next.at(gap, y).code == 0) break;
          painter.write(gap, y, next.at(gap, y));
        }
      }
      painter.write(x, y, next.at(x, y));
    }
  }
  return any ? painter.finish(next) : std::string();
}

}  // namespace livedata::cli::terminal
