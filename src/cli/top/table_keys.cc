#include "cli/top/table_keys.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/top/key_steps.h"

namespace livedata::cli::top {
namespace {

using terminal::Key;
using terminal::KeyKind;

constexpr TimestampNs kMinute = 60 * kNsPerSecond;

void move_to(Model& model, std::size_t row) {
  model.row = row;
  scroll_to_cursor(model);
  const ProcessFigures* const selected = model.selected();
  model.has_cursor = selected != nullptr && model.row > 0;
  if (selected != nullptr) model.cursor = key_of(*selected);
}

void sort_by(Model& model, SortKey key) {
  model.order.reverse = model.order.key == key && !model.order.reverse;
  model.order.key = key;
  rearrange(model);
  say(model, fmt::format("sorted by {}{}", name_of(key), model.order.reverse ? ", reversed" : ""));
}

void sort_by_next(Model& model, int step) {
  constexpr auto kCount = static_cast<int>(kSortKeys.size());
  int at = 0;
  while (kSortKeys[static_cast<std::size_t>(at)].first != model.order.key) ++at;
  model.order.reverse = false;
  const int next = (at + step + kCount) % kCount;
  model.order.key = kSortKeys[static_cast<std::size_t>(next)].first;
  rearrange(model);
}

std::optional<SortKey> sort_key_for(char32_t letter) {
  switch (letter) {
    case 'P':
      return SortKey::kCpu;
    case 'M':
      return SortKey::kMemory;
    case 'I':
      return SortKey::kIo;
    case 'T':
      return SortKey::kThreads;
    case 'N':
      return SortKey::kPid;
    case 'U':
      return SortKey::kUser;
    case 'A':
      return SortKey::kName;
    case 'S':
      return SortKey::kStart;
    default:
      return std::nullopt;
  }
}

/// The selected process becomes the subject; false: there is none.
bool take_subject(Model& model) {
  const ProcessFigures* const selected = model.selected();
  if (selected == nullptr) return false;
  model.subject = *selected;
  model.subject_is_gone = false;
  return true;
}

void begin_kill(Model& model) {
  if (!model.is_local) {
    say(model, fmt::format("signals can be sent on this machine only, not on {}", model.host),
        true);
  } else if (model.moment) {
    say(model, "this is the past; press n to come back", true);
  } else if (model.order.grouped) {
    say(model, "press g to see single processes, then choose one", true);
  } else if (take_subject(model)) {
    model.signal_row = 0;
    model.mode = Mode::kSignals;
  }
}

void begin_process(Model& model, Effects& effects) {
  if (!take_subject(model)) return;
  model.logs = ProcessLogs{};
  model.logs.asked.pending = true;
  model.history = ProcessHistory{};
  model.history.asked.pending = true;
  model.mode = Mode::kProcess;
  effects.ask_logs = effects.ask_history = true;
}

void begin_hosts(Model& model, Effects& effects) {
  model.host_filter.clear();
  model.host_row = 0;
  for (std::size_t i = 0; i < model.hosts.size(); ++i) {
    if (model.hosts[i].name == model.host) model.host_row = i;
  }
  model.hosts_asked = Asked{.pending = true, .problem = {}};
  model.mode = Mode::kHosts;
  effects.ask_hosts = true;
}

void travel(Model& model, Effects& effects, TimestampNs by) {
  const TimestampNs to = model.moment.value_or(model.now) + by;
  if (to >= model.now - kMinute / 2) {
    model.moment.reset();
  } else {
    model.moment = to;
  }
  model.paused = false;
  model.cpu_trend.clear();
  effects.resample = true;
}

bool press_table_letter(Model& model, char32_t letter, Effects& effects) {
  switch (letter) {
    case 'q':
      effects.quit = true;
      return true;
    case '/':
      model.mode = Mode::kFilter;
      return true;
    case '<':
    case ',':
      sort_by_next(model, -1);
      return true;
    case '>':
    case '.':
      sort_by_next(model, 1);
      return true;
    case 'r':
      model.order.reverse = !model.order.reverse;
      rearrange(model);
      return true;
    case 't':
      model.order.tree = !model.order.tree;
      model.order.grouped = false;
      rearrange(model);
      return true;
    case 'g':
      model.order.grouped = !model.order.grouped;
      model.has_cursor = false;
      rearrange(model);
      return true;
    case 'k':
      begin_kill(model);
      return true;
    case 'l':
      if (take_subject(model)) begin_logs(model, effects, Mode::kTable);
      return true;
    case 'h':
      begin_process(model, effects);
      return true;
    case ' ':
      model.paused = !model.paused;
      effects.resample = !model.paused;
      return true;
    case '[':
      travel(model, effects, -kMinute);
      return true;
    case ']':
      travel(model, effects, kMinute);
      return true;
    case '{':
      travel(model, effects, -30 * kMinute);
      return true;
    case '}':
      travel(model, effects, 30 * kMinute);
      return true;
    case 'n':
      if (model.moment) travel(model, effects, model.now);
      return true;
    case '?':
      model.mode = Mode::kHelp;
      return true;
    default:
      return false;
  }
}

/// htop's.
Key meant_by_function_key(const Key& key) {
  if (key.kind != KeyKind::kFunction) return key;
  const auto letter = [](char32_t code) { return Key{KeyKind::kCharacter, code}; };
  switch (key.code) {
    case 1:
      return letter('?');
    case 3:
    case 4:
      return letter('/');
    case 5:
      return letter('t');
    case 6:
      return letter('>');
    case 9:
      return letter('k');
    case 10:
      return letter('q');
    default:
      return key;
  }
}

}  // namespace

void begin_logs(Model& model, Effects& effects, Mode back) {
  model.logs = ProcessLogs{};
  model.logs.asked.pending = true;
  model.logs_back = back;
  model.mode = Mode::kLogs;
  effects.ask_logs = true;
}

void press_table(Model& model, const Key& pressed, Effects& effects) {
  const Key key = meant_by_function_key(pressed);
  if (const auto step = step_of(key, table_height(model))) {
    move_to(model, moved(model.row, *step));
  } else if (key.kind == KeyKind::kCharacter) {
    if (press_table_letter(model, key.code, effects)) return;
    if (const auto sort = sort_key_for(key.code)) sort_by(model, *sort);
  } else if (key.kind == KeyKind::kEnter) {
    begin_process(model, effects);
  } else if (key.kind == KeyKind::kTab || key.kind == KeyKind::kBackTab) {
    begin_hosts(model, effects);
  } else if (key.kind == KeyKind::kEscape && !model.filter.empty()) {
    model.filter.clear();
    rearrange(model);
  }
}

void press_filter(Model& model, const Key& key) {
  if (const auto step = step_of(key, table_height(model))) {
    move_to(model, moved(model.row, *step));
  } else if (key.kind == KeyKind::kEscape) {
    model.filter.clear();
    model.mode = Mode::kTable;
    rearrange(model);
  } else if (key.kind == KeyKind::kEnter || key.kind == KeyKind::kTab) {
    model.mode = Mode::kTable;
  } else if (type(model.filter, key)) {
    model.has_cursor = false;  // the best match is at the top
    rearrange(model);
  }
}

}  // namespace livedata::cli::top
