#include "cli/top/arrangement.h"

#include <random>

#include <gtest/gtest.h>

#include "cli/top/tests/sample_model.h"

namespace livedata::cli::top {
namespace {

using Pids = std::vector<std::int64_t>;

Pids pids_of(const Arrangement& list) {
  Pids pids;
  for (const Row& row : list.rows) pids.push_back(list.processes[row.process].pid);
  return pids;
}

Pids sorted(SortKey key, bool reverse = false) {
  return pids_of(
      arrange(sample_snapshot().processes, Filter(), Order{.key = key, .reverse = reverse}));
}

TEST(Arrange, ByEachKey) {
  EXPECT_EQ(sorted(SortKey::kCpu), (Pids{200, 101, 102, 50, 1, 300}));
  EXPECT_EQ(sorted(SortKey::kMemory), (Pids{200, 102, 101, 1, 50, 300}));
  EXPECT_EQ(sorted(SortKey::kIo).front(), 200);
  EXPECT_EQ(sorted(SortKey::kThreads).front(), 300);
  EXPECT_EQ(sorted(SortKey::kPid), (Pids{1, 50, 101, 102, 200, 300}));
  EXPECT_EQ(sorted(SortKey::kUser), (Pids{1, 50, 200, 102, 101, 300}));
  EXPECT_EQ(sorted(SortKey::kName), (Pids{102, 101, 50, 200, 300, 1}));
  EXPECT_EQ(sorted(SortKey::kStart), (Pids{300, 200, 102, 101, 50, 1}));
  EXPECT_EQ(sorted(SortKey::kPid, true), (Pids{300, 200, 102, 101, 50, 1}));
}

TEST(Arrange, NamesOfKeysAreThoseOfTheOption) {
  for (const auto& [key, name] : kSortKeys) {
    EXPECT_EQ(sort_key_of(name), key);
    EXPECT_EQ(name_of(key), name);
  }
  EXPECT_FALSE(sort_key_of("size"));
}

TEST(Arrange, FilterChoosesAndTellsWhere) {
  const auto list = arrange(sample_snapshot().processes, Filter("post"), Order{});
  ASSERT_EQ(pids_of(list), (Pids{200}));
  EXPECT_EQ(list.num_matching, 1U);
  EXPECT_EQ(list.rows[0].places[kMatchedName], (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(pids_of(arrange(sample_snapshot().processes, Filter("!nginx '200"), Order{})),
            (Pids{200}));
}

TEST(Arrange, BetterMatchesComeFirst) {
  std::vector<ProcessFigures> processes = {
      sample_process(1, 0, "xssh", 90, 1), sample_process(2, 0, "ssh", 1, 1),
      sample_process(3, 0, "s-s-h", 99, 1), sample_process(4, 0, "sshd", 5, 1)};
  EXPECT_EQ(pids_of(arrange(processes, Filter("ssh"), Order{})), (Pids{4, 2, 1, 3}));
}

TEST(Arrange, TreePutsChildrenBelowTheirParents) {
  const auto list = arrange(sample_snapshot().processes, Filter(), Order{.tree = true});
  EXPECT_EQ(pids_of(list), (Pids{1, 200, 50, 101, 102, 300}));
  EXPECT_EQ(list.rows[0].branches, "");
  EXPECT_EQ(list.rows[1].branches, "├─ ");
  EXPECT_EQ(list.rows[3].branches, "│  ├─ ");
  EXPECT_EQ(list.rows[4].branches, "│  └─ ");
  EXPECT_EQ(list.rows[5].branches, "└─ ");
}

TEST(Arrange, TreeWithAFilterKeepsTheParents) {
  const auto list = arrange(sample_snapshot().processes, Filter("102"), Order{.tree = true});
  EXPECT_EQ(pids_of(list), (Pids{1, 50, 102}));
  EXPECT_TRUE(list.rows[0].is_context);
  EXPECT_FALSE(list.rows[2].is_context);
  EXPECT_EQ(list.num_matching, 1U);
}

TEST(Arrange, GroupsAreAddedUp) {
  const auto list =
      arrange(sample_snapshot().processes, Filter(), Order{.tree = true, .grouped = true});
  ASSERT_EQ(list.rows.size(), 4U);
  const ProcessFigures& nginx = list.processes[list.rows[1].process];
  EXPECT_EQ(nginx.name, "nginx");
  EXPECT_EQ(nginx.members, 3);
  EXPECT_DOUBLE_EQ(nginx.cpu_percent, 44);
  EXPECT_DOUBLE_EQ(nginx.memory_bytes, 90.0 * 1024 * 1024);
  EXPECT_EQ(nginx.user, "*");
  EXPECT_EQ(nginx.pid, 0);
}

TEST(Arrange, NoProcessIsLostInATreeWhateverTheParents) {
  std::mt19937 random(9);
  for (int round = 0; round < 300; ++round) {
    std::vector<ProcessFigures> processes;
    const auto count = random() % 60;
    for (std::size_t i = 0; i < count; ++i) {
      const auto pid = static_cast<std::int64_t>(i + 1);
      // Parents that are not there, that are the process itself, and that are below it.
      processes.push_back(sample_process(pid, static_cast<std::int64_t>(random() % 70), "p",
                                         static_cast<double>(random() % 9), 1));
    }
    Pids pids = pids_of(arrange(processes, Filter(), Order{.tree = true}));
    std::sort(pids.begin(), pids.end());
    ASSERT_EQ(pids.size(), count);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(pids[i], static_cast<std::int64_t>(i + 1));
  }
}

TEST(Arrange, ADeepTreeIsShownAsAWhole) {
  std::vector<ProcessFigures> processes;
  for (std::int64_t pid = 1; pid <= 500; ++pid)
    processes.push_back(sample_process(pid, pid - 1, "p", 0, 1));
  EXPECT_EQ(arrange(processes, Filter(), Order{.tree = true}).rows.size(), 500U);
}

}  // namespace
}  // namespace livedata::cli::top
