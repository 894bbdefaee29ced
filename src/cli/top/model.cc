#include "cli/top/model.h"

#include <algorithm>

#include "cli/top/host_strip.h"

namespace livedata::cli::top {

RowKey key_of(const ProcessFigures& process) {
  return process.members > 0
             ? RowKey{.name = process.name}
             : RowKey{.pid = process.pid, .start_time = process.start_time, .name = {}};
}

const ProcessFigures* Model::selected() const {
  return row < list.rows.size() ? &list.processes[list.rows[row].process] : nullptr;
}

void scroll_to_cursor(Model& model) {
  const auto height = static_cast<std::size_t>(std::max(table_height(model), 1));
  const std::size_t rows = model.list.rows.size();
  model.row = std::min(model.row, rows == 0 ? 0 : rows - 1);
  if (model.row < model.top) model.top = model.row;
  if (model.row >= model.top + height) model.top = model.row + 1 - height;
  model.top = std::min(model.top, rows > height ? rows - height : 0);
}

void rearrange(Model& model) {
  model.list = arrange(model.snapshot.processes, Filter(model.filter), model.order);
  if (model.has_cursor) {
    const auto& rows = model.list.rows;
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
      return key_of(model.list.processes[row.process]) == model.cursor;
    });
    // Gone: the cursor stays where it was.
    if (found != rows.end()) model.row = static_cast<std::size_t>(found - rows.begin());
  } else {
    model.row = 0;
  }
  scroll_to_cursor(model);
  if (const ProcessFigures* const selected = model.selected(); model.has_cursor && selected)
    model.cursor = key_of(*selected);
}

void take_snapshot(Model& model, Snapshot snapshot) {
  model.snapshot = std::move(snapshot);
  if (model.snapshot.host.cpu) {
    model.cpu_trend.push_back(model.snapshot.host.cpu->busy);
    if (model.cpu_trend.size() > kTrendSize) model.cpu_trend.pop_front();
  }
  if (model.subject.members == 0 && model.subject.pid > 0) {
    const auto same =
        std::find_if(model.snapshot.processes.begin(), model.snapshot.processes.end(),
                     [&](const ProcessFigures& p) { return key_of(p) == key_of(model.subject); });
    model.subject_is_gone = same == model.snapshot.processes.end();
    if (!model.subject_is_gone) model.subject = *same;
  }
  rearrange(model);
}

std::vector<const HostChoice*> chosen_hosts(const Model& model) {
  const Filter filter(model.host_filter);
  std::vector<const HostChoice*> chosen;
  for (const HostChoice& host : model.hosts) {
    if (filter.match({host.name})) chosen.push_back(&host);
  }
  return chosen;
}

std::vector<const LogLine*> chosen_lines(const ProcessLogs& logs) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : logs.filter + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  const auto has = [](std::string_view line, std::string_view wanted) {
    const auto same = [](char a, char b) {
      const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      };
      return lower(a) == lower(b);
    };
    return std::search(line.begin(), line.end(), wanted.begin(), wanted.end(), same) != line.end();
  };
  std::vector<const LogLine*> chosen;
  for (const LogLine& line : logs.lines) {
    if (std::all_of(words.begin(), words.end(),
                    [&](const std::string& wanted) { return has(line.line, wanted); }))
      chosen.push_back(&line);
  }
  return chosen;
}

int table_height(const Model& model) {
  // The title, the strip, the header and the last line.
  return model.size.height - 3 - strip_height(model);
}

int log_height(const Model& model) { return model.size.height - 3; }

}  // namespace livedata::cli::top
