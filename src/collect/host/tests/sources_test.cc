#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "collect/host/bounded_statvfs.h"
#include "collect/host/live_source.h"
#include "collect/host/snapshot_source.h"
#include "collect/host/sockets.h"
#include "collect/host/system.h"
#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

TEST(LiveSourceTest, ReadsKernelFiles) {
  LiveSource source;
  const auto file = source.open("/proc/uptime");
  const auto first = file->read();
  ASSERT_TRUE(first.has_value());
  const double before = TextScanner(*first).decimal();
  ::usleep(30'000);
  EXPECT_GT(TextScanner(*file->read()).decimal(), before);  // read anew, not kept
  std::string buffer;
  EXPECT_FALSE(source.read("/proc/no/such/file", buffer).has_value());
  EXPECT_FALSE(source.open("/proc/no/such/file")->read().has_value());
  EXPECT_FALSE(source.list("/no/such/folder", [](std::string_view) {}));
}

TEST(LiveSourceTest, ClocksOfProcessesAgreeWithTheirStat) {
  LiveSource source;
  if (!source.has_process_clocks()) GTEST_SKIP() << "/proc is of another namespace";
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  EXPECT_TRUE(source.process_cpu_ns(child).has_value());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(source.process_cpu_ns(child).has_value());
  EXPECT_FALSE(source.process_cpu_ns(0).has_value());
  EXPECT_FALSE(source.process_cpu_ns(-5).has_value());
  EXPECT_FALSE(source.process_cpu_ns(INT64_MAX).has_value());
  const auto own = source.process_cpu_ns(::getpid());
  ASSERT_TRUE(own.has_value());
  EXPECT_GT(*own, 0U);
}

TEST(LiveSourceTest, CountsOpenFiles) {
  LiveSource source;
  std::uint64_t listed = 0;
  source.list("/proc/self/fd", [&listed](std::string_view) { ++listed; });
  const auto counted = source.open_files(::getpid());
  ASSERT_TRUE(counted.has_value());
  EXPECT_EQ(*counted, listed - 1);  // the listing itself has one open
}

TEST(LiveSourceTest, TcpStatesAgreeWithTheFile) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  LiveSource source;
  const auto states = source.tcp_states();
  if (!states) GTEST_SKIP() << "this kernel has no sock_diag";
  TcpStates from_files;
  for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const auto file = source.open(path);
    count_tcp_states(file->read().value_or(""), from_files);
  }
  constexpr std::size_t kListen = 10;
  EXPECT_GE(states->count[kListen], 1U);
  EXPECT_NEAR(static_cast<double>(states->count[kListen]),
              static_cast<double>(from_files.count[kListen]), 3);
  ::close(listener);
}

/// A filesystem that answers when it is told to.
class Stuck {
 public:
  std::optional<FilesystemUsage> ask() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return open_; });
    return FilesystemUsage{.total_bytes = 1};
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    wake_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool open_ = false;
};

TEST(BoundedStatvfsTest, AServerThatIsGoneHoldsNobodyUp) {
  const auto stuck = std::make_shared<Stuck>();
  {
    BoundedStatvfs statvfs(
        [stuck](const std::string& mount) -> std::optional<FilesystemUsage> {
          if (mount == "/nfs") return stuck->ask();
          return FilesystemUsage{.total_bytes = 2};
        },
        std::chrono::milliseconds(20));
    EXPECT_EQ(statvfs.ask("/other", "nfs4")->total_bytes, 2U);
    EXPECT_FALSE(statvfs.ask("/nfs", "nfs4").has_value());
    EXPECT_FALSE(statvfs.ask("/other", "nfs4").has_value());    // the thread is still away
    EXPECT_EQ(statvfs.ask("/local", "ext4")->total_bytes, 2U);  // needs no thread
    stuck->open();
    for (int i = 0; i < 500 && !statvfs.ask("/other", "fuse.sshfs"); ++i) ::usleep(10'000);
    EXPECT_EQ(statvfs.ask("/nfs", "nfs4")->total_bytes, 1U);
  }
  // And the end does not wait either.
  const auto never = std::make_shared<Stuck>();
  {
    BoundedStatvfs statvfs([never](const std::string&) { return never->ask(); },
                           std::chrono::milliseconds(5));
    EXPECT_FALSE(statvfs.ask("/nfs", "nfs4").has_value());
  }
  never->open();
  ::usleep(20'000);  // let the thread end before the test does
}

TEST(BoundedStatvfsTest, TheRootAnswers) {
  LiveSource source;
  const auto usage = source.filesystem_usage("/", "of an unknown type");
  ASSERT_TRUE(usage.has_value());
  EXPECT_GT(usage->total_bytes, usage->free_bytes);
}

TEST(SnapshotSourceTest, ListsWhatIsInAFolder) {
  SnapshotSource source;
  source.put("/proc/1/stat", "");
  source.put("/proc/1/io", "");
  source.put("/proc/10/stat", "");
  source.put("/proc/stat", "");
  source.put("/process", "");
  std::multiset<std::string> names;
  EXPECT_TRUE(source.list("/proc", [&](std::string_view name) { names.emplace(name); }));
  EXPECT_EQ(names, (std::multiset<std::string>{"1", "10", "stat"}));
  source.remove("/proc/1/");
  names.clear();
  source.list("/proc", [&](std::string_view name) { names.emplace(name); });
  EXPECT_EQ(names, (std::multiset<std::string>{"10", "stat"}));
  EXPECT_FALSE(source.list("/sys", [](std::string_view) {}));
}

TEST(FindUserTest, ByNumber) {
  constexpr std::string_view kPasswd = "root:x:0:0::/root:/bin/sh\nbroken\n:x:5\nwww:x:33:33::/:\n";
  EXPECT_EQ(find_user(kPasswd, 33), "www");
  EXPECT_EQ(find_user(kPasswd, 0), "root");
  EXPECT_EQ(find_user(kPasswd, 5), "");
  EXPECT_EQ(find_user("", 0), "");
}

TEST(OsReleaseTest, QuotesAndComments) {
  const auto values = parse_os_release("# x\nID=debian\nNAME=\"A B\"\nV='1'\nE=\nX=\"half\n");
  EXPECT_EQ(values.at("ID"), "debian");
  EXPECT_EQ(values.at("NAME"), "A B");
  EXPECT_EQ(values.at("V"), "1");
  EXPECT_EQ(values.at("E"), "");
  EXPECT_EQ(values.at("X"), "\"half");
}

}  // namespace
}  // namespace livedata::collect::host
