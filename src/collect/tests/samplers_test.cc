#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "collect/cpu.h"
#include "collect/disk.h"
#include "collect/memory.h"
#include "collect/network.h"
#include "collect/process.h"

namespace livedata::collect {
namespace {

/// A /proc of the test's own.
class SamplersTest : public testing::Test {
 protected:
  SamplersTest() {
    source_.proc = std::filesystem::path(testing::TempDir()) /
                   testing::UnitTest::GetInstance()->current_test_info()->name() / "proc";
    source_.sys = source_.proc.parent_path() / "sys";
    std::filesystem::remove_all(source_.proc.parent_path());
    std::filesystem::create_directories(source_.proc / "net");
    std::filesystem::create_directories(source_.sys / "block/sda");
  }
  ~SamplersTest() override { std::filesystem::remove_all(source_.proc.parent_path()); }

  void write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((source_.proc / file).parent_path());
    std::ofstream(source_.proc / file) << text;
  }

  /// One round, a second after the last one; the records as logfmt-like text.
  template <class Sampler>
  std::vector<std::string> sample(Sampler& sampler) {
    now_ += std::chrono::seconds(1);
    RecordBatch batch;
    good_ = sampler.sample(Sample{batch, 1000, now_, host_});
    std::vector<std::string> out;
    for (RowIndex row = 0; row < batch.num_rows(); ++row) {
      std::string text(batch.stream(row).labels.get("source"));
      for (const Field& field : batch.fields(row))
        text += " " + std::string(field.name) + "=" + to_string(field.value);
      out.push_back(text);
    }
    return out;
  }

  ProcSource source_;
  std::string host_ = "web1";
  std::chrono::steady_clock::time_point now_;
  bool good_ = false;
};

using Records = std::vector<std::string>;

TEST_F(SamplersTest, CpuIsTheShareOfTimeSinceTheLastRound) {
  write("stat", "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\nbtime 1\n");
  CpuSampler cpu(source_);
  EXPECT_EQ(sample(cpu), Records());
  write("stat", "cpu  150 0 125 900 25 0 0 0 0 0\ncpu0 150 0 125 900 25 0 0 0 0 0\n");
  EXPECT_EQ(sample(cpu), (Records{"cpu_core busy_percent=37.5 core=0",
                                  "cpu busy_percent=37.5 cores=1 iowait_percent=12.5 "
                                  "steal_percent=0 system_percent=12.5 user_percent=25"}));
}

TEST_F(SamplersTest, CountersThatGoBackwardCountAsNothing) {
  write("stat", "cpu  100 0 100 800 0 0 0 0\n");
  CpuSampler cpu(source_);
  sample(cpu);
  write("stat", "cpu  10 0 110 900 0 0 0 0\n");
  EXPECT_EQ(sample(cpu), (Records{"cpu busy_percent=9.09 cores=0 iowait_percent=0 steal_percent=0 "
                                  "system_percent=9.09 user_percent=0"}));
}

TEST_F(SamplersTest, MemoryInBytes) {
  write("meminfo",
        "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 250 kB\nBuffers: 5 kB\nCached: 50 "
        "kB\nSwapTotal: 10 kB\nSwapFree: 4 kB\n");
  MemorySampler memory(source_);
  EXPECT_EQ(
      sample(memory),
      (Records{"memory available_bytes=256000 buffers_bytes=5120 cached_bytes=51200 "
               "free_bytes=102400 swap_total_bytes=10240 "
               "swap_used_bytes=6144 total_bytes=1024000 used_bytes=768000 used_percent=75"}));
}

TEST_F(SamplersTest, LoadAndTasks) {
  write("loadavg", "0.50 1.25 2.00 3/456 789\n");
  LoadSampler load(source_);
  EXPECT_EQ(sample(load), (Records{"load load1=0.5 load15=2 load5=1.25 runnable=3 tasks=456"}));
}

TEST_F(SamplersTest, DisksWithoutPartitions) {
  write("diskstats",
        "   8 0 sda 100 0 2000 0 50 0 1000 0 0 500 0\n   8 1 sda1 1 0 1 0 1 0 1 0 0 1 0\n   7 0 "
        "loop0 1 0 1 0 1 0 1 0 0 1 0\n");
  DiskSampler disk(source_);
  EXPECT_EQ(sample(disk), Records());
  write("diskstats", "   8 0 sda 110 0 2010 0 55 0 1002 0 0 750 0\n");
  EXPECT_EQ(
      sample(disk),
      (Records{"disk busy_percent=25 device=sda read_bytes_per_second=5120 reads_per_second=10 "
               "writes_per_second=5 written_bytes_per_second=1024"}));
}

TEST_F(SamplersTest, NetworkWithoutLoopbackAndDeadInterfaces) {
  write("net/dev",
        "Inter-| Receive\n face |bytes\n lo: 5 5 0 0 0 0 0 0 5 5 0 0 0 0 0 0\n ifb0: 0 0 0 0 0 0 0 "
        "0 0 0 0 0 0 0 0 0\n"
        "eth0: 1000 10 0 0 0 0 0 0 500 5 0 0 0 0 0 0\n");
  NetworkSampler network(source_);
  sample(network);
  write("net/dev", "Inter-| Receive\n face |bytes\neth0:3000 20 1 2 0 0 0 0 600 6 0 0 0 0 0 0\n");
  EXPECT_EQ(
      sample(network),
      (Records{
          "network drops_per_second=2 errors_per_second=1 interface=eth0 "
          "received_bytes_per_second=2000 "
          "received_packets_per_second=10 sent_bytes_per_second=100 sent_packets_per_second=1"}));
}

TEST_F(SamplersTest, AMissingOrOddKernelFileIsToldAndHarmless) {
  CpuSampler cpu(source_);
  EXPECT_EQ(sample(cpu), Records());
  EXPECT_FALSE(good_);
  write("meminfo", "MemTotal: nonsense\n\n:::\n");
  MemorySampler memory(source_);
  EXPECT_EQ(sample(memory), Records());
  EXPECT_FALSE(good_);
}

TEST(ProcessStatTest, TakesHostileNames) {
  const auto stat =
      parse_process_stat("42 (a) b) (c) S 1 1 1 0 -1 0 0 0 0 0 7 5 0 0 20 0 3 0 999 1000 55 0");
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->pid, 42);
  EXPECT_EQ(stat->name, "a) b) (c");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->ticks, 12U);
  EXPECT_EQ(stat->threads, 3);
  EXPECT_EQ(stat->start_ticks, 999U);
  EXPECT_EQ(stat->resident_pages, 55U);
  EXPECT_FALSE(parse_process_stat("").has_value());
  EXPECT_FALSE(parse_process_stat("42 (half").has_value());
}

TEST_F(SamplersTest, ProcessesByUseOfCpu) {
  write("stat", "cpu 1 1 1 1\nbtime 1000\n");
  write("7/stat", "7 (worker) R 1 1 1 0 -1 0 0 0 0 0 100 0 0 0 20 0 1 0 50 1000 10 0");
  write("7/cmdline", std::string("worker\0--fast\0", 14));
  ProcessSampler process(source_);
  EXPECT_EQ(sample(process), Records());
  write("7/stat", "7 (worker) R 1 1 1 0 -1 0 0 0 0 0 150 0 0 0 20 0 1 0 50 1000 10 0");
  const Records records = sample(process);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_NE(records[0].find("command=worker --fast cpu_percent=50"), std::string::npos)
      << records[0];
}

}  // namespace
}  // namespace livedata::collect
