// A day of watching this machine on a clock that runs as fast as it can: metrics each second, log
// lines, queries, flushes, compaction and retention. Memory and handles must stay where they were.
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/testing/fake_clock.h"
#include "collect/host/host_metrics.h"
#include "collect/host/live_source.h"
#include "query/logql/engine.h"
#include "storage/store.h"

namespace livedata {
namespace {

constexpr int kBeatsPerHour = 3600;
constexpr int kLinesPerBeat = 20;

std::size_t resident_bytes() {
  ::malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t entries(const char* folder) {
  const std::filesystem::directory_iterator it(folder);
  return static_cast<std::size_t>(std::distance(begin(it), end(it)));
}

/// Least squares: bytes per hour.
double slope(const std::vector<std::size_t>& values) {
  const auto n = static_cast<double>(values.size());
  double sum_x = 0;
  double sum_y = 0;
  double sum_xy = 0;
  double sum_xx = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto x = static_cast<double>(i);
    const auto y = static_cast<double>(values[i]);
    sum_x += x;
    sum_y += y;
    sum_xy += x * y;
    sum_xx += x * x;
  }
  return (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x);
}

class HostSoak : public testing::Test {
 protected:
  HostSoak() {
    options_.data_folder =
        std::filesystem::path(testing::TempDir()) / fmt::format("host-soak-{}", ::getpid());
    options_.wal_sync = storage::WalSync::kOff;  // the disk's time is no matter here
    options_.retention.max_age = std::chrono::hours(4);
    std::filesystem::remove_all(options_.data_folder);
    limits_.max_cache_bytes = 8_MiB;  // full within the first hours: a cache that fills is no leak
    store_ = *storage::Store::open(options_, storage::OpenMode::kReadWrite, files_, clock_, logger_,
                                   metrics_);
    host_ = std::make_unique<collect::host::HostMetrics>(
        collect::host::HostMetricsOptions{.host = "soak", .intervals = {}},
        std::make_unique<collect::host::LiveSource>(), logger_);
    engine_ = std::make_unique<query::logql::Engine>(*store_, pool_, limits_, clock_);
  }
  ~HostSoak() override {
    engine_.reset();
    store_.reset();
    std::filesystem::remove_all(options_.data_folder);
  }

  void beat(int number) {
    clock_.advance(std::chrono::seconds(1));
    ASSERT_TRUE(
        store_->append(TenantId::single(), host_->collect(clock_.now(), clock_.steady_now())));
    RecordBatch logs;
    const auto stream =
        logs.add_stream(Labels(std::vector<Label>{{"service_name", "shop"}, {"host", "soak"}}));
    for (int i = 0; i < kLinesPerBeat; ++i)
      logs.add(stream, clock_.now() + i, fmt::format("request {} of beat {} answered", i, number));
    ASSERT_TRUE(store_->append(TenantId::single(), std::move(logs)));
    static_cast<void>(host_->render().size());
  }

  void ask() {
    query::logql::RangeQuery query;
    query.text = "avg_over_time({source=\"cpu\"} | unwrap busy_percent [5m])";
    query.start = clock_.now() - 3600 * kNsPerSecond;
    query.end = clock_.now();
    const auto answer = engine_->range(TenantId::single(), query, Deadline());
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_FALSE(std::get<query::Matrix>(answer->value).series.empty());
  }

  storage::StoreOptions options_;
  PosixFileSystem files_;
  FakeClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  Limits limits_;
  ThreadPool pool_{"soak", 1, 64};
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<collect::host::HostMetrics> host_;
  std::unique_ptr<query::logql::Engine> engine_;
};

TEST_F(HostSoak, MemoryAndHandlesStayWhereTheyAre) {
  const char* const asked = std::getenv("LIVEDATA_SOAK_HOURS");
  const int hours = asked != nullptr ? std::atoi(asked) : 24;
  ASSERT_GE(hours, 14) << "memory settles in the first ten";
  constexpr int kSettled = 10;  // retention has begun, and the caches are full
  std::vector<std::size_t> resident;
  std::size_t handles = 0;
  std::size_t threads = 0;
  for (int hour = 0; hour < hours; ++hour) {
    for (int i = 0; i < kBeatsPerHour; ++i) {
      beat(hour * kBeatsPerHour + i);
      if (i % 600 == 599) ask();
    }
    ASSERT_TRUE(store_->maintain());
    const std::size_t bytes = resident_bytes();
    const storage::StoreStatus status = store_->status();
    fmt::print("hour {:>2}: {:>6.1f} MB resident, {} handles, {} threads, {} segments, {:.1f} MB\n",
               hour + 1, static_cast<double>(bytes) / 1e6, entries("/proc/self/fd"),
               entries("/proc/self/task"), status.segments,
               static_cast<double>(status.segment_bytes) / 1e6);
    std::fflush(stdout);
    if (hour + 1 == kSettled) {
      handles = entries("/proc/self/fd");
      threads = entries("/proc/self/task");
    }
    if (hour + 1 >= kSettled) resident.push_back(bytes);
  }
  const double growth = slope(resident);
  fmt::print("memory grows by {:.3f} MB an hour\n", growth / 1e6);
  EXPECT_LT(growth, 0.3e6);
  EXPECT_LE(entries("/proc/self/fd"), handles + 8);  // segments that are open come and go
  EXPECT_LE(entries("/proc/self/task"), threads);
}

}  // namespace
}  // namespace livedata
