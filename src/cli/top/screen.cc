#include "cli/top/screen.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/terminal/character.h"
#include "cli/top/host_strip.h"
#include "cli/top/line_writer.h"
#include "cli/top/numbers.h"
#include "cli/top/panels.h"
#include "cli/top/process_page.h"
#include "cli/top/table_view.h"

namespace livedata::cli::top {
namespace {

using terminal::Grid;
using terminal::Style;

constexpr int kLeastWidth = 30;
constexpr int kLeastHeight = 6;

bool is_about_subject(const Model& model) {
  return model.mode == Mode::kProcess || model.mode == Mode::kLogs ||
         model.mode == Mode::kLogFilter;
}

/// "live", or why not.
std::string state_text(const Model& model) {
  if (model.paused) return "paused";
  const TimestampNs shown = model.snapshot.host.time;
  if (model.moment) {
    const double ago = static_cast<double>(model.now - *model.moment) / 1e9;
    return fmt::format("{} ago", short_duration(ago));
  }
  if (shown == 0) return model.figures.problem.empty() ? "asking" : "no answer";
  const double age = static_cast<double>(model.now - shown) / 1e9;
  constexpr double kOld = 15;
  return age < kOld ? "live" : fmt::format("{} old", short_duration(age));
}

void draw_title(Grid& grid, const Model& model) {
  const int width = grid.size().width;
  const Style style = model.moment || model.paused ? kPastTitle : kTitle;
  grid.fill(0, 0, width, style);
  const TimestampNs shown = model.moment.value_or(model.now);
  const std::string right =
      fmt::format("{}  {} ", state_text(model), clock_text(shown, model.utc_offset));
  const int room = width - terminal::text_width(right) - 2;
  grid.put_right(width, 0, right, style);
  int x = grid.put_cut(1, 0, model.host, style.strong(), std::min(room, 40));
  const auto add = [&](const std::string& text) {
    if (x + 2 + terminal::text_width(text) <= room) x = grid.put(x + 2, 0, text, style);
  };
  if (is_about_subject(model)) {
    const ProcessFigures& process = model.subject;
    add(process.members > 0 ? process.name : fmt::format("{} {}", process.pid, process.name));
    if (model.subject_is_gone) add("(has ended)");
    return;
  }
  const HostFigures& host = model.snapshot.host;
  if (host.uptime_seconds) add(fmt::format("up {}", short_duration(*host.uptime_seconds)));
  if (!host.kernel.empty()) add(fmt::format("Linux {}", host.kernel));
}

struct Hint {
  std::string_view key;
  std::string_view text;
};

template <std::size_t kSize>
void draw_hints(Grid& grid, const std::array<Hint, kSize>& hints) {
  const int y = grid.size().height - 1;
  const int width = grid.size().width;
  int x = 1;
  for (const Hint& hint : hints) {
    const int size = terminal::text_width(hint.key) + 1 + terminal::text_width(hint.text);
    if (x + size > width - 1) break;
    x = grid.put(x, y, hint.key, kMatch) + 1;
    x = grid.put(x, y, hint.text, kDim) + 2;
  }
}

void draw_prompt(Grid& grid, std::string_view label, std::string_view text,
                 const std::string& note) {
  const int y = grid.size().height - 1;
  const int width = grid.size().width;
  int x = grid.put(1, y, label, kLabel);
  x = grid.put(x + 1, y, "› ", kMatch);
  const int room = std::max(width - x - terminal::text_width(note) - 3, 4);
  // The end is what is being typed.
  while (terminal::text_width(text) > room) text.remove_prefix(1);
  x = grid.put(x, y, text, kStrong, room);
  grid.cursor = std::pair(std::min(x, width - 1), y);
  grid.put_right(width - 1, y, note, kDim);
}

std::string matching_text(const Model& model) {
  return fmt::format("{} of {}", model.list.num_matching, model.list.processes.size());
}

void draw_filter_state(Grid& grid, const Model& model) {
  LineWriter line(grid, 1, grid.size().height - 1, grid.size().width - 1);
  line.text("filter", kLabel)
      .skip(1)
      .text(model.filter, kMatch)
      .skip(2)
      .text(matching_text(model), kDim)
      .skip(3)
      .text("Esc", kMatch)
      .text(" clears it   ", kDim)
      .text("/", kMatch)
      .text(" changes it", kDim)
      .skip(3)
      .text("Enter", kMatch)
      .text(" info  ", kDim)
      .text("l", kMatch)
      .text(" logs  ", kDim)
      .text("k", kMatch)
      .text(" kill", kDim);
}

void draw_last_line(Grid& grid, const Model& model) {
  constexpr std::array<Hint, 10> kTableHints = {{{"/", "filter"},
                                                 {"Enter", "info"},
                                                 {"l", "logs"},
                                                 {"k", "kill"},
                                                 {"Tab", "host"},
                                                 {"?", "keys"},
                                                 {"q", "quit"},
                                                 {"t", "tree"},
                                                 {"g", "group"},
                                                 {"<>", "sort"}}};
  constexpr std::array<Hint, 3> kProcessHints = {{{"Esc", "back"}, {"l", "logs"}, {"k", "kill"}}};
  constexpr std::array<Hint, 4> kLogHints = {
      {{"Esc", "back"}, {"/", "filter"}, {"↑↓", "scroll"}, {"←→", "sideways"}}};
  const bool is_typing = model.mode == Mode::kFilter || model.mode == Mode::kLogFilter;
  if (!model.message.empty() && !is_typing) {
    grid.put_cut(1, grid.size().height - 1, model.message, model.message_is_bad ? kRed : kGreen,
                 grid.size().width - 2);
    return;
  }
  switch (model.mode) {
    case Mode::kFilter:
      draw_prompt(grid, "filter", model.filter, matching_text(model));
      break;
    case Mode::kLogFilter:
      draw_prompt(grid, "words", model.logs.filter,
                  fmt::format("{} lines", chosen_lines(model.logs).size()));
      break;
    case Mode::kProcess:
      draw_hints(grid, kProcessHints);
      break;
    case Mode::kLogs:
      draw_hints(grid, kLogHints);
      break;
    default:
      if (model.filter.empty()) {
        draw_hints(grid, kTableHints);
      } else {
        draw_filter_state(grid, model);
      }
  }
}

/// Why there are no processes, where there are none.
void draw_emptiness(Grid& grid, const Model& model, int y) {
  if (!model.list.rows.empty()) return;
  const std::string text = !model.figures.problem.empty()  ? model.figures.problem
                           : model.snapshot.host.time == 0 ? "asking …"
                           : model.snapshot.processes.empty()
                               ? "there are no records of its processes"
                               : "no process matches";
  grid.put_cut(2, y, text, kDim, grid.size().width - 3);
}

void draw_main_page(Grid& grid, const Model& model) {
  draw_host_strip(grid, model, 1);
  const int y = 1 + strip_height(model);
  draw_table(grid, model, y, table_height(model));
  draw_emptiness(grid, model, y + 2);
}

}  // namespace

Grid draw(const Model& model) {
  Grid grid(model.size);
  if (grid.size().width < kLeastWidth || grid.size().height < kLeastHeight) {
    grid.put(0, 0, "too small", kPlain);
    return grid;
  }
  draw_title(grid, model);
  if (model.mode == Mode::kProcess) {
    draw_process_page(grid, model);
  } else if (model.mode == Mode::kLogs || model.mode == Mode::kLogFilter) {
    draw_log_page(grid, model);
  } else {
    draw_main_page(grid, model);
  }
  draw_last_line(grid, model);
  if (model.mode == Mode::kSignals) draw_signals(grid, model);
  if (model.mode == Mode::kConfirm) draw_confirmation(grid, model);
  if (model.mode == Mode::kHosts) draw_hosts(grid, model);
  if (model.mode == Mode::kHelp) draw_help(grid);
  return grid;
}

std::string draw_report(Model model, int width) {
  constexpr int kTallEnough = 60;  // for all of the strip
  constexpr int kRows = 500;       // at a time
  model.mode = Mode::kTable;
  model.size = {width, kTallEnough};
  const int strip = strip_height(model);
  Grid head({width, strip + 1});
  draw_title(head, model);
  draw_host_strip(head, model, 1);
  std::string out = head.text();
  const std::size_t rows = model.list.rows.size();
  model.row = rows;  // none is selected
  for (model.top = 0; model.top < std::max<std::size_t>(rows, 1); model.top += kRows) {
    const auto height = static_cast<int>(std::min<std::size_t>(rows - model.top, kRows));
    Grid part({width, height + 1});
    draw_table(part, model, 0, height);
    const std::string text = part.text();
    // The header is written once.
    out += model.top == 0 ? text : text.substr(text.find('\n') + 1);
  }
  return out;
}

}  // namespace livedata::cli::top
