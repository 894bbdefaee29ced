#include "cli/top/process_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/terminal/character.h"
#include "cli/top/charts.h"
#include "cli/top/line_writer.h"
#include "cli/top/numbers.h"

namespace livedata::cli::top {
namespace {

using terminal::Grid;
using terminal::Style;

constexpr int kLeft = 1;

Style level_style(std::string_view level) {
  if (level == "error" || level == "critical" || level == "fatal") return kRed;
  if (level == "warn" || level == "warning") return kYellow;
  if (level == "debug" || level == "trace") return kDim;
  return kGreen;
}

void draw_log_line(Grid& grid, const Model& model, const LogLine& line, int y) {
  const int width = grid.size().width;
  int x = grid.put(kLeft, y, clock_text_ms(line.time, model.utc_offset), kDim);
  x = grid.put(x + 1, y, "│", level_style(line.level));
  std::string_view text = line.line;
  const std::string_view hidden = terminal::fitting(text, model.logs.left);
  if (model.mode != Mode::kProcess) text.remove_prefix(hidden.size());
  const Style style = level_style(line.level) == kRed ? kRed
                      : line.level == "debug"         ? kDim
                                                      : kPlain;
  grid.put_cut(x + 1, y, text, style, width - x - 2);
}

/// Why there are no lines to show.
std::string_view empty_text(const ProcessLogs& logs) {
  if (!logs.asked.problem.empty()) return logs.asked.problem;
  if (logs.asked.pending) return "asking the server …";
  return logs.lines.empty() ? "the server has no logs of it from the last hour"
                            : "no line has these words";
}

void draw_facts(Grid& grid, const Model& model, int& y) {
  const ProcessFigures& process = model.subject;
  const int right = grid.size().width - 1;
  grid.put_cut(kLeft, y++, process.command.empty() ? process.name : process.command, kStrong,
               right - kLeft);
  LineWriter first(grid, kLeft, y++, right);
  first.pair("user", process.user);
  if (process.members > 0) {
    first.pair("processes", std::to_string(process.members));
  } else {
    first.pair("parent", std::to_string(process.parent))
        .pair("state", std::string_view(&process.state, 1));
  }
  first.pair("started",
             long_time_text(process.start_time, model.snapshot.host.time, model.utc_offset));
  const double age = static_cast<double>(model.snapshot.host.time - process.start_time) / 1e9;
  if (age >= 0) first.text(fmt::format("({} ago)", short_duration(age)), kDim);
  LineWriter second(grid, kLeft, y++, right);
  second.pair("cpu", short_percent(process.cpu_percent) + "%")
      .pair("memory", short_bytes(process.memory_bytes));
  if (process.swap_bytes > 0) second.pair("swap", short_bytes(process.swap_bytes));
  second.pair("threads", std::to_string(process.threads));
  if (process.open_files) second.pair("files", std::to_string(*process.open_files));
  if (process.read_rate) second.pair("read", short_bytes(*process.read_rate) + "/s");
  if (process.written_rate) second.pair("write", short_bytes(*process.written_rate) + "/s");
  if (process.unit.empty() && process.container.empty()) return;
  LineWriter third(grid, kLeft, y++, right);
  if (!process.unit.empty()) third.pair("unit", process.unit);
  if (!process.container.empty()) third.pair("container", process.container);
}

double highest(const std::vector<HistoryPoint>& points) {
  double most = 0;
  for (const HistoryPoint& point : points) most = std::max(most, point.value);
  return most;
}

struct PlotTitle {
  std::string_view name;
  std::string most;
};

void draw_history_plot(Grid& grid, const Model& model, int y, int height, const PlotTitle& title,
                       const std::vector<HistoryPoint>& points, double most, Style style) {
  const int width = grid.size().width - 2;
  LineWriter line(grid, kLeft, y, grid.size().width - 1);
  line.text(title.name, kLabel).skip(2);
  if (points.empty()) {
    line.text("no records of it in this hour", kDim);
    return;
  }
  line.pair("highest", title.most);
  draw_plot(grid,
            {.x = kLeft,
             .y = y + 1,
             .width = width,
             .height = height,
             .from = model.history.from,
             .to = model.history.to,
             .most = most,
             .style = style},
            points);
}

void draw_time_axis(Grid& grid, const Model& model, int y) {
  const int right = grid.size().width - 1;
  const auto text = [&](TimestampNs time) {
    return clock_text(time, model.utc_offset).substr(0, 5);
  };
  const TimestampNs from = model.history.from;
  const TimestampNs to = model.history.to;
  for (int x = kLeft; x < right; ++x) grid.put(x, y, "─", kTrack);
  grid.put(kLeft, y, text(from) + " ", kDim);
  grid.put((kLeft + right) / 2 - 3, y, fmt::format(" {} ", text(from + (to - from) / 2)), kDim);
  grid.put_right(right, y, " " + text(to), kDim);
}

/// Two plots with their titles and an axis; fewer rows where there is no room.
void draw_history(Grid& grid, const Model& model, int& y, int room) {
  if (room < 2) return;
  const Asked& asked = model.history.asked;
  if (asked.pending || !asked.problem.empty()) {
    grid.put(kLeft, y++, "The last hour", kLabel);
    grid.put_cut(kLeft, y++, asked.pending ? "asking the server …" : asked.problem, kDim,
                 grid.size().width - kLeft - 1);
    return;
  }
  const int height = std::clamp((room - 4) / 2, 1, 4);
  const double cpu = highest(model.history.cpu_percent);
  const double memory = highest(model.history.memory_bytes);
  draw_history_plot(grid, model, y, height, {"CPU", short_percent(cpu) + "% of a core"},
                    model.history.cpu_percent, std::max(cpu, 1.0), kGreen);
  y += height + 1;
  if (y + height + 1 > grid.size().height - 2) return;
  draw_history_plot(grid, model, y, height, {"Memory", short_bytes(memory)},
                    model.history.memory_bytes, memory, kBlue);
  y += height + 1;
  draw_time_axis(grid, model, y++);
}

}  // namespace

void draw_process_page(Grid& grid, const Model& model) {
  const int bottom = grid.size().height - 1;
  int y = 1;
  draw_facts(grid, model, y);
  if (bottom - y > 12) ++y;
  draw_history(grid, model, y, (bottom - y) * 3 / 5);
  if (bottom - y < 2) return;
  if (bottom - y > 4) ++y;
  const int x = grid.put(kLeft, y, "Logs", kLabel);
  grid.put_cut(x + 2, y++, model.logs.where, kDim, grid.size().width - x - 3);
  const auto room = static_cast<std::size_t>(bottom - y);
  const auto& lines = model.logs.lines;
  if (lines.empty()) {
    grid.put_cut(kLeft, y, empty_text(model.logs), kDim, grid.size().width - 2);
    return;
  }
  for (std::size_t i = lines.size() - std::min(lines.size(), room); i < lines.size(); ++i)
    draw_log_line(grid, model, lines[i], y++);
}

void draw_log_page(Grid& grid, const Model& model) {
  const auto lines = chosen_lines(model.logs);
  const auto height = static_cast<std::size_t>(std::max(log_height(model), 1));
  const std::size_t last_top = lines.size() > height ? lines.size() - height : 0;
  const std::size_t top = model.logs.follow ? last_top : std::min(model.logs.top, last_top);
  const std::string count =
      lines.size() == model.logs.lines.size()
          ? fmt::format("{} lines", lines.size())
          : fmt::format("{} of {} lines", lines.size(), model.logs.lines.size());
  grid.fill(0, 1, grid.size().width, kHeader);
  grid.put_cut(kLeft, 1, model.logs.where, kHeader,
               grid.size().width - terminal::text_width(count) - 4);
  grid.put_right(grid.size().width - 1, 1, count, kHeader);
  if (lines.empty()) {
    grid.put_cut(kLeft, 3, empty_text(model.logs), kDim, grid.size().width - 2);
    return;
  }
  int y = 2;
  for (std::size_t i = top; i < std::min(top + height, lines.size()); ++i)
    draw_log_line(grid, model, *lines[i], y++);
}

}  // namespace livedata::cli::top
