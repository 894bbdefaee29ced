#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/top/local_machine.h"
#include "cli/top/process_records.h"
#include "cli/top/send_signal.h"

namespace livedata::cli::top {
namespace {

/// A process that does nothing until it is ended.
class Sleeper {
 public:
  Sleeper() : pid_(::fork()) {
    if (pid_ == 0) {
      for (;;) ::pause();
    }
  }
  ~Sleeper() { end(); }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// The signal that ended it.
  int end(int by = SIGKILL) {
    if (pid_ == 0) return 0;
    ::kill(pid_, by);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

ProcessFigures figures_of(pid_t pid) {
  LocalMachine machine;
  for (const ProcessFigures& process :
       machine.sample(0, std::chrono::steady_clock::now()).processes) {
    if (process.pid == pid) return process;
  }
  return {};
}

TEST(LocalMachine, KnowsThisProcessAndTheMachine) {
  LocalMachine machine;
  const auto now = std::chrono::steady_clock::now();
  machine.sample(0, now);
  // Work, so that there is CPU time.
  volatile double sum = 0;
  for (int i = 0; i < 30'000'000; ++i) sum = sum + i;
  const Snapshot snapshot = machine.sample(kNsPerSecond, now + std::chrono::seconds(1));
  ASSERT_TRUE(snapshot.host.memory);
  EXPECT_GT(snapshot.host.memory->total, 0);
  ASSERT_TRUE(snapshot.host.tasks);
  EXPECT_EQ(snapshot.host.tasks->processes, static_cast<std::int64_t>(snapshot.processes.size()));
  const auto self =
      std::find_if(snapshot.processes.begin(), snapshot.processes.end(),
                   [](const ProcessFigures& process) { return process.pid == ::getpid(); });
  ASSERT_NE(self, snapshot.processes.end());
  EXPECT_EQ(self->name, "cli_top_test");
  EXPECT_NE(self->command.find("cli_top_test"), std::string::npos);
  EXPECT_GT(self->memory_bytes, 0);
  EXPECT_GT(self->cpu_percent, 0);
  EXPECT_GT(self->start_ticks, 0U);
  EXPECT_FALSE(self->user.empty());
}

TEST(SendSignal, ReachesTheProcess) {
  Sleeper sleeper;
  const ProcessFigures process = figures_of(sleeper.pid());
  ASSERT_EQ(process.pid, sleeper.pid());
  ASSERT_TRUE(send_signal(process, SIGTERM));
  EXPECT_EQ(sleeper.end(0), SIGTERM);
}

TEST(SendSignal, NeverReachesAnotherProcessOfTheSameNumber) {
  Sleeper sleeper;
  ProcessFigures process = figures_of(sleeper.pid());
  process.start_ticks -= 1;  // as of one that had the number before
  const auto sent = send_signal(process, SIGTERM);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(sleeper.end(SIGUSR1), SIGUSR1);  // it lived until now
}

TEST(SendSignal, SaysThatAProcessHasEnded) {
  Sleeper sleeper;
  const ProcessFigures process = figures_of(sleeper.pid());
  sleeper.end();
  const auto sent = send_signal(process, SIGTERM);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kNotFound);
}

TEST(SendSignal, GroupsAndNobodyAreRefused) {
  EXPECT_FALSE(send_signal({}, SIGTERM));
  ProcessFigures all;
  all.pid = -1;
  EXPECT_FALSE(send_signal(all, 0));
}

TEST(WrittenFiles, AreThoseOpenForWriting) {
  const std::string folder = ::testing::TempDir();
  const std::string path = folder + "written.log";
  const std::string other = folder + "only-read.log";
  std::ofstream(other) << "x";
  const std::ofstream written(path);
  const std::ifstream read(other);
  const auto files = written_files(::getpid());
  EXPECT_THAT(files, ::testing::Contains(::testing::EndsWith("written.log")));
  EXPECT_THAT(files, ::testing::Not(::testing::Contains(::testing::EndsWith("only-read.log"))));
  EXPECT_TRUE(written_files(-5).empty());
}

}  // namespace
}  // namespace livedata::cli::top
