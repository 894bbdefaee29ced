#include "cli/top/charts.h"

#include <algorithm>
#include <cmath>

#include "cli/top/palette.h"

namespace livedata::cli::top {

void draw_bar(terminal::Grid& grid, int x, int y, int width, std::span<const BarPart> parts) {
  double total = 0;
  for (const BarPart& part : parts) total += std::max(part.percent, 0.0);
  const double halves_for_percent = width * 2 / 100.0;
  const auto halves = static_cast<int>(std::lround(std::min(total, 100.0) * halves_for_percent));
  for (int cell = 0; cell < width; ++cell) {
    if (2 * cell >= halves) {
      grid.put_code(x + cell, y, U'─', kTrack);
      continue;
    }
    // Of the part that its middle belongs to.
    const double middle = (2 * cell + 1) / halves_for_percent;
    double end = 0;
    terminal::Style style;
    for (const BarPart& part : parts) {
      if (part.percent <= 0) continue;
      style = part.style;
      end += part.percent;
      if (middle <= end) break;
    }
    grid.put_code(x + cell, y, 2 * cell + 1 < halves ? U'━' : U'╸', style);
  }
}

char32_t level_code(double value, double most) {
  constexpr int kLevels = 8;
  if (!(most > 0) || !(value > 0)) return U'▁';
  const int level = static_cast<int>(std::min(value / most, 1.0) * kLevels);
  return U'▁' + static_cast<char32_t>(std::min(level, kLevels - 1));
}

void draw_trend(terminal::Grid& grid, int right, int y, int width,
                const std::deque<double>& percents) {
  const auto count = std::min(percents.size(), static_cast<std::size_t>(std::max(width, 0)));
  for (std::size_t i = 0; i < count; ++i) {
    const double percent = percents[percents.size() - 1 - i];
    grid.put_code(right - 1 - static_cast<int>(i), y, level_code(percent, 100), heat(percent));
  }
}

void draw_plot(terminal::Grid& grid, const Plot& plot, std::span<const HistoryPoint> points) {
  if (plot.width <= 0 || plot.to <= plot.from || !(plot.most > 0)) return;
  std::vector<std::optional<double>> columns(static_cast<std::size_t>(plot.width));
  const double span = static_cast<double>(plot.to - plot.from);
  constexpr TimestampNs kUsualStep = 60 * kNsPerSecond;
  TimestampNs step = std::min(plot.to - plot.from, kUsualStep);
  for (std::size_t i = 1; i < points.size(); ++i)
    step = std::min(step, std::max<TimestampNs>(points[i].time - points[i - 1].time, 1));
  for (const HistoryPoint& point : points) {
    // A point stands for the time since the one before it.
    const double begin = static_cast<double>(point.time - step - plot.from) / span * plot.width;
    const double end = static_cast<double>(point.time - plot.from) / span * plot.width;
    const int first = std::clamp(static_cast<int>(std::lround(begin)), 0, plot.width - 1);
    const int last = std::clamp(static_cast<int>(std::lround(end)) - 1, first, plot.width - 1);
    if (end <= 0 || begin >= plot.width) continue;
    for (int column = first; column <= last; ++column) {
      auto& value = columns[static_cast<std::size_t>(column)];
      value = std::max(value.value_or(0), point.value);
    }
  }
  for (int column = 0; column < plot.width; ++column) {
    const auto& value = columns[static_cast<std::size_t>(column)];
    if (!value) continue;
    const auto eighths =
        static_cast<int>(std::lround(std::clamp(*value / plot.most, 0.0, 1.0) * plot.height * 8));
    for (int row = 0; row < plot.height; ++row) {
      const int filled = std::min(eighths - row * 8, 8);
      if (filled <= 0 && row > 0) break;
      grid.put_code(plot.x + column, plot.y + plot.height - 1 - row,
                    U'▁' + static_cast<char32_t>(std::max(filled, 1) - 1),
                    filled <= 0 ? kTrack : plot.style);
    }
  }
}

}  // namespace livedata::cli::top
