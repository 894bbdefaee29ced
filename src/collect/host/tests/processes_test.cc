#include <fmt/core.h>
#include <gtest/gtest.h>

#include "collect/host/process.h"
#include "collect/host/tests/recorded_tree.h"

namespace livedata::collect::host {
namespace {

TEST(ProcessStatTest, TakesHostileNames) {
  ProcessStat stat;
  ASSERT_TRUE(parse_process_stat(
      "42 (a) b) (c) S 7 1 1 0 -1 0 11 0 12 0 7 5 0 0 20 0 3 0 999 1000 55 0", stat));
  EXPECT_EQ(stat.pid, 42);
  EXPECT_EQ(stat.parent, 7);
  EXPECT_EQ(stat.name, "a) b) (c");
  EXPECT_EQ(stat.state, 'S');
  EXPECT_EQ(stat.minor_faults, 11U);
  EXPECT_EQ(stat.major_faults, 12U);
  EXPECT_EQ(stat.user_ticks, 7U);
  EXPECT_EQ(stat.system_ticks, 5U);
  EXPECT_EQ(stat.threads, 3);
  EXPECT_EQ(stat.start_ticks, 999U);
  EXPECT_EQ(stat.virtual_bytes, 1000U);
  EXPECT_EQ(stat.resident_pages, 55U);
  EXPECT_FALSE(parse_process_stat("", stat));
  EXPECT_FALSE(parse_process_stat("42 (half", stat));
  EXPECT_FALSE(parse_process_stat("x (a) S 1", stat));
}

TEST(ProcessCgroupTest, OfBothVersions) {
  EXPECT_EQ(parse_process_cgroup("0::/system.slice/a.service\n"), "/system.slice/a.service");
  EXPECT_EQ(parse_process_cgroup("9:name=systemd:/a\n1:cpu:/b\n0::/\n"), "/a");
  EXPECT_EQ(parse_process_cgroup("0::/\n"), "/");
  EXPECT_EQ(parse_process_cgroup(""), "/");
}

/// Processes with clocks, and a count of the files that were read.
class CountingSource final : public HostSource {
 public:
  void put(std::int64_t pid, const std::string& name, std::uint64_t cpu_ms,
           std::uint64_t start = 50, std::uint64_t resident = 10) {
    clocks[pid] = cpu_ms * 1'000'000;
    files.put(fmt::format("/proc/{}/stat", pid),
              fmt::format("{} ({}) S 1 1 1 0 -1 0 0 0 0 0 {} 0 0 0 20 0 1 0 {} 1000 {} 0", pid,
                          name, cpu_ms / 10, start, resident));
    files.put(fmt::format("/proc/{}/cmdline", pid), name + '\0' + "--fast" + '\0');
  }
  void end(std::int64_t pid) {
    clocks.erase(pid);
    files.remove(fmt::format("/proc/{}/", pid));
  }

  std::unique_ptr<SourceFile> open(std::string path) override { return files.open(path); }
  std::optional<std::string_view> read(const std::string& path, std::string& buffer) override {
    if (path.ends_with("/stat")) ++stats_read;
    ++files_read;
    return files.read(path, buffer);
  }
  bool list(const std::string& folder,
            const std::function<void(std::string_view)>& entry) override {
    if (folder == "/proc") ++listings;
    return files.list(folder, entry);
  }
  std::optional<std::string> link_name(const std::string& path) override {
    return files.link_name(path);
  }
  std::optional<FilesystemUsage> filesystem_usage(const std::string& /*mount*/,
                                                  std::string_view /*type*/) override {
    return std::nullopt;
  }
  std::optional<std::uint64_t> process_cpu_ns(std::int64_t pid) override {
    const auto found = clocks.find(pid);
    return found == clocks.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] bool has_process_clocks() const override { return true; }
  std::optional<std::uint64_t> open_files(std::int64_t /*pid*/) override { return 3; }
  std::optional<TcpStates> tcp_states() override { return std::nullopt; }
  std::optional<ClockStatus> clock_status() override { return std::nullopt; }
  std::optional<std::vector<UnitState>> units(bool /*with_restarts*/) override {
    return std::nullopt;
  }
  std::string user_name(unsigned uid) override { return uid == 0 ? "root" : ""; }
  std::string machine() override { return "test"; }
  [[nodiscard]] double ticks_per_second() const override { return 100; }
  [[nodiscard]] std::uint64_t page_bytes() const override { return 4096; }

  SnapshotSource files;
  std::map<std::int64_t, std::uint64_t> clocks;
  int stats_read = 0, files_read = 0, listings = 0;
};

class ProcessesTest : public testing::Test {
 protected:
  ProcessesTest() {
    source_.files.put("/proc/stat", "cpu 1 1 1 1\nbtime 1000\n");
    last_task(1);
  }
  void last_task(int number) {
    source_.files.put("/proc/loadavg", fmt::format("0 0 0 1/2 {}\n", number));
  }
  std::string sample(ProcessCollector& collector) {
    now_ += std::chrono::seconds(5);
    source_.stats_read = source_.files_read = source_.listings = 0;
    RecordBatch batch;
    good_ = collector.sample(Sample{batch, streams_, 1000, now_});
    return to_text(batch);
  }

  CountingSource source_;
  SourceStreams streams_{"web1"};
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  bool good_ = false;
};

TEST_F(ProcessesTest, ThoseByUseOfCpu) {
  source_.put(7, "worker", 1000);
  ProcessCollector collector(source_);
  EXPECT_EQ(sample(collector), "");
  EXPECT_TRUE(good_);
  source_.put(7, "worker", 3500);
  EXPECT_EQ(sample(collector),
            "process command=worker --fast cpu_percent=50 memory_bytes=40960 name=worker "
            "open_files=3 parent=1 pid=7 start_time=1000500000000 state=S threads=1 user=root\n"
            "process_summary exited=0 other=0 processes=1 running=0 sleeping=1 started=0 "
            "threads=1 waiting=0 zombies=0\n"
            "process_group cpu_percent=50 memory_bytes=40960 name=worker open_files=3 "
            "processes=1 read_bytes_per_second=0 swap_bytes=0 threads=1 "
            "written_bytes_per_second=0\n");
}

TEST_F(ProcessesTest, ThoseThatSleepAreHardlyRead) {
  for (int pid = 100; pid < 1100; ++pid) source_.put(pid, "sleeper", 10);
  ProcessCollector collector(source_);
  sample(collector);
  EXPECT_EQ(source_.stats_read, 1000);
  for (int round = 0; round < 5; ++round) sample(collector);  // now their details, little by little
  int files = 0;
  int stats = 0;
  for (int round = 0; round < 12; ++round) {
    source_.put(500, "sleeper", 1000 + 10 * static_cast<unsigned>(round));
    sample(collector);
    files += source_.files_read;
    stats += source_.stats_read;
    EXPECT_EQ(source_.listings, round == 6 ? 1 : 0) << round;  // one in twelve to be sure
  }
  // Each once in a minute, and the one that works each time.
  EXPECT_NEAR(stats, 1000 + 11, 5);
  EXPECT_LT(files, 1100);
}

TEST_F(ProcessesTest, StartsAndEndsAreTold) {
  source_.put(1, "init", 10);
  ProcessCollector collector(source_);
  sample(collector);
  source_.put(50, "job", 20);
  last_task(50);
  EXPECT_NE(sample(collector).find("process_summary exited=0 other=0 processes=2 running=0 "
                                   "sleeping=2 started=1"),
            std::string::npos);
  EXPECT_NE(sample(collector).find("process_event command=job --fast cpu_seconds=0.02 "
                                   "event=started memory_bytes=40960 name=job parent=1 pid=50"),
            std::string::npos);
  source_.end(50);
  const std::string records = sample(collector);
  EXPECT_NE(records.find("event=exited"), std::string::npos) << records;
  EXPECT_NE(records.find("exited=1"), std::string::npos) << records;
}

TEST_F(ProcessesTest, ANumberThatIsUsedAgainIsAnotherProcess) {
  source_.put(50, "old", 5000);
  ProcessCollector collector(source_);
  sample(collector);
  sample(collector);
  source_.put(50, "new", 10, 900);
  const std::string records = sample(collector);
  EXPECT_NE(records.find("exited=1"), std::string::npos) << records;
  EXPECT_NE(records.find("started=1"), std::string::npos) << records;
  EXPECT_EQ(records.find("command=new"), std::string::npos);  // details come with the next round
  EXPECT_NE(sample(collector).find("command=new --fast"), std::string::npos);
}

TEST_F(ProcessesTest, GroupsCountWhatHasEnded) {
  source_.put(1, "init", 10);
  ProcessCollector collector(source_);
  sample(collector);
  source_.put(50, "job", 2000);
  last_task(50);
  sample(collector);
  source_.put(50, "job", 3000);
  sample(collector);
  source_.end(50);
  sample(collector);
  Exposition page;
  collector.expose(page);
  const std::string text = page.take();
  EXPECT_NE(text.find("namedprocess_namegroup_num_procs{groupname=\"job\"} 0\n"),
            std::string::npos);
  EXPECT_NE(
      text.find("namedprocess_namegroup_cpu_seconds_total{groupname=\"job\",mode=\"user\"} 3\n"),
      std::string::npos)
      << text;
}

TEST_F(ProcessesTest, NamesAreBounded) {
  for (int pid = 10; pid < 3000; ++pid) source_.put(pid, fmt::format("n{}", pid), 10);
  ProcessCollector collector(source_);
  sample(collector);
  sample(collector);
  Exposition page;
  collector.expose(page);
  const std::string text = page.take();
  EXPECT_NE(text.find("namedprocess_namegroup_num_procs{groupname=\"(other)\"} 1990\n"),
            std::string::npos);
}

TEST_F(ProcessesTest, TheTableOfAMinuteIsBounded) {
  for (unsigned pid = 10; pid < 1000; ++pid) source_.put(pid, "p", 10, 50, pid);
  ProcessCollector collector(source_);
  sample(collector);
  const std::string records = sample(collector);
  std::size_t count = 0;
  for (std::size_t at = records.find("process command"); at != std::string::npos;
       at = records.find("process command", at + 1))
    ++count;
  EXPECT_EQ(count, 200U);
  EXPECT_NE(records.find("pid=999 "), std::string::npos);
  EXPECT_EQ(records.find("pid=799 "), std::string::npos);
}

}  // namespace
}  // namespace livedata::collect::host
