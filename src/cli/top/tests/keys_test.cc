#include "cli/top/keys.h"

#include <random>

#include <gtest/gtest.h>

#include "cli/top/screen.h"
#include "cli/top/tests/sample_model.h"

namespace livedata::cli::top {
namespace {

using terminal::Key;
using terminal::KeyKind;

Effects press_all(Model& model, std::string_view letters) {
  Effects last;
  for (const char letter : letters)
    last = press(model, {KeyKind::kCharacter, static_cast<char32_t>(letter)});
  return last;
}
Effects press(Model& model, KeyKind kind) { return press(model, Key{kind}); }

std::int64_t selected_pid(const Model& model) { return model.selected()->pid; }

TEST(Keys, QuitAndSuspend) {
  Model model = sample_model();
  EXPECT_TRUE(press_all(model, "q").quit);
  EXPECT_TRUE(press(model, Key{KeyKind::kFunction, 10}).quit);
  EXPECT_TRUE(press(model, Key{KeyKind::kControl, 'z'}).suspend);
  model.mode = Mode::kFilter;
  EXPECT_FALSE(press_all(model, "q").quit);
  EXPECT_TRUE(press(model, Key{KeyKind::kControl, 'c'}).quit);
}

TEST(Keys, CursorStaysOnItsProcess) {
  Model model = sample_model();
  EXPECT_EQ(selected_pid(model), 200);
  press(model, KeyKind::kDown);
  press(model, KeyKind::kDown);
  EXPECT_EQ(selected_pid(model), 102);
  Snapshot later = sample_snapshot();
  later.processes[3].cpu_percent = 99;
  take_snapshot(model, later);
  EXPECT_EQ(selected_pid(model), 102);
  EXPECT_EQ(model.row, 0U);
  press(model, KeyKind::kEnd);
  EXPECT_EQ(selected_pid(model), 300);
  press(model, KeyKind::kPageUp);
  press(model, KeyKind::kHome);
  press(model, KeyKind::kUp);
  EXPECT_EQ(model.row, 0U);
}

TEST(Keys, WithoutAChoiceTheFirstRowIsSelected) {
  Model model = sample_model();
  Snapshot later = sample_snapshot();
  later.processes[3].cpu_percent = 99;
  take_snapshot(model, later);
  EXPECT_EQ(selected_pid(model), 102);
}

TEST(Keys, CursorOfAProcessThatEnds) {
  Model model = sample_model();
  press(model, KeyKind::kEnd);
  Snapshot later = sample_snapshot();
  later.processes.pop_back();
  take_snapshot(model, later);
  EXPECT_EQ(model.row, 4U);
  later.processes.clear();
  take_snapshot(model, later);
  EXPECT_EQ(model.selected(), nullptr);
  press_all(model, "kl");
  press(model, KeyKind::kEnter);
  EXPECT_EQ(model.mode, Mode::kTable);
}

TEST(Keys, Sorting) {
  Model model = sample_model();
  press_all(model, "M");
  EXPECT_EQ(model.order.key, SortKey::kMemory);
  press_all(model, "M");
  EXPECT_TRUE(model.order.reverse);
  press_all(model, ">");
  EXPECT_EQ(model.order.key, SortKey::kThreads);
  EXPECT_FALSE(model.order.reverse);
  press_all(model, "<<<<<");
  EXPECT_EQ(model.order.key, SortKey::kName);
  press_all(model, "r");
  EXPECT_EQ(model.list.processes[model.list.rows[0].process].name, "systemd");
}

TEST(Keys, FilterIsTypedAndCleared) {
  Model model = sample_model();
  press_all(model, "/ngi");
  EXPECT_EQ(model.mode, Mode::kFilter);
  EXPECT_EQ(model.list.rows.size(), 3U);
  press(model, KeyKind::kBackspace);
  EXPECT_EQ(model.filter, "ng");
  press(model, Key{KeyKind::kCharacter, U'ü'});
  EXPECT_EQ(model.filter, "ngü");
  press(model, KeyKind::kBackspace);
  EXPECT_EQ(model.filter, "ng");
  press(model, KeyKind::kDown);
  press(model, KeyKind::kEnter);
  EXPECT_EQ(model.mode, Mode::kTable);
  EXPECT_EQ(selected_pid(model), 102);
  press(model, KeyKind::kEscape);
  EXPECT_EQ(model.filter, "");
  EXPECT_EQ(selected_pid(model), 102);  // though others are above it now
  press_all(model, "/a b");
  press(model, Key{KeyKind::kControl, 'w'});
  EXPECT_EQ(model.filter, "a ");
  press(model, Key{KeyKind::kControl, 'u'});
  EXPECT_EQ(model.filter, "");
}

TEST(Keys, SignalsNeedAChoiceAndAYes) {
  Model model = sample_model();
  press(model, KeyKind::kDown);
  press_all(model, "k");
  EXPECT_EQ(model.mode, Mode::kSignals);
  press(model, KeyKind::kDown);
  EXPECT_FALSE(press(model, KeyKind::kEnter).signal);
  EXPECT_EQ(model.mode, Mode::kConfirm);
  const Effects effects = press_all(model, "y");
  ASSERT_TRUE(effects.signal);
  EXPECT_EQ(effects.signal->number, 9);
  EXPECT_EQ(effects.signal->process.pid, 101);
  EXPECT_EQ(effects.signal->process.start_ticks, 10100U);
  EXPECT_EQ(model.mode, Mode::kTable);
}

TEST(Keys, AnythingElseThanYesSendsNothing) {
  for (const Key key : {Key{KeyKind::kEnter}, Key{KeyKind::kEscape}, Key{KeyKind::kCharacter, 'n'},
                        Key{KeyKind::kCharacter, ' '}}) {
    Model model = sample_model();
    press_all(model, "k");
    press(model, KeyKind::kEnter);
    EXPECT_FALSE(press(model, key).signal);
    EXPECT_EQ(model.mode, Mode::kTable);
  }
}

TEST(Keys, TheSignalGoesToTheProcessThatWasChosenWhateverHappensToTheList) {
  Model model = sample_model();
  press_all(model, "k");  // of postgres, the first row
  Snapshot later = sample_snapshot();
  later.processes[3].cpu_percent = 99;
  take_snapshot(model, later);
  press(model, KeyKind::kEnter);
  EXPECT_EQ(press_all(model, "y").signal->process.pid, 200);
}

TEST(Keys, NoSignalsElsewhereOrInThePastOrToGroups) {
  Model far = sample_model();
  far.is_local = false;
  press_all(far, "k");
  EXPECT_EQ(far.mode, Mode::kTable);
  EXPECT_TRUE(far.message_is_bad);
  Model past = sample_model();
  press_all(past, "[k");
  EXPECT_EQ(past.mode, Mode::kTable);
  Model grouped = sample_model();
  press_all(grouped, "gk");
  EXPECT_EQ(grouped.mode, Mode::kTable);
}

TEST(Keys, LogsAndHistoryAreAskedFor) {
  Model model = sample_model();
  EXPECT_TRUE(press_all(model, "l").ask_logs);
  EXPECT_EQ(model.mode, Mode::kLogs);
  EXPECT_TRUE(model.logs.asked.pending);
  press(model, KeyKind::kEscape);
  EXPECT_EQ(model.mode, Mode::kTable);
  const Effects effects = press(model, KeyKind::kEnter);
  EXPECT_TRUE(effects.ask_logs && effects.ask_history);
  EXPECT_EQ(model.mode, Mode::kProcess);
  press_all(model, "l");
  press(model, KeyKind::kEscape);
  EXPECT_EQ(model.mode, Mode::kProcess);
  press(model, KeyKind::kEscape);
  EXPECT_EQ(model.mode, Mode::kTable);
}

TEST(Keys, LogsScrollAndAreFiltered) {
  Model model = sample_model();
  press_all(model, "l");
  for (int i = 0; i < 100; ++i)
    model.logs.lines.push_back({.time = i, .level = "info", .line = "line " + std::to_string(i)});
  const auto height = static_cast<std::size_t>(log_height(model));
  EXPECT_TRUE(model.logs.follow);
  press(model, KeyKind::kUp);
  EXPECT_FALSE(model.logs.follow);
  EXPECT_EQ(model.logs.top, 100 - height - 1);
  press(model, KeyKind::kHome);
  EXPECT_EQ(model.logs.top, 0U);
  press(model, KeyKind::kEnd);
  EXPECT_TRUE(model.logs.follow);
  press_all(model, "/LINE 42");
  EXPECT_EQ(chosen_lines(model.logs).size(), 1U);
  press(model, KeyKind::kEnter);
  press(model, KeyKind::kEscape);
  EXPECT_EQ(model.logs.filter, "");
  EXPECT_EQ(model.mode, Mode::kLogs);
  press(model, KeyKind::kRight);
  EXPECT_GT(model.logs.left, 0);
}

TEST(Keys, HostsAreChosen) {
  Model model = sample_model();
  EXPECT_TRUE(press(model, KeyKind::kTab).ask_hosts);
  model.hosts = {{"web1", "this machine"}, {"db1", "connected"}, {"db2", ""}};
  press(model, KeyKind::kTab);
  const Effects effects = press(model, KeyKind::kEnter);
  EXPECT_EQ(model.host, "db1");
  EXPECT_FALSE(model.is_local);
  EXPECT_TRUE(effects.resample);
  EXPECT_TRUE(model.list.rows.empty());
  press(model, KeyKind::kTab);
  press_all(model, "we");
  press(model, KeyKind::kEnter);
  EXPECT_EQ(model.host, "web1");
  EXPECT_TRUE(model.is_local);
  press(model, KeyKind::kTab);
  press_all(model, "zzz");
  EXPECT_FALSE(press(model, KeyKind::kEnter).resample);
}

TEST(Keys, TimeGoesBackAndForth) {
  Model model = sample_model();
  EXPECT_TRUE(press_all(model, "[").resample);
  EXPECT_EQ(model.moment, kSampleTime - 60 * kNsPerSecond);
  press_all(model, "{");
  EXPECT_EQ(model.moment, kSampleTime - 31 * 60 * kNsPerSecond);
  press_all(model, "]");
  EXPECT_EQ(model.moment, kSampleTime - 30 * 60 * kNsPerSecond);
  press_all(model, "n");
  EXPECT_FALSE(model.moment);
  press_all(model, "]");
  EXPECT_FALSE(model.moment);
}

TEST(Keys, PauseAndHelp) {
  Model model = sample_model();
  press_all(model, " ");
  EXPECT_TRUE(model.paused);
  EXPECT_TRUE(press_all(model, " ").resample);
  press_all(model, "?");
  EXPECT_EQ(model.mode, Mode::kHelp);
  press_all(model, "q");
  EXPECT_EQ(model.mode, Mode::kTable);
}

TEST(Keys, ArbitraryKeysAndSizesNeverBreakThePage) {
  std::mt19937 random(17);
  constexpr std::string_view kLetters = "qlkhtgr<>/PMITNUAS[]{}n ?yab1'! ";
  Model model = sample_model();
  model.hosts = {{"web1", ""}, {"db1", "connected"}};
  for (int round = 0; round < 5000; ++round) {
    Key key{static_cast<KeyKind>(random() % 17), 1 + static_cast<char32_t>(random() % 12)};
    if (random() % 3 != 0)
      key = {KeyKind::kCharacter, static_cast<char32_t>(kLetters[random() % kLetters.size()])};
    press(model, key);
    if (random() % 20 == 0) {
      Snapshot snapshot = sample_snapshot();
      snapshot.processes.resize(random() % 7);
      take_snapshot(model, snapshot);
    }
    if (random() % 50 == 0) {
      model.size = {static_cast<int>(random() % 200), static_cast<int>(random() % 60)};
      scroll_to_cursor(model);
    }
    const terminal::Grid grid = draw(model);
    ASSERT_TRUE(model.list.rows.empty() || model.row < model.list.rows.size());
    ASSERT_EQ(grid.size().width, std::max(model.size.width, 1));
  }
}

}  // namespace
}  // namespace livedata::cli::top
