#include "cli/top/panels.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/terminal/character.h"
#include "cli/top/palette.h"
#include "cli/top/table_view.h"

namespace livedata::cli::top {
namespace {

using terminal::Grid;

/// A box in the middle; its inside is what can be written to.
struct Panel {
  int x = 0, y = 0, width = 0, height = 0;
};

Panel draw_panel(Grid& grid, int width, int height, std::string_view title) {
  const auto [page_width, page_height] = grid.size();
  width = std::min(width, page_width - 4);
  height = std::min(height, page_height - 2);
  const Panel panel{(page_width - width) / 2, (page_height - height) / 2, width, height};
  const int left = panel.x - 2;
  const int right = panel.x + width + 1;
  for (int y = panel.y - 1; y <= panel.y + height; ++y) grid.fill(left, y, width + 4, kPanel);
  for (int x = left + 1; x < right; ++x) {
    grid.put(x, panel.y - 1, "─", kPanelDim);
    grid.put(x, panel.y + height, "─", kPanelDim);
  }
  for (int y = panel.y; y < panel.y + height; ++y) {
    grid.put(left, y, "│", kPanelDim);
    grid.put(right, y, "│", kPanelDim);
  }
  grid.put(left, panel.y - 1, "╭", kPanelDim);
  grid.put(right, panel.y - 1, "╮", kPanelDim);
  grid.put(left, panel.y + height, "╰", kPanelDim);
  grid.put(right, panel.y + height, "╯", kPanelDim);
  grid.put_cut(left + 2, panel.y - 1, fmt::format(" {} ", title), kPanelTitle, width - 1);
  return panel;
}

void select_line(Grid& grid, const Panel& panel, int y) {
  grid.restyle(panel.x - 1, y, panel.width + 2, [](terminal::Style& style) { style = kSelected; });
}

std::string subject_text(const ProcessFigures& process) {
  return fmt::format("{} {}", process.pid, process.name);
}

struct HelpLine {
  std::string_view keys;
  std::string_view text;
};
constexpr std::array kHelp = {HelpLine{"↑ ↓ PgUp PgDn Home End", "choose a process"},
                              HelpLine{"/", "filter: letters in order; 'exact; !not; Esc ends it"},
                              HelpLine{"< >", "sort by the next column; r reverses"},
                              HelpLine{"P M I T", "sort by cpu, memory, input/output, threads"},
                              HelpLine{"N U A S", "sort by number, user, name, start"},
                              HelpLine{"t   g", "tree;  one row for each name"},
                              HelpLine{"Enter h", "the process: facts, last hour, logs"},
                              HelpLine{"l", "its logs"},
                              HelpLine{"k", "send it a signal"},
                              HelpLine{"Tab", "another machine"},
                              HelpLine{"[ ]  { }", "back and forth in time, by 1 and 30 min"},
                              HelpLine{"n", "now"},
                              HelpLine{"Space", "stand still"},
                              HelpLine{"q", "quit"}};

}  // namespace

void draw_signals(Grid& grid, const Model& model) {
  const int wanted = static_cast<int>(kSignals.size());
  const Panel panel =
      draw_panel(grid, 48, wanted + 2, fmt::format("Signal to {}", subject_text(model.subject)));
  const int rows = std::max(panel.height - (panel.height > wanted ? 2 : 0), 1);
  const int first = std::max(0, static_cast<int>(model.signal_row) - rows + 1);
  for (int i = 0; i < rows && first + i < wanted; ++i) {
    const Signal& signal = kSignals[static_cast<std::size_t>(first) + static_cast<std::size_t>(i)];
    const int y = panel.y + i;
    grid.put_right(panel.x + 2, y, std::to_string(signal.number), kPanelDim);
    grid.put(panel.x + 4, y, signal.name, kPanel.strong());
    grid.put_cut(panel.x + 10, y, signal.meaning, kPanelDim, panel.width - 10);
    if (first + i == static_cast<int>(model.signal_row)) select_line(grid, panel, y);
  }
  if (panel.height > wanted) {
    grid.put_cut(panel.x, panel.y + panel.height - 1, "Enter choose   Esc leave it", kPanelDim,
                 panel.width);
  }
}

void draw_confirmation(Grid& grid, const Model& model) {
  const Signal& signal = kSignals[model.signal_row];
  const std::string question =
      fmt::format("Send {} to {}?", signal.name, subject_text(model.subject));
  const int width = std::max({terminal::text_width(question),
                              std::min(terminal::text_width(model.subject.command), 60), 30});
  const Panel panel = draw_panel(grid, width, 4, "Sure?");
  grid.put_cut(panel.x, panel.y, question, kPanel.strong(), panel.width);
  grid.put_cut(panel.x, panel.y + 1, model.subject.command, kPanelDim, panel.width);
  int x = grid.put(panel.x, panel.y + panel.height - 1, "y", kPanelTitle);
  x = grid.put(x, panel.y + panel.height - 1, " send it   ", kPanelDim);
  x = grid.put(x, panel.y + panel.height - 1, "any other key", kPanelTitle);
  grid.put(x, panel.y + panel.height - 1, " do not", kPanelDim);
}

void draw_hosts(Grid& grid, const Model& model) {
  const auto hosts = chosen_hosts(model);
  const Filter filter(model.host_filter);
  int name_width = 12;
  for (const HostChoice& host : model.hosts)
    name_width = std::clamp(terminal::text_width(host.name), name_width, 40);
  const int wanted = std::clamp(static_cast<int>(model.hosts.size()), 1, 16) + 2;
  const Panel panel = draw_panel(grid, name_width + 32, wanted, "Machines");
  int x = grid.put(panel.x, panel.y, "› ", kPanelTitle);
  x = grid.put(x, panel.y, model.host_filter, kPanel, panel.width - 2);
  grid.cursor = std::pair(std::min(x, panel.x + panel.width - 1), panel.y);
  const int rows = std::max(panel.height - 2, 1);
  const int first = std::max(0, static_cast<int>(model.host_row) - rows + 1);
  for (int i = 0; i < rows && first + i < static_cast<int>(hosts.size()); ++i) {
    const HostChoice& host = *hosts[static_cast<std::size_t>(first) + static_cast<std::size_t>(i)];
    const int y = panel.y + 1 + i;
    const auto match = filter.match({host.name});
    put_marked(grid, panel.x, y, host.name, host.name == model.host ? kPanel.strong() : kPanel,
               match ? match->places[0] : std::vector<std::size_t>{}, name_width);
    grid.restyle(panel.x, y, name_width,
                 [](terminal::Style& style) { style.background = kPanel.background; });
    grid.put_cut(panel.x + name_width + 2, y, host.note, kPanelDim, panel.width - name_width - 2);
    if (first + i == static_cast<int>(model.host_row)) select_line(grid, panel, y);
  }
  const std::string note = model.hosts_asked.pending ? "asking the server …"
                           : !model.hosts_asked.problem.empty()
                               ? model.hosts_asked.problem
                               : "Tab next   Enter choose   Esc leave it";
  grid.put_cut(panel.x, panel.y + panel.height - 1, note, kPanelDim, panel.width);
}

void draw_help(Grid& grid) {
  const Panel panel =
      draw_panel(grid, 72, static_cast<int>(kHelp.size()) + 2, "livedata top: the keys");
  const int column = panel.width >= 66 ? 24 : 12;
  int y = panel.y;
  for (const HelpLine& line : kHelp) {
    if (y >= panel.y + panel.height) break;
    grid.put_cut(panel.x, y, line.keys, kPanelTitle, column - 1);
    grid.put_cut(panel.x + column, y, line.text, kPanel, panel.width - column);
    ++y;
  }
  if (y + 1 < panel.y + panel.height)
    grid.put(panel.x, panel.y + panel.height - 1, "any key goes back", kPanelDim, panel.width);
}

}  // namespace livedata::cli::top
