#include "cli/top/table_view.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "cli/terminal/character.h"
#include "cli/top/numbers.h"
#include "cli/top/palette.h"

namespace livedata::cli::top {
namespace {

using terminal::Grid;
using terminal::Style;

enum class ColumnId {
  kPid,
  kUser,
  kState,
  kCpu,
  kMemory,
  kShare,
  kThreads,
  kIo,
  kRead,
  kWrite,
  kStart,
  kUnit
};

struct Column {
  ColumnId id = ColumnId::kPid;
  std::string_view title;
  int width = 0;
  bool is_text = false;  ///< aligned to the left
  int least_page = 0;    ///< columns of a terminal that shows it
  std::optional<SortKey> sort;
  int most_page = 10'000;
};

// In the order of the page.
constexpr std::array kColumns = {Column{ColumnId::kPid, "PID", 7, false, 0, SortKey::kPid},
                                 Column{ColumnId::kUser, "USER", 9, true, 60, SortKey::kUser},
                                 Column{ColumnId::kState, "S", 1, true, 50, std::nullopt},
                                 Column{ColumnId::kCpu, "CPU%", 6, false, 0, SortKey::kCpu},
                                 Column{ColumnId::kMemory, "MEM", 6, false, 0, SortKey::kMemory},
                                 Column{ColumnId::kShare, "MEM%", 5, false, 100, std::nullopt},
                                 Column{ColumnId::kThreads, "THR", 5, false, 70, SortKey::kThreads},
                                 Column{ColumnId::kIo, "IO/s", 6, false, 76, SortKey::kIo, 109},
                                 Column{ColumnId::kRead, "READ/s", 7, false, 110, SortKey::kIo},
                                 Column{ColumnId::kWrite, "WRITE/s", 7, false, 110, std::nullopt},
                                 Column{ColumnId::kStart, "START", 6, false, 90, SortKey::kStart},
                                 Column{ColumnId::kUnit, "UNIT", 20, true, 130, std::nullopt}};

template <class Use>
void for_each_column(int page, const Use& use) {
  for (const Column& column : kColumns) {
    if (page >= column.least_page && page <= column.most_page) use(column);
  }
}

void draw_header(Grid& grid, const Model& model, int y) {
  const int page = grid.size().width;
  grid.fill(0, y, page, kHeader);
  int x = 0;
  const auto title = [&](std::string_view text, int width, bool is_text, bool sorted) {
    const Style style = sorted ? kSortedHeader : kHeader;
    const std::string shown =
        sorted ? fmt::format("{}{}", text, model.order.reverse ? "▲" : "▼") : std::string(text);
    if (is_text) {
      grid.put(x, y, shown, style);
    } else {
      // The mark of the sorted column stands in the gap, so that the names stay in their places.
      grid.put(x + width - terminal::text_width(text), y, shown, style);
    }
    x += width + 1;
  };
  for_each_column(page, [&](const Column& column) {
    const bool is_count = column.id == ColumnId::kPid && model.order.grouped;
    title(is_count ? "COUNT" : column.title, column.width, column.is_text,
          column.sort == model.order.key);
  });
  title("COMMAND", 7, true, model.order.key == SortKey::kName);
}

Style state_style(char state) {
  switch (state) {
    case 'R':
      return kGreen;
    case 'D':
      return kOrange;
    case 'Z':
      return kRed;
    case 'T':
    case 't':
      return kYellow;
    default:
      return kDim;
  }
}

Style cpu_style(double percent) {
  if (percent < 0.05) return kDim;
  return percent < 10 ? kPlain : heat(percent).strong();
}

std::string rate_text(const std::optional<double>& rate) { return rate ? short_bytes(*rate) : "-"; }

Style rate_style(double rate) {
  constexpr double kMuch = 10 * 1024.0 * 1024;
  return rate <= 0 ? kDim : rate < kMuch ? kPlain : kOrange;
}

struct CellText {
  std::string text;
  Style style;
  std::optional<MatchedText> matched;
};

CellText cell_of(const Model& model, const ProcessFigures& process, ColumnId column) {
  switch (column) {
    case ColumnId::kPid:
      if (process.members > 0) return {std::to_string(process.members), kPlain, std::nullopt};
      return {std::to_string(process.pid), kPlain, kMatchedPid};
    case ColumnId::kUser:
      return {process.user, process.user == "root" ? kDim : kPlain, kMatchedUser};
    case ColumnId::kState:
      return {std::string(1, process.state), state_style(process.state), std::nullopt};
    case ColumnId::kCpu:
      return {short_percent(process.cpu_percent), cpu_style(process.cpu_percent), std::nullopt};
    case ColumnId::kMemory:
      return {short_bytes(process.memory_bytes), process.memory_bytes > 0 ? kPlain : kDim,
              std::nullopt};
    case ColumnId::kShare: {
      const auto& memory = model.snapshot.host.memory;
      const double share =
          memory && memory->total > 0 ? 100 * process.memory_bytes / memory->total : 0;
      return {short_percent(share),
              share < 0.05 ? kDim
              : share < 10 ? kPlain
                           : heat(share * 2),
              std::nullopt};
    }
    case ColumnId::kThreads:
      return {std::to_string(process.threads), process.threads > 1 ? kPlain : kDim, std::nullopt};
    case ColumnId::kIo: {
      const bool known = process.read_rate || process.written_rate;
      return {known ? short_bytes(process.io_rate()) : "-", rate_style(process.io_rate()),
              std::nullopt};
    }
    case ColumnId::kRead:
      return {rate_text(process.read_rate), rate_style(process.read_rate.value_or(0)),
              std::nullopt};
    case ColumnId::kWrite:
      return {rate_text(process.written_rate), rate_style(process.written_rate.value_or(0)),
              std::nullopt};
    case ColumnId::kStart:
      return {start_text(process.start_time, model.snapshot.host.time, model.utc_offset), kDim,
              std::nullopt};
    case ColumnId::kUnit:
      return {process.unit, kDim, kMatchedUnit};
  }
  return {};
}

/// A command line in parts: where the program is, its name, what it was given.
struct CommandParts {
  std::string_view folder, name, arguments;
};

CommandParts parts_of(std::string_view command) {
  const std::string_view program = command.substr(0, command.find(' '));
  const std::size_t slash = program.starts_with('/') ? program.rfind('/') + 1 : 0;
  return {program.substr(0, slash), program.substr(slash), command.substr(program.size())};
}

std::vector<std::size_t> shifted(const std::vector<std::size_t>& places, std::size_t begin,
                                 std::size_t size) {
  std::vector<std::size_t> inside;
  for (const std::size_t place : places) {
    if (place >= begin && place < begin + size) inside.push_back(place - begin);
  }
  return inside;
}

void draw_command(Grid& grid, const Row& row, const ProcessFigures& process, int x, int y) {
  const int right = grid.size().width;
  x = grid.put(x, y, row.branches, kTrack);
  if (process.members > 0) {
    x = put_marked(grid, x, y, process.name, kStrong, row.places[kMatchedName], right - x);
    if (!process.command.empty() && process.members == 1 && !process.command.starts_with('['))
      put_marked(grid, x + 2, y, process.command, kDim, row.places[kMatchedCommand], right - x - 2);
    return;
  }
  const std::string_view command = process.command;
  std::vector<std::size_t> places = row.places[kMatchedCommand];
  // A name that matched is marked where the command line has it.
  const std::size_t name_at = command.find(process.name);
  if (name_at != std::string_view::npos && !process.name.empty()) {
    for (const std::size_t place : row.places[kMatchedName]) places.push_back(name_at + place);
    std::sort(places.begin(), places.end());
  }
  const bool is_kernel = command.starts_with('[');
  CommandParts parts = parts_of(command);
  std::size_t begin = 0;
  // Where there is little room the name matters more than the folder.
  const auto size = static_cast<int>(parts.folder.size() + parts.name.size());
  if (size > (right - x) / 2 && (places.empty() || places.front() >= parts.folder.size())) {
    begin = parts.folder.size();
    parts.folder = {};
  }
  for (const auto& [text, style] :
       {std::pair(parts.folder, kDim), std::pair(parts.name, is_kernel ? kDim : kStrong),
        std::pair(parts.arguments, is_kernel ? kDim : kPlain)}) {
    x = put_marked(grid, x, y, text, style, shifted(places, begin, text.size()), right - x);
    begin += text.size();
  }
  if (command.empty()) {
    x = put_marked(grid, x, y, process.name, kStrong, row.places[kMatchedName], right - x);
  } else if (name_at == std::string_view::npos && !row.places[kMatchedName].empty()) {
    put_marked(grid, x + 1, y, process.name, kDim, row.places[kMatchedName], right - x - 1);
  }
}

void draw_row(Grid& grid, const Model& model, const Row& row, int y) {
  const ProcessFigures& process = model.list.processes[row.process];
  int x = 0;
  for_each_column(grid.size().width, [&](const Column& column) {
    const CellText cell = cell_of(model, process, column.id);
    static const std::vector<std::size_t> kNowhere;
    const auto& places = cell.matched ? row.places[*cell.matched] : kNowhere;
    if (!column.is_text) {
      const int width = std::min(terminal::text_width(cell.text), column.width);
      put_marked(grid, x + column.width - width, y, cell.text, cell.style, places, width);
    } else if (terminal::text_width(cell.text) <= column.width) {
      put_marked(grid, x, y, cell.text, cell.style, places, column.width);
    } else {
      put_marked(grid, x, y, cell.text, cell.style, places, column.width - 1);
      grid.put(x + column.width - 1, y, "…", kDim);
    }
    x += column.width + 1;
  });
  draw_command(grid, row, process, x, y);
  if (row.is_context) grid.restyle(0, y, grid.size().width, [](Style& style) { style = kDim; });
}

}  // namespace

int put_marked(Grid& grid, int x, int y, std::string_view text, Style style,
               const std::vector<std::size_t>& places, int max_width) {
  const int end = x + std::max(max_width, 0);
  std::size_t next = 0;
  for (std::size_t at = 0; at < text.size() && x < end;) {
    const terminal::Character character = terminal::first_character(text.substr(at));
    while (next < places.size() && places[next] < at) ++next;
    const bool marked = next < places.size() && places[next] < at + character.bytes;
    const int behind =
        grid.put(x, y, text.substr(at, character.bytes), marked ? kMatch : style, end - x);
    if (behind == x && character.width > 0) break;
    x = behind;
    at += character.bytes;
  }
  return x;
}

void draw_table(Grid& grid, const Model& model, int y, int height) {
  draw_header(grid, model, y);
  ++y;
  const auto& rows = model.list.rows;
  for (int line = 0; line < height; ++line) {
    const std::size_t index = model.top + static_cast<std::size_t>(line);
    if (index >= rows.size()) break;
    draw_row(grid, model, rows[index], y + line);
    if (index != model.row) continue;
    grid.restyle(0, y + line, grid.size().width, [](Style& style) {
      const bool matched = style == kMatch;
      style = kSelected;
      style.bold = matched;
      style.underline = matched;
    });
  }
}

}  // namespace livedata::cli::top
