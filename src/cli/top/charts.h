#pragma once

#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "cli/terminal/grid.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

struct BarPart {
  double percent = 0;
  terminal::Style style;
};

/// A line that is filled from the left by parts, to half a cell.
void draw_bar(terminal::Grid& grid, int x, int y, int width, std::span<const BarPart> parts);

/// One of ▁▂▃▄▅▆▇█ for a value between 0 and `most`.
char32_t level_code(double value, double most);

/// The newest values, one cell each, up to column `right`; at most `width`.
void draw_trend(terminal::Grid& grid, int right, int y, int width,
                const std::deque<double>& percents);

/// Points between two times as columns; of several in one column the highest. Columns without a
/// point stay empty.
struct Plot {
  int x = 0, y = 0, width = 0, height = 0;
  TimestampNs from = 0, to = 0;
  double most = 0;  ///< as high as the plot
  terminal::Style style;
};
void draw_plot(terminal::Grid& grid, const Plot& plot, std::span<const HistoryPoint> points);

}  // namespace livedata::cli::top
