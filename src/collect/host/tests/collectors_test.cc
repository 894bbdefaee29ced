#include <gtest/gtest.h>

#include "collect/host/cgroup_name.h"
#include "collect/host/cpu.h"
#include "collect/host/disk.h"
#include "collect/host/filesystem.h"
#include "collect/host/load.h"
#include "collect/host/memory.h"
#include "collect/host/network.h"
#include "collect/host/protocol.h"
#include "collect/host/sockets.h"
#include "collect/host/tests/recorded_tree.h"
#include "collect/host/units.h"

namespace livedata::collect::host {
namespace {

class CollectorsTest : public testing::Test {
 protected:
  /// One round, a second after the last one; the records as text.
  template <class Made>
  std::string sample(Made& collector) {
    now_ += std::chrono::seconds(1);
    RecordBatch batch;
    good_ = collector.sample(Sample{batch, streams_, 1000, now_});
    return to_text(batch);
  }
  template <class Made>
  static std::string page(const Made& collector) {
    Exposition page;
    collector.expose(page);
    return page.take();
  }

  SnapshotSource source_;
  SourceStreams streams_{"web1"};
  std::chrono::steady_clock::time_point now_;
  bool good_ = false;
};

TEST_F(CollectorsTest, CpuIsTheShareOfTimeSinceTheLastRound) {
  source_.put("/proc/stat",
              "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\nbtime 1\n");
  CpuCollector cpu(source_);
  EXPECT_EQ(sample(cpu), "");
  source_.put("/proc/stat", "cpu  150 0 125 900 25 0 0 0 0 0\ncpu0 150 0 125 900 25 0 0 0 0 0\n");
  EXPECT_EQ(sample(cpu),
            "cpu blocked=0 busy_percent=37.5 context_switches_per_second=0 cores=1 "
            "forks_per_second=0 guest_percent=0 idle_percent=50 interrupts_per_second=0 "
            "iowait_percent=12.5 irq_percent=0 nice_percent=0 running=0 softirq_percent=0 "
            "steal_percent=0 system_percent=12.5 user_percent=25\n"
            "cpu_core busy_percent=37.5 core=0 iowait_percent=12.5 irq_percent=0 nice_percent=0 "
            "softirq_percent=0 steal_percent=0 system_percent=12.5 user_percent=25\n");
}

TEST_F(CollectorsTest, CountersThatGoBackwardCountAsNothing) {
  source_.put("/proc/stat", "cpu  100 0 100 800 0 0 0 0\n");
  CpuCollector cpu(source_);
  sample(cpu);
  source_.put("/proc/stat", "cpu  10 0 110 900 0 0 0 0\n");
  EXPECT_NE(sample(cpu).find(" busy_percent=9.09 "), std::string::npos);
}

TEST_F(CollectorsTest, ACoreThatComesLaterHasNoShareYet) {
  source_.put("/proc/stat", "cpu  1 0 1 8 0\ncpu0 1 0 1 8 0\n");
  CpuCollector cpu(source_);
  sample(cpu);
  source_.put("/proc/stat", "cpu  2 0 2 16 0\ncpu0 1 0 1 9 0\ncpu1 1 0 1 8 0\n");
  const std::string records = sample(cpu);
  EXPECT_NE(records.find("core=0"), std::string::npos);
  EXPECT_EQ(records.find("core=1"), std::string::npos);
}

TEST_F(CollectorsTest, MemoryWithoutWhatIsAvailableIsReckonedFromTheRest) {
  source_.put("/proc/meminfo",
              "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 100 kB\n");
  MemoryCollector memory(source_);
  EXPECT_NE(sample(memory).find("available_bytes=256000 "), std::string::npos);
}

TEST_F(CollectorsTest, OddKernelFilesAreToldAndHarmless) {
  CpuCollector cpu(source_);
  EXPECT_EQ(sample(cpu), "");
  EXPECT_FALSE(good_);
  source_.put("/proc/meminfo", "MemTotal: nonsense\n\n:::\n");
  MemoryCollector memory(source_);
  EXPECT_EQ(sample(memory), "");
  EXPECT_FALSE(good_);
  EXPECT_EQ(page(memory), "");
}

TEST_F(CollectorsTest, ADiskCountsOnceSysTellsThatItIsOne) {
  source_.put("/proc/diskstats", " 8 0 sda 1 0 8 0 0 0 0 0 0 0 0\n");
  DiskCollector disk(source_);
  EXPECT_EQ(sample(disk), "");
  source_.put("/sys/block/sda/size", "1000\n");  // another machine sends it later
  source_.put("/proc/diskstats", " 8 0 sda 3 0 24 0 0 0 0 0 0 0 0\n");
  EXPECT_NE(sample(disk).find("read_bytes_per_second=8192 "), std::string::npos);
}

TEST_F(CollectorsTest, DisksThatAreShownAreThoseOfNodeExporter) {
  source_.put("/proc/diskstats",
              " 8 0 sda 1\n 8 1 sda1 1\n 259 0 nvme0n1 1\n 259 1 nvme0n1p2 1\n 7 0 loop0 1\n"
              " 179 0 mmcblk0 1\n 9 0 md0 1\n 253 0 dm-0 1\n 254 1 vda1 1\n 202 1 xvda1 1\n");
  DiskCollector disk(source_);
  sample(disk);
  const std::string text = page(disk);
  for (const char* shown : {"sda", "nvme0n1", "mmcblk0", "md0", "dm-0"})
    EXPECT_NE(text.find("completed_total{device=\"" + std::string(shown) + "\"}"),
              std::string::npos)
        << shown;
  for (const char* hidden : {"sda1", "nvme0n1p2", "loop0", "vda1", "xvda1"})
    EXPECT_EQ(text.find("{device=\"" + std::string(hidden) + "\"}"), std::string::npos) << hidden;
  // Kernels before 4.18 have no discards.
  EXPECT_EQ(text.find("discards"), std::string::npos);
}

TEST_F(CollectorsTest, MountPointsKeepTheirBlanks) {
  EXPECT_EQ(unescape_mount("/media/my\\040disk\\0"), "/media/my disk\\0");
  source_.put("/proc/self/mounts", "/dev/sdb1 /media/my\\040disk ext4 ro 0 0\n");
  source_.put_filesystem(
      "/media/my disk",
      {.total_bytes = 100, .free_bytes = 40, .available_bytes = 20, .files = 10, .files_free = 5});
  FilesystemCollector filesystem(source_);
  EXPECT_EQ(sample(filesystem),
            "filesystem available_bytes=20 device=/dev/sdb1 inodes=10 inodes_used=5 "
            "inodes_used_percent=50 mount=/media/my disk read_only=true total_bytes=100 "
            "type=ext4 used_bytes=60 used_percent=75\n");
}

TEST_F(CollectorsTest, AFilesystemThatDoesNotAnswerIsSaidToBeSo) {
  source_.put("/proc/self/mounts", "server:/x /mnt nfs4 rw 0 0\n");
  FilesystemCollector filesystem(source_);
  EXPECT_EQ(sample(filesystem), "filesystem answers=false device=server:/x mount=/mnt type=nfs4\n");
  EXPECT_EQ(page(filesystem),
            "# HELP node_filesystem_device_error Whether an error occurred while getting "
            "statistics for the given device.\n# TYPE node_filesystem_device_error gauge\n"
            "node_filesystem_device_error{device=\"server:/x\",fstype=\"nfs4\","
            "mountpoint=\"/mnt\"} 1\n");
}

TEST_F(CollectorsTest, NetworkWithoutLoopbackAndDeadInterfaces) {
  source_.put("/proc/net/dev",
              "Inter-| Receive\n face |bytes\n lo: 5 5 0 0 0 0 0 0 5 5 0 0 0 0 0 0\n ifb0: 0 0 0 "
              "0 0 0 0 0 0 0 0 0 0 0 0 0\neth0: 1000 10 0 0 0 0 0 0 500 5 0 0 0 0 0 0\n");
  NetworkCollector network(source_);
  sample(network);
  source_.put("/proc/net/dev",
              "Inter-| Receive\n face |bytes\neth0:3000 20 1 2 0 0 0 0 600 6 0 0 0 0 0 0\n");
  EXPECT_EQ(sample(network),
            "network collisions_per_second=0 drops_per_second=2 errors_per_second=1 "
            "interface=eth0 received_bytes_per_second=2000 received_packets_per_second=10 "
            "sent_bytes_per_second=100 sent_packets_per_second=1\n");
  EXPECT_EQ(page(network).find("ifb0"), std::string::npos);  // it is gone
}

TEST_F(CollectorsTest, TcpStatesOfAFile) {
  TcpStates states;
  count_tcp_states("headings\n 0: a b 0A c\n 1: a b 01 c\n 2: a b FF c\n 3:\n\n", states);
  EXPECT_EQ(states.count[10], 1U);
  EXPECT_EQ(states.count[1], 1U);
}

TEST_F(CollectorsTest, UnitsThatChangeOrFailHaveRecords) {
  source_.put("/answers/units",
              "a.service loaded active running 0\nb.timer loaded active waiting\n");
  UnitsCollector units(source_);
  EXPECT_EQ(sample(units),
            "unit active=active load=loaded restarts=0 sub=running unit=a.service\n"
            "systemd activating=0 active=2 deactivating=0 failed=0 inactive=0 restarts=0 "
            "units=2\n");
  source_.put("/answers/units",
              "a.service loaded active running 2\nb.timer loaded failed failed\n");
  EXPECT_EQ(sample(units),
            "unit active=active load=loaded restarts=2 sub=running unit=a.service\n"
            "unit active=failed before=active load=loaded sub=failed unit=b.timer\n"
            "systemd activating=0 active=1 deactivating=0 failed=1 inactive=0 restarts=2 "
            "units=2\n");
}

TEST(CgroupNameTest, ContainersOfEveryEngine) {
  const std::string id(64, 'a');
  struct Case {
    std::string path;
    std::string runtime;
    std::string container;
    std::string unit;
  };
  const Case cases[] = {
      {"/system.slice/docker-" + id + ".scope", "docker", id, "docker-" + id + ".scope"},
      {"/docker/" + id, "docker", id, ""},
      {"/machine.slice/libpod-" + id + ".scope", "podman", id, "libpod-" + id + ".scope"},
      {"/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope", "containerd", id,
       "cri-containerd-" + id + ".scope"},
      {"/kubepods/burstable/pod1/" + id, "kubernetes", id, ""},
      {"/lxc.payload.web", "lxc", "web", ""},
      {"/machine.slice/machine-my\\x2dbox.scope", "nspawn", "my-box", "machine-my\\x2dbox.scope"},
      {"/system.slice/nginx.service", "", "", "nginx.service"},
      {"/system.slice/nginx.service/inner", "", "", "nginx.service"},
      {"/machine.slice/libpod-conmon-" + id + ".scope", "", "", "libpod-conmon-" + id + ".scope"},
      {"/", "", "", ""},
      {"", "", "", ""},
  };
  for (const Case& c : cases) {
    const CgroupName name = name_cgroup(c.path);
    EXPECT_EQ(name.runtime, c.runtime) << c.path;
    EXPECT_EQ(name.container_id, c.container) << c.path;
    EXPECT_EQ(name.unit, c.unit) << c.path;
  }
}

TEST(ExpositionTest, EscapesAndMendsLabelValues) {
  Exposition page;
  page.gauge("m", "Help.").add({{"a", "x\"\\\n\xFFy\xC3\xA9\xED\xA0\x80"}}, 1.5);
  EXPECT_EQ(page.take(),
            "# HELP m Help.\n# TYPE m gauge\nm{a=\"x\\\"\\\\\\n\xEF\xBF\xBDy\xC3\xA9"
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"} 1.5\n");
}

TEST(ExpositionTest, AFamilyWithoutSamplesLeavesNothing) {
  Exposition page;
  page.gauge("nothing", "Help.");
  page.counter("c_total", "Help.").add(std::uint64_t{18446744073709551615U}).add(-1);
  EXPECT_EQ(page.take(),
            "# HELP c_total Help.\n# TYPE c_total counter\nc_total 18446744073709551615\n"
            "c_total -1\n");
}

}  // namespace
}  // namespace livedata::collect::host
