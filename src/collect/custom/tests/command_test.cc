#include "collect/custom/command.h"

#include <csignal>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::collect::custom {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class CommandTest : public testing::Test {
 protected:
  Result<CommandResult> run(const std::vector<std::string>& words,
                            std::chrono::nanoseconds timeout = seconds(20)) {
    const WorkLimit limit{std::chrono::steady_clock::now() + timeout, stop_};
    return run_command({.words = words,
                        .environment = environment_,
                        .folder = folder_,
                        .max_output_bytes = 100'000},
                       limit, cpu_seconds_);
  }
  Result<CommandResult> shell(const std::string& text,
                              std::chrono::nanoseconds timeout = seconds(20)) {
    return run({"/bin/sh", "-c", text}, timeout);
  }

  StopSignal stop_;
  std::vector<std::pair<std::string, std::string>> environment_;
  std::string folder_ = "/";
  double cpu_seconds_ = 0;
};

TEST_F(CommandTest, GivesOutputExitCodeAndTheFirstComplaint) {
  const auto result = shell("echo out; echo; (echo; echo ' first '; echo second) >&2; exit 3");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->output, "out\n\n");
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->complaint, "first");
}

TEST_F(CommandTest, HasASmallEnvironmentAndNothingToRead) {
  ::setenv("LIVEDATA_TEST_SECRET", "x", 1);  // NOLINT(concurrency-mt-unsafe): no other threads
  environment_ = {{"A", "b c"}, {"LC_ALL", "C"}};
  folder_ = "/usr";
  const auto result = run({"env"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_THAT(result->output, HasSubstr("A=b c\n"));
  EXPECT_THAT(result->output, HasSubstr("LC_ALL=C\n"));
  EXPECT_THAT(result->output, HasSubstr("PATH=/usr/local/sbin"));
  EXPECT_THAT(result->output, testing::Not(HasSubstr("LIVEDATA_TEST_SECRET")));
  EXPECT_EQ(shell("cat; pwd; ls /proc/self/fd | wc -l")->output, "/usr\n4\n");
}

TEST_F(CommandTest, NoShellIsBetween) {
  EXPECT_EQ(run({"echo", "$HOME;", "*"})->output, "$HOME; *\n");
}

TEST_F(CommandTest, TellsWhatCannotBeStarted) {
  const auto missing = run({"/no/such/program"});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().message, "can't run /no/such/program in /: No such file or directory");
  folder_ = "/no/such/folder";
  EXPECT_FALSE(run({"true"}).has_value());
  folder_ = "/";
  EXPECT_THAT(run({"/etc/passwd"}).error().message, HasSubstr("Permission denied"));
}

TEST_F(CommandTest, EndsTheWholeGroupAtTheTimeLimit) {
  const std::string file =
      std::string(testing::TempDir()) + "command_test_pid_" + std::to_string(::getpid());
  const auto start = std::chrono::steady_clock::now();
  const auto result =
      shell("echo slow >&2; sleep 300 & echo $! > " + file + "; wait", milliseconds(500));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(result.error().message, HasSubstr("it said: slow"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(10));
  int child = 0;
  std::ifstream(file) >> child;
  ASSERT_GT(child, 0);
  // It may take a moment until init has waited for it.
  for (int i = 0; i < 100 && ::kill(child, 0) == 0; ++i) {
    std::string state;
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    std::getline(stat, state);
    if (state.find(") Z ") != std::string::npos) break;
    std::this_thread::sleep_for(milliseconds(20));
    ASSERT_LT(i, 99) << "the child lives";
  }
  std::remove(file.c_str());
}

TEST_F(CommandTest, DoesNotWaitForWhatACommandLeavesBehind) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = shell("sleep 300 & echo done");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->output, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(10));
}

TEST_F(CommandTest, WaitsForACommandThatClosesItsOutput) {
  const auto result = shell("echo a; exec >&- 2>&-; sleep 0.3; exit 5");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->output, "a\n");
  EXPECT_EQ(result->exit_code, 5);
}

TEST_F(CommandTest, BoundsOutput) {
  const auto endless = run({"yes"});
  ASSERT_FALSE(endless.has_value());
  EXPECT_EQ(endless.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(endless.error().message, "there was more than 100000 bytes of output");
  EXPECT_EQ(shell("head -c 100000 /dev/zero")->output.size(), 100'000U);
  const auto noisy = shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo ok");
  ASSERT_TRUE(noisy.has_value());
  EXPECT_EQ(noisy->output, "ok\n");
  EXPECT_EQ(noisy->complaint.size(), 200U);
}

TEST_F(CommandTest, TellsSignalsAndCpuTime) {
  EXPECT_EQ(shell("kill -TERM $$")->exit_code, -SIGTERM);
  EXPECT_GT(shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")->cpu_seconds, 0.01);
  EXPECT_FALSE(shell("while :; do :; done", milliseconds(300)).has_value());
  EXPECT_GT(cpu_seconds_, 0.01);
}

TEST_F(CommandTest, StopsWhenAsked) {
  std::thread stopper([this] {
    std::this_thread::sleep_for(milliseconds(200));
    stop_.raise();
  });
  const auto result = run({"sleep", "300"});
  stopper.join();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace livedata::collect::custom
