#include "cli/top/host_strip.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/top/charts.h"
#include "cli/top/line_writer.h"
#include "cli/top/numbers.h"

namespace livedata::cli::top {
namespace {

using terminal::Grid;

constexpr int kLeft = 1;
constexpr int kLabelWidth = 7;
constexpr int kCoreCell = 13;  ///< "12 ━━━━━━━ 99"
constexpr int kCompactHeight = 14;
constexpr int kFullHeight = 20;

int label(Grid& grid, int y, std::string_view text) {
  grid.put(kLeft, y, text, kLabel);
  return kLeft + kLabelWidth;
}

/// How the cores are shown.
struct CoreLayout {
  bool bars = false;  ///< else one character for each
  int columns = 1;    ///< in a row
  int rows = 1;
};

CoreLayout core_layout(const Model& model) {
  const auto cores = std::max<int>(static_cast<int>(model.snapshot.host.cores.size()), 1);
  const int width = model.size.width - kLeft - kLabelWidth;
  const int most_rows = model.size.height >= 36 ? 4 : model.size.height >= 24 ? 2 : 1;
  const auto rows_for = [cores](int columns) { return (cores + columns - 1) / columns; };
  CoreLayout layout;
  const int bar_columns = std::clamp(width / kCoreCell, 1, cores);
  if (rows_for(bar_columns) <= most_rows) {
    layout.bars = true;
    layout.rows = rows_for(bar_columns);
    layout.columns = rows_for(layout.rows);  // rows of the same length
    return layout;
  }
  layout.columns = std::max(width - 1, 1);
  layout.rows = std::min(rows_for(layout.columns), most_rows);
  return layout;
}

void draw_cpu(Grid& grid, const Model& model, int y) {
  const int width = grid.size().width;
  int x = label(grid, y, "CPU");
  if (!model.snapshot.host.cpu) {
    grid.put(x, y, "…", kDim);
    return;
  }
  const CpuShares& cpu = *model.snapshot.host.cpu;
  const int bar = std::clamp(width / 3, 8, 48);
  const double rest = std::max(cpu.busy - cpu.user - cpu.system - cpu.steal, 0.0);
  draw_bar(grid, x, y, bar,
           std::array{BarPart{cpu.user, kGreen}, BarPart{cpu.system, kOrange},
                      BarPart{cpu.steal + rest, kViolet}, BarPart{cpu.iowait, kBlue}});
  x += bar;
  grid.put_right(x + 7, y, short_percent(cpu.busy) + "%", heat(cpu.busy).strong());
  LineWriter line(grid, x + 9, y, width - 1);
  line.pair("user", fmt::format("{:.0f}", cpu.user), kGreen)
      .pair("system", fmt::format("{:.0f}", cpu.system), kOrange)
      .pair("wait", fmt::format("{:.0f}", cpu.iowait), kBlue);
  if (cpu.steal >= 1) line.pair("steal", fmt::format("{:.0f}", cpu.steal), kViolet);
  const int room = width - 1 - line.x();
  if (room >= 8) draw_trend(grid, width - 1, y, std::min(room - 1, 60), model.cpu_trend);
}

void draw_cores(Grid& grid, const Model& model, int y) {
  const auto& cores = model.snapshot.host.cores;
  const int x = label(grid, y, "Cores");
  const CoreLayout layout = core_layout(model);
  int index = 0;
  if (!layout.bars) {
    for (const auto& [number, busy] : cores) {
      const int row = index / layout.columns;
      if (row >= layout.rows) break;
      grid.put_code(x + index % layout.columns, y + row, level_code(busy, 100), heat(busy));
      ++index;
    }
    return;
  }
  const int cell = (grid.size().width - 1 - x) / layout.columns;
  const auto digits =
      static_cast<int>(std::to_string(std::max<std::size_t>(cores.size(), 1) - 1).size());
  for (const auto& [number, busy] : cores) {
    const int left = x + index % layout.columns * cell;
    const int row = y + index / layout.columns;
    grid.put_right(left + digits, row, std::to_string(number), kDim);
    const int bar = std::min(cell - digits - 7, 40);
    draw_bar(grid, left + digits + 1, row, bar, std::array{BarPart{busy, heat(busy)}});
    grid.put_right(left + digits + 1 + bar + 4, row, fmt::format("{:.0f}", busy), kPlain);
    ++index;
  }
}

void draw_memory(Grid& grid, const Model& model, int y) {
  const int width = grid.size().width;
  int x = label(grid, y, "Memory");
  if (!model.snapshot.host.memory) {
    grid.put(x, y, "…", kDim);
    return;
  }
  const MemoryFigures& memory = *model.snapshot.host.memory;
  const int bar = std::clamp(width / 3, 8, 48);
  const double unit = memory.total > 0 ? 100 / memory.total : 0;
  const double used = memory.used * unit;
  const double cache = std::clamp(memory.cache * unit, 0.0, std::max(100 - used, 0.0));
  draw_bar(grid, x, y, bar, std::array{BarPart{used, heat(used)}, BarPart{cache, kTrack}});
  x += bar;
  grid.put_right(x + 7, y, short_percent(used) + "%", heat(used).strong());
  LineWriter line(grid, x + 9, y, width - 1);
  line.text(short_bytes(memory.used), kStrong)
      .text(" of ", kDim)
      .text(short_bytes(memory.total))
      .skip(2);
  if (memory.swap_total > 0) {
    const double swapped = 100 * memory.swap_used / memory.swap_total;
    line.pair("swap", short_bytes(memory.swap_used), heat(swapped))
        .skip(-1)
        .text("of ", kDim)
        .text(short_bytes(memory.swap_total))
        .skip(2);
  } else {
    line.text("no swap", kDim).skip(2);
  }
  line.pair("cache", short_bytes(memory.cache));
}

terminal::Style quiet_or_heat(double percent) { return percent < 1 ? kPlain : heat(percent * 2); }

void draw_load(Grid& grid, const Model& model, int y) {
  const HostFigures& host = model.snapshot.host;
  LineWriter line(grid, label(grid, y, "Load"), y, grid.size().width - 1);
  if (host.load) {
    const auto cores = static_cast<double>(std::max<std::size_t>(host.cores.size(), 1));
    line.text(fmt::format("{:.2f}", host.load->one), heat(host.load->one / cores * 60).strong())
        .text(fmt::format(" {:.2f} {:.2f}", host.load->five, host.load->fifteen))
        .skip(3);
  }
  if (host.tasks) {
    const TaskFigures& tasks = *host.tasks;
    line.pair("tasks", std::to_string(tasks.processes))
        .pair("threads", std::to_string(tasks.threads))
        .pair("running", std::to_string(tasks.running), kGreen);
    if (tasks.waiting > 0) line.pair("waiting", std::to_string(tasks.waiting), kOrange);
    if (tasks.zombies > 0) line.pair("zombies", std::to_string(tasks.zombies), kRed);
  }
  constexpr double kLeastStall = 0.5;
  std::string_view label = "stalled ";
  for (const auto& [resource, percent] : host.pressure) {
    if (percent < kLeastStall) continue;
    line.text(label, kDim).pair(resource, fmt::format("{:.0f}%", percent), quiet_or_heat(percent));
    label = "";
  }
}

void draw_traffic(Grid& grid, const Model& model, int y) {
  const HostFigures& host = model.snapshot.host;
  LineWriter line(grid, label(grid, y, "Disk"), y, grid.size().width - 1);
  const DiskFigures disk = total(host.disks);
  const NetworkFigures network = total(host.networks);
  if (!host.disks.empty()) {
    line.pair("read", short_bytes(disk.read) + "/s")
        .pair("write", short_bytes(disk.written) + "/s")
        .pair("busy", fmt::format("{:.0f}%", disk.busy_percent),
              quiet_or_heat(disk.busy_percent / 2));
  } else {
    line.text("none", kDim).skip(2);
  }
  if (!host.networks.empty()) {
    line.skip(1)
        .text("Net ", kLabel)
        .pair("in", short_bytes(network.received) + "/s")
        .pair("out", short_bytes(network.sent) + "/s");
  }
}

/// All in one row.
void draw_brief(Grid& grid, const Model& model, int y) {
  const HostFigures& host = model.snapshot.host;
  LineWriter line(grid, kLeft, y, grid.size().width);
  if (host.cpu)
    line.pair("cpu", short_percent(host.cpu->busy) + "%", heat(host.cpu->busy).strong());
  if (host.memory && host.memory->total > 0) {
    const double used = 100 * host.memory->used / host.memory->total;
    line.pair("mem", short_percent(used) + "%", heat(used).strong());
  }
  if (host.load) line.pair("load", fmt::format("{:.2f}", host.load->one));
  if (host.tasks) line.pair("tasks", std::to_string(host.tasks->processes));
  const NetworkFigures network = total(host.networks);
  line.pair("in", short_bytes(network.received) + "/s")
      .pair("out", short_bytes(network.sent) + "/s");
}

}  // namespace

int strip_height(const Model& model) {
  if (model.size.height < kCompactHeight) return 1;
  return model.size.height < kFullHeight ? 4 : 4 + core_layout(model).rows;
}

void draw_host_strip(Grid& grid, const Model& model, int y) {
  if (model.size.height < kCompactHeight) {
    draw_brief(grid, model, y);
    return;
  }
  draw_cpu(grid, model, y++);
  if (model.size.height >= kFullHeight) {
    draw_cores(grid, model, y);
    y += core_layout(model).rows;
  }
  draw_memory(grid, model, y++);
  draw_load(grid, model, y++);
  draw_traffic(grid, model, y);
}

}  // namespace livedata::cli::top
