#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "base/cut_text.h"
#include "base/deadline.h"
#include "base/file_system.h"
#include "base/hash.h"
#include "base/metric.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/testing/fake_clock.h"
#include "base/thread_pool.h"
#include "base/time_format.h"

namespace livedata {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(ErrorCode::kInvalidArgument, "{} is odd", n);
  return n / 2;
}

Result<int> quarter(int n) {
  LIVEDATA_TRY(const int once, half(n));
  LIVEDATA_TRY(const int twice, half(once));
  return twice;
}

TEST(ResultTest, TryGivesTheValueOrReturnsTheError) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message, "3 is odd");
  EXPECT_EQ(Error({ErrorCode::kCorrupt, "bad"}).with_context("file x").message, "file x: bad");
}

TEST(ResultTest, EveryCodeHasItsRow) {
  EXPECT_EQ(http_status(ErrorCode::kInvalidArgument), 400);
  EXPECT_EQ(http_status(ErrorCode::kResourceExhausted), 429);
  EXPECT_EQ(http_status(ErrorCode::kUnavailable), 503);
  EXPECT_EQ(exit_code(ErrorCode::kInvalidArgument), 2);
  EXPECT_EQ(name(ErrorCode::kInternal), "internal");
}

// RFC 3720 appendix B.4.
TEST(Crc32cTest, GivesThePublishedValues) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  EXPECT_EQ(crc32c(rising), 0x46DD794EU);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
}

TEST(Crc32cTest, GoesOnFromAPart) {
  EXPECT_EQ(crc32c("56789", crc32c("1234")), crc32c("123456789"));
}

TEST(TimeFormatTest, RoundTrips) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto time = static_cast<TimestampNs>(random()) % (8'000'000'000 * kNsPerSecond);
    const auto back = parse_rfc3339(format_rfc3339(time));
    ASSERT_TRUE(back.has_value()) << time;
    ASSERT_EQ(*back, time) << format_rfc3339(time);
  }
  for (int i = 0; i < 20'000; ++i) {
    const auto duration = static_cast<std::int64_t>(random() % (1ULL << 50U)) - (1LL << 49U);
    const auto back = parse_duration(format_duration(duration));
    ASSERT_TRUE(back.has_value()) << format_duration(duration);
    ASSERT_EQ(*back, duration);
  }
}

TEST(TimeFormatTest, KnowsTheFormsAndRefusesOthers) {
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(*parse_rfc3339("2026-01-02T04:04:05.25+01:00"),
            *parse_rfc3339("2026-01-02 03:04:05.250Z"));
  for (const char* text : {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                           "2026-01-01T25:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00Zx", "9999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
  }
  EXPECT_EQ(*parse_duration("1h30m"), 5400 * kNsPerSecond);
  EXPECT_EQ(*parse_duration("-1.5s"), -1'500'000'000);
  EXPECT_EQ(*parse_duration("1d"), 86'400 * kNsPerSecond);
  for (const char* text : {"", "5", "h", "5 m", "1e99y", "-", "1h-5m"})
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

TEST(DeadlineTest, CopiesShareTheCancellation) {
  const Deadline deadline;
  const Deadline copy = deadline.until(std::chrono::hours(1));
  EXPECT_TRUE(copy.check().has_value());
  deadline.cancel();
  EXPECT_EQ(copy.check().error().code, ErrorCode::kCancelled);
  EXPECT_EQ(Deadline::after(std::chrono::seconds(-1)).check().error().code,
            ErrorCode::kDeadlineExceeded);
}

TEST(ThreadPoolTest, ParallelForRunsEachOnceAndReturnsAfterAll) {
  ThreadPool pool("test", 3, 4);
  for (std::size_t count : {0U, 1U, 2U, 100U, 1000U}) {
    std::vector<std::atomic<int>> runs(count);
    parallel_for(pool, count, [&](std::size_t i) { ++runs[i]; });
    for (const auto& n : runs) ASSERT_EQ(n, 1);
  }
}

TEST(ThreadPoolTest, RefusesWhatTheQueueCannotHold) {
  Mutex block;
  block.lock();
  ThreadPool pool("test", 1, 2);
  const auto wait = [&block] { const MutexLock lock(block); };
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += pool.try_submit(wait) ? 1 : 0;
  EXPECT_GE(taken, 2);
  EXPECT_LE(taken, 3);  // one may run already
  block.unlock();
}

TEST(MetricTest, GaugesAreReadAndForgottenByTheirLabels) {
  MetricRegistry metrics;
  metrics.gauge("b", "Level", "x=\"1\"", [] { return 1.5; });
  metrics.gauge("b", "Level", "x=\"2\"", [] { return 2.5; });
  EXPECT_EQ(metrics.read_gauges("b"),
            (std::map<std::string, double>{{"x=\"1\"", 1.5}, {"x=\"2\"", 2.5}}));
  metrics.remove_gauge("b", "x=\"1\"");
  metrics.remove_gauge("b", "x=\"3\"");
  metrics.remove_gauge("c", "");
  EXPECT_EQ(metrics.read_gauges("b"), (std::map<std::string, double>{{"x=\"2\"", 2.5}}));
  EXPECT_TRUE(metrics.read_gauges("c").empty());
}

// Whoever holds a lock may count, also while somebody reads a gauge that needs the lock.
TEST(MetricTest, ReadingAGaugeKeepsNobodyFromCounting) {
  MetricRegistry metrics;
  Mutex mutex;
  metrics.gauge("b", "Level", "", [&] {
    const MutexLock lock(mutex);
    return 1.0;
  });
  std::thread counting([&] {
    for (int i = 0; i < 10'000; ++i) {
      const MutexLock lock(mutex);
      metrics.counter("a_total", "Things").add();
    }
  });
  for (int i = 0; i < 1000; ++i) static_cast<void>(metrics.render());
  counting.join();
  EXPECT_EQ(metrics.counter("a_total", "Things").value(), 10'000U);
}

TEST(MetricTest, RendersPrometheusText) {
  MetricRegistry metrics;
  metrics.counter("a_total", "Things", "kind=\"x\"").add(3);
  metrics.counter("a_total", "Things", "kind=\"x\"").add();
  metrics.gauge("b", "Level", "", [] { return 1.5; });
  EXPECT_EQ(metrics.render(),
            "# HELP a_total Things\n# TYPE a_total counter\na_total{kind=\"x\"} 4\n# HELP b "
            "Level\n# TYPE b gauge\nb 1.5\n");
}

class FileSystemTest : public testing::Test {
 protected:
  FileSystemTest() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    EXPECT_TRUE(files_.create_folders(folder_ / "a/b"));
  }
  ~FileSystemTest() override { std::filesystem::remove_all(folder_); }
  static unsigned mode(const Path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777U;
  }
  PosixFileSystem files_;
  Path folder_;
};

TEST_F(FileSystemTest, WritesAtomicallyAndReadsBack) {
  ASSERT_TRUE(write_atomically(files_, folder_ / "x", "one"));
  ASSERT_TRUE(write_atomically(files_, folder_ / "x", "two"));
  EXPECT_EQ(*files_.read_all(folder_ / "x"), "two");
  EXPECT_EQ(*files_.list(folder_), (std::vector<std::string>{"a", "x"}));
  EXPECT_EQ(files_.read_all(folder_ / "absent").error().code, ErrorCode::kNotFound);
}

TEST_F(FileSystemTest, FilesAreForTheOwnerAndItsGroup) {
  ASSERT_TRUE(write_atomically(files_, folder_ / "x", "secret"));
  EXPECT_EQ(mode(folder_ / "x") & 0137U, 0U);
  EXPECT_EQ(mode(folder_ / "a") & 0027U, 0U);
}

TEST_F(FileSystemTest, ReadsPastTheEndAreErrors) {
  ASSERT_TRUE(write_atomically(files_, folder_ / "x", "12345"));
  const auto file = files_.open(folder_ / "x");
  std::string out(3, '\0');
  ASSERT_TRUE((*file)->read_at(2, out));
  EXPECT_EQ(out, "345");
  EXPECT_EQ((*file)->read_at(3, out).error().code, ErrorCode::kCorrupt);
}

TEST_F(FileSystemTest, ALockKeepsOtherProcessesOutUntilItsHolderEnds) {
  auto lock = files_.lock(folder_ / "LOCK");
  ASSERT_TRUE(lock.has_value());
  const auto try_in_child = [&] {
    const pid_t child = fork();
    if (child == 0) {
      const auto second = files_.lock(folder_ / "LOCK");
      ::_exit(second ? 0 : second.error().code == ErrorCode::kAlreadyExists ? 1 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  EXPECT_EQ(try_in_child(), 1);
  lock->reset();
  EXPECT_EQ(try_in_child(), 0);
}

TEST(CutTextTest, EndsWithAWholeCharacter) {
  EXPECT_EQ(cut_text("abc", 3), "abc");
  EXPECT_EQ(cut_text("abcd", 3), "abc");
  EXPECT_EQ(cut_text("ab\xC3\xA4", 3), "ab");
  EXPECT_EQ(cut_text("ab\xC3\xA4z", 4), "ab\xC3\xA4");
  EXPECT_EQ(cut_text("\xF0\x9F\x98\x80", 3), "");
  EXPECT_EQ(cut_text("a\xF0\x9F\x98\x80z", 4), "a");
  EXPECT_EQ(cut_text("\x80\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");  // no UTF-8
}

}  // namespace
}  // namespace livedata
