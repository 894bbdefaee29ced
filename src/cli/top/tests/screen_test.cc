#include "cli/top/screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/terminal/repaint.h"
#include "cli/top/charts.h"
#include "cli/top/host_strip.h"
#include "cli/top/keys.h"
#include "cli/top/palette.h"
#include "cli/top/tests/sample_model.h"

namespace livedata::cli::top {
namespace {

using terminal::Key;
using terminal::KeyKind;
using ::testing::HasSubstr;
using ::testing::Not;

std::string page(const Model& model) { return draw(model).text(); }

/// The row in which a text stands, or -1.
int row_of(const terminal::Grid& grid, std::string_view text) {
  for (int y = 0; y < grid.size().height; ++y) {
    if (grid.row_text(y).find(text) != std::string::npos) return y;
  }
  return -1;
}

void press_all(Model& model, std::string_view letters) {
  for (const char letter : letters)
    press(model, {KeyKind::kCharacter, static_cast<char32_t>(letter)});
}

TEST(Screen, TheUsualTerminal) {
  const Model model = sample_model();
  const terminal::Grid grid = draw(model);
  EXPECT_EQ(grid.row_text(0).substr(0, 27), " web1  up 3d 04h  Linux 6.1");
  EXPECT_THAT(grid.row_text(0), HasSubstr("live  14:03:22"));
  EXPECT_THAT(grid.row_text(1), HasSubstr("CPU    ━━━━━━━━━"));
  EXPECT_THAT(grid.row_text(1), HasSubstr("34.2%  user 20  system 14  wait 4"));
  EXPECT_THAT(grid.row_text(2), HasSubstr("Cores  0 ━"));
  EXPECT_THAT(grid.row_text(3), HasSubstr("25.0%  3.7G of 14.9G"));
  EXPECT_THAT(grid.row_text(4),
              HasSubstr("Load   0.97 1.66 2.37   tasks 6  threads 20  running 1  stalled cpu 1%"));
  EXPECT_THAT(grid.row_text(5), HasSubstr("Disk   read 1.1M/s  write 332K/s  busy 3%"));
  EXPECT_THAT(grid.row_text(5), HasSubstr("Net in 11.7K/s  out 2.9K/s"));
  EXPECT_EQ(grid.row_text(6), "    PID USER      S   CPU%▼   MEM   THR   IO/s COMMAND");
  EXPECT_THAT(grid.row_text(7), HasSubstr("    200 www-data  S   55.0"));
  EXPECT_THAT(grid.row_text(7), HasSubstr("  2.9M postgres --flag"));
  EXPECT_THAT(grid.row_text(23),
              HasSubstr("/ filter  Enter info  l logs  k kill  Tab host  ? keys  q quit"));
}

TEST(Screen, TheSelectedRowIsMarked) {
  Model model = sample_model();
  press(model, {KeyKind::kDown});
  const terminal::Grid grid = draw(model);
  const int row = row_of(grid, "101 www-data");
  EXPECT_EQ(grid.at(0, row).style.background, kSelected.background);
  EXPECT_EQ(grid.at(79, row).style.background, kSelected.background);
  EXPECT_NE(grid.at(0, row - 1).style.background, kSelected.background);
}

TEST(Screen, MatchedLettersAreMarked) {
  Model model = sample_model();
  press_all(model, "/ngx");
  press(model, {KeyKind::kDown});
  const terminal::Grid grid = draw(model);
  const int row = row_of(grid, "nginx");
  const std::string text = grid.row_text(row);
  const auto at = static_cast<int>(text.find("nginx"));
  ASSERT_GT(at, 0);
  EXPECT_EQ(grid.at(at, row).style, kMatch);
  EXPECT_EQ(grid.at(at + 1, row).style, kMatch);
  EXPECT_NE(grid.at(at + 2, row).style, kMatch);
  EXPECT_EQ(grid.at(at + 4, row).style, kMatch);
  EXPECT_THAT(grid.row_text(23), HasSubstr("filter › ngx"));
  EXPECT_THAT(grid.row_text(23), HasSubstr("3 of 6"));
  EXPECT_EQ(grid.cursor, std::pair(13, 23));
}

TEST(Screen, SmallAndLargeTerminals) {
  Model model = sample_model();
  model.size = {40, 10};
  const terminal::Grid small = draw(model);
  EXPECT_THAT(small.row_text(0), HasSubstr("web1"));
  EXPECT_THAT(small.row_text(1), HasSubstr("cpu 34.2%  mem 25.0%"));
  EXPECT_EQ(small.row_text(2), "    PID   CPU%▼   MEM COMMAND");
  EXPECT_THAT(small.row_text(3), HasSubstr("postgres"));
  EXPECT_THAT(small.row_text(9), HasSubstr("/ filter"));
  model.size = {160, 50};
  const terminal::Grid large = draw(model);
  EXPECT_THAT(large.text(), HasSubstr("READ/s WRITE/s"));
  EXPECT_THAT(large.text(), HasSubstr("UNIT"));
  EXPECT_THAT(large.text(), HasSubstr("1.9M"));
  model.size = {20, 4};
  EXPECT_EQ(draw(model).row_text(0), "too small");
}

TEST(Screen, ManyCoresAreOneCharacterEach) {
  Model model = sample_model();
  for (int core = 0; core < 64; ++core) model.snapshot.host.cores[core] = core * 100 / 63.0;
  const terminal::Grid grid = draw(model);
  EXPECT_THAT(grid.row_text(2), HasSubstr("▁▁▁▁▁▁▁▁▂"));
  EXPECT_THAT(grid.row_text(2), HasSubstr("▇█"));
  for (int core = 0; core < 1000; ++core) model.snapshot.host.cores[core] = 50;
  EXPECT_LE(strip_height(model), 6);
}

TEST(Screen, NothingOfAProcessCommandsTheTerminal) {
  Model model = sample_model();
  Snapshot snapshot = sample_snapshot();
  for (ProcessFigures& process : snapshot.processes) {
    process.name = "\x1b]0;evil\x07";
    process.command =
        "/bin/\x1b[2J\r\n\xc2\x9b"
        "31m\xff \u202e";
    process.user = "\x1b[H";
    process.unit = "\x1b[K";
  }
  take_snapshot(model, snapshot);
  model.size = {160, 40};
  for (const std::string_view keys : {"", "/evil", "k", "l", "h", "?"}) {
    Model shown = model;
    press_all(shown, keys);
    shown.logs.lines = {{.time = 1, .level = "\x1b[1m", .line = "\x1b[2J\x07 line"}};
    const std::string bytes = terminal::repaint(nullptr, draw(shown), {});
    std::size_t escapes = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto c = static_cast<unsigned char>(bytes[i]);
      if (c == 0x1B) {
        ASSERT_EQ(bytes[i + 1], '[');
        ++escapes;
      } else {
        ASSERT_GE(c, 0x20);
      }
    }
    EXPECT_GT(escapes, 5U);
    EXPECT_THAT(bytes, Not(HasSubstr("\x1b]")));
    EXPECT_THAT(bytes.substr(20), Not(HasSubstr("\x1b[2J")));
  }
}

TEST(Screen, KillPanels) {
  Model model = sample_model();
  press_all(model, "k");
  const std::string choosing = page(model);
  EXPECT_THAT(choosing, HasSubstr("Signal to 200 postgres"));
  EXPECT_THAT(choosing, HasSubstr("15  TERM"));
  press(model, {KeyKind::kEnter});
  EXPECT_THAT(page(model), HasSubstr("Send TERM to 200 postgres?"));
  model.size = {40, 10};
  EXPECT_THAT(page(model), HasSubstr("Send TERM to 200 postgres?"));
}

TEST(Screen, HostsPanel) {
  Model model = sample_model();
  press(model, {KeyKind::kTab});
  EXPECT_THAT(page(model), HasSubstr("asking the server"));
  model.hosts_asked = {};
  model.hosts = {{"web1", "this machine"}, {"db1", "connected"}};
  EXPECT_THAT(page(model), HasSubstr("db1           connected"));
  model.hosts_asked.problem = "nobody answers";
  EXPECT_THAT(page(model), HasSubstr("nobody answers"));
}

TEST(Screen, ProcessPage) {
  Model model = sample_model();
  press(model, {KeyKind::kEnter});
  EXPECT_THAT(page(model), HasSubstr("asking the server"));
  model.history.asked = {};
  model.history.to = kSampleTime;
  model.history.from = kSampleTime - kHistorySpan;
  for (int minute = 1; minute <= 60; ++minute) {
    const TimestampNs time = model.history.from + minute * 60 * kNsPerSecond;
    model.history.cpu_percent.push_back({time, minute * 1.0});
    model.history.memory_bytes.push_back({time, 1e9});
  }
  model.logs.asked = {};
  model.logs.where = "pid 200";
  model.logs.lines = {{kSampleTime - kNsPerSecond, "error", "it has failed"}};
  const std::string text = page(model);
  EXPECT_THAT(text, HasSubstr("200 postgres"));
  EXPECT_THAT(text, HasSubstr("/usr/sbin/postgres --flag"));
  EXPECT_THAT(text, HasSubstr("parent 1  state S  started Jul 03"));
  EXPECT_THAT(text, HasSubstr("CPU  highest 60.0% of a core"));
  EXPECT_THAT(text, HasSubstr("Memory  highest 954M"));
  EXPECT_THAT(text, HasSubstr("▂"));
  EXPECT_THAT(text, HasSubstr("13:03 ───"));
  EXPECT_THAT(text, HasSubstr("14:03:21.000 │ it has failed"));
  Snapshot without = sample_snapshot();
  without.processes.erase(without.processes.begin() + 4);
  take_snapshot(model, without);
  EXPECT_THAT(page(model), HasSubstr("(has ended)"));
}

TEST(Screen, LogsSayWhyThereAreNone) {
  Model model = sample_model();
  press_all(model, "l");
  EXPECT_THAT(page(model), HasSubstr("asking the server"));
  model.logs.asked = {.pending = false, .problem = "nobody answers at http://x"};
  EXPECT_THAT(page(model), HasSubstr("nobody answers at http://x"));
  model.logs.asked = {};
  EXPECT_THAT(page(model), HasSubstr("has no logs of it"));
  model.logs.lines = {{1, "info", "one"}};
  model.logs.filter = "two";
  EXPECT_THAT(page(model), HasSubstr("no line has these words"));
}

TEST(Screen, ThePastIsTold) {
  Model model = sample_model();
  press_all(model, "[");
  EXPECT_THAT(draw(model).row_text(0), HasSubstr("1m 00s ago  14:02:22"));
  EXPECT_EQ(draw(model).at(0, 0).style.background, kPastTitle.background);
}

TEST(Screen, OldFiguresAreTold) {
  Model model = sample_model();
  model.now += 90 * kNsPerSecond;
  EXPECT_THAT(draw(model).row_text(0), HasSubstr("1m 30s old"));
}

TEST(Screen, NothingYet) {
  Model model;
  model.host = "db1";
  EXPECT_THAT(page(model), HasSubstr("asking"));
  model.figures.problem = "nobody answers";
  EXPECT_THAT(page(model), HasSubstr("nobody answers"));
}

TEST(Screen, AReportHasAllRows) {
  Model model = sample_model();
  Snapshot snapshot = sample_snapshot();
  for (std::int64_t pid = 1000; pid < 2200; ++pid)
    snapshot.processes.push_back(sample_process(pid, 1, "worker", 0, 1));
  take_snapshot(model, snapshot);
  const std::string text = draw_report(model, 100);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6 + 1 + 1206);
  EXPECT_THAT(text, HasSubstr("\n    200 www-data"));
  EXPECT_THAT(text, HasSubstr("\n   2199 www-data"));
}

TEST(Charts, BarsAreFilledToHalfACell) {
  terminal::Grid grid({10, 1});
  draw_bar(grid, 0, 0, 10, std::array{BarPart{25, kGreen}, BarPart{10, kRed}});
  EXPECT_EQ(grid.row_text(0), "━━━╸──────");
  EXPECT_EQ(grid.at(1, 0).style, kGreen);
  EXPECT_EQ(grid.at(3, 0).style, kRed);
  draw_bar(grid, 0, 0, 10, std::array{BarPart{250, kGreen}, BarPart{-5, kRed}});
  EXPECT_EQ(grid.row_text(0), "━━━━━━━━━━");
}

TEST(Charts, PlotsKeepGapsAndHeights) {
  terminal::Grid grid({6, 2});
  draw_plot(grid,
            {.x = 0, .y = 0, .width = 6, .height = 2, .from = 0, .to = 6, .most = 16, .style = {}},
            std::vector<HistoryPoint>{{1, 16}, {2, 8}, {3, 4}, {6, 12}});
  EXPECT_EQ(grid.text(), "█    ▄\n██▄  █\n");
  // One point alone is a minute wide.
  terminal::Grid hour({60, 1});
  draw_plot(hour,
            {.x = 0,
             .y = 0,
             .width = 60,
             .height = 1,
             .from = 0,
             .to = kHistorySpan,
             .most = 1,
             .style = {}},
            std::vector<HistoryPoint>{{2 * 60 * kNsPerSecond, 1}});
  EXPECT_EQ(hour.row_text(0), " █");
}

}  // namespace
}  // namespace livedata::cli::top
