#include "cli/top/keys.h"

#include <algorithm>

#include "cli/top/key_steps.h"
#include "cli/top/table_keys.h"

namespace livedata::cli::top {
namespace {

using terminal::Key;
using terminal::KeyKind;

constexpr int kSideStep = 8;

void back_to_table(Model& model) { model.mode = Mode::kTable; }

// Signals ----------------------------------------------------------------------------------------

void press_signals(Model& model, const Key& key) {
  const std::size_t last = kSignals.size() - 1;
  if (const auto step = step_of(key, static_cast<int>(last))) {
    model.signal_row = std::min(moved(model.signal_row, *step), last);
  } else if (key.kind == KeyKind::kEnter) {
    model.mode = Mode::kConfirm;
  } else if (key.kind == KeyKind::kEscape || (key.kind == KeyKind::kCharacter && key.code == 'q')) {
    back_to_table(model);
  } else if (key.kind == KeyKind::kCharacter && key.code >= '1' && key.code <= '9') {
    const int number = static_cast<int>(key.code - '0');
    for (std::size_t i = 0; i <= last; ++i) {
      if (kSignals[i].number == number) model.signal_row = i;
    }
  }
}

void press_confirm(Model& model, const Key& key, Effects& effects) {
  back_to_table(model);
  if (key.kind == KeyKind::kCharacter && (key.code == 'y' || key.code == 'Y')) {
    effects.signal =
        SignalOrder{.process = model.subject, .number = kSignals[model.signal_row].number};
  } else {
    say(model, "nothing was sent");
  }
}

// Hosts ------------------------------------------------------------------------------------------

void choose_host(Model& model, const std::string& name, Effects& effects) {
  back_to_table(model);
  if (name == model.host) return;
  model.host = name;
  model.is_local = name == model.local_host;
  model.moment.reset();
  model.snapshot = Snapshot{};
  model.snapshot.host.name = name;
  model.cpu_trend.clear();
  model.has_cursor = false;
  rearrange(model);
  effects.resample = true;
}

void press_hosts(Model& model, const Key& key, Effects& effects) {
  const auto hosts = chosen_hosts(model);
  const std::size_t last = hosts.empty() ? 0 : hosts.size() - 1;
  if (const auto step = step_of(key, 10)) {
    model.host_row = std::min(moved(model.host_row, *step), last);
  } else if (key.kind == KeyKind::kTab) {
    model.host_row = model.host_row >= last ? 0 : model.host_row + 1;
  } else if (key.kind == KeyKind::kBackTab) {
    model.host_row = model.host_row == 0 ? last : model.host_row - 1;
  } else if (key.kind == KeyKind::kEscape) {
    back_to_table(model);
  } else if (key.kind == KeyKind::kEnter) {
    if (model.host_row < hosts.size()) choose_host(model, hosts[model.host_row]->name, effects);
  } else if (type(model.host_filter, key)) {
    model.host_row = 0;
  }
}

// The page of a process, and its logs ------------------------------------------------------------

void press_process(Model& model, const Key& key, Effects& effects) {
  const bool is_letter = key.kind == KeyKind::kCharacter;
  if (key.kind == KeyKind::kEscape || key.kind == KeyKind::kBackspace ||
      key.kind == KeyKind::kLeft || (is_letter && (key.code == 'q' || key.code == 'h'))) {
    back_to_table(model);
  } else if (is_letter && key.code == 'l') {
    begin_logs(model, effects, Mode::kProcess);
  } else if (is_letter && key.code == 'k') {
    if (model.is_local && model.subject.members == 0) {
      model.signal_row = 0;
      model.mode = Mode::kSignals;
    } else {
      say(model, "signals can be sent to single processes of this machine only", true);
    }
  }
}

void scroll_logs(Model& model, std::ptrdiff_t step) {
  const std::size_t lines = chosen_lines(model.logs).size();
  const auto height = static_cast<std::size_t>(std::max(log_height(model), 1));
  const std::size_t last_top = lines > height ? lines - height : 0;
  const std::size_t from = model.logs.follow ? last_top : std::min(model.logs.top, last_top);
  model.logs.top = std::min(moved(from, step), last_top);
  model.logs.follow = model.logs.top == last_top;
}

void press_logs(Model& model, const Key& key) {
  const bool is_letter = key.kind == KeyKind::kCharacter;
  if (const auto step = step_of(key, log_height(model))) {
    scroll_logs(model, *step);
  } else if (key.kind == KeyKind::kEscape && !model.logs.filter.empty()) {
    model.logs.filter.clear();
  } else if (key.kind == KeyKind::kEscape || key.kind == KeyKind::kBackspace ||
             (is_letter && key.code == 'q')) {
    model.mode = model.logs_back;
  } else if (key.kind == KeyKind::kRight) {
    model.logs.left = std::min(model.logs.left + kSideStep, 4000);
  } else if (key.kind == KeyKind::kLeft) {
    model.logs.left = std::max(model.logs.left - kSideStep, 0);
  } else if (is_letter && key.code == '/') {
    model.mode = Mode::kLogFilter;
  }
}

void press_log_filter(Model& model, const Key& key) {
  if (const auto step = step_of(key, log_height(model))) {
    scroll_logs(model, *step);
  } else if (key.kind == KeyKind::kEscape) {
    model.logs.filter.clear();
    model.mode = Mode::kLogs;
  } else if (key.kind == KeyKind::kEnter) {
    model.mode = Mode::kLogs;
  } else if (type(model.logs.filter, key)) {
    model.logs.follow = true;
  }
}

}  // namespace

Effects press(Model& model, const Key& key) {
  Effects effects;
  model.message.clear();
  if (key.kind == KeyKind::kControl && key.code == 'c') {
    effects.quit = true;
    return effects;
  }
  if (key.kind == KeyKind::kControl && key.code == 'z') {
    effects.suspend = true;
    return effects;
  }
  if (key.kind == KeyKind::kControl && key.code == 'l') {
    effects.repaint = effects.resample = true;
    return effects;
  }
  switch (model.mode) {
    case Mode::kTable:
      press_table(model, key, effects);
      break;
    case Mode::kFilter:
      press_filter(model, key);
      break;
    case Mode::kSignals:
      press_signals(model, key);
      break;
    case Mode::kConfirm:
      press_confirm(model, key, effects);
      break;
    case Mode::kHosts:
      press_hosts(model, key, effects);
      break;
    case Mode::kHelp:
      back_to_table(model);
      break;
    case Mode::kProcess:
      press_process(model, key, effects);
      break;
    case Mode::kLogs:
      press_logs(model, key);
      break;
    case Mode::kLogFilter:
      press_log_filter(model, key);
      break;
  }
  return effects;
}

}  // namespace livedata::cli::top
