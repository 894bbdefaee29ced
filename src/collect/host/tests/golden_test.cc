#include <sstream>

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "collect/host/folder_source.h"
#include "collect/host/host_metrics.h"
#include "collect/host/tests/recorded_tree.h"

namespace livedata::collect::host {
namespace {

constexpr TimestampNs kNow = 1'700'012'345'000'000'000;

/// A machine of which two moments were recorded, five seconds apart. What is expected is in
/// web1.records and web1.metrics; with UPDATE_GOLDEN=1 in the environment they are written anew.
class GoldenTest : public testing::Test {
 protected:
  std::string collect_twice(HostMetrics& metrics, const std::function<void()>& in_between) {
    std::string records = to_text(metrics.collect(kNow, steady_));
    in_between();
    steady_ += std::chrono::seconds(5);
    records += to_text(metrics.collect(kNow + 5 * kNsPerSecond, steady_));
    return records;
  }

  static void check(const std::string& name, const std::string& text) {
    if (std::getenv("UPDATE_GOLDEN") != nullptr)
      std::ofstream(std::string(HOST_TREES) + "/" + name) << text;
    EXPECT_EQ(text, golden(name));
  }

  /// Without what is measured of this run and differs from the next one.
  static std::string repeatable(const std::string& metrics) {
    std::istringstream in(metrics);
    std::string kept;
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with("node_scrape_collector_duration_seconds{")) kept += line + "\n";
    }
    return kept;
  }

  FakeClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  std::chrono::steady_clock::time_point steady_{std::chrono::hours(1)};
};

TEST_F(GoldenTest, RecordsAndMetricsOfASnapshot) {
  auto source = std::make_unique<SnapshotSource>();
  SnapshotSource& files = *source;
  put_tree("web1_before", files);
  files.put_filesystem("/", {.total_bytes = 1000000,
                             .free_bytes = 400000,
                             .available_bytes = 350000,
                             .files = 10000,
                             .files_free = 9000});
  files.put_filesystem("/run", {.total_bytes = 500000,
                                .free_bytes = 499000,
                                .available_bytes = 499000,
                                .files = 100,
                                .files_free = 90});
  HostMetrics metrics({.host = "web1", .intervals = {}}, std::move(source), logger_);
  check("web1.records", collect_twice(metrics, [&files] { put_tree("web1_after", files); }));
  check("web1.metrics", repeatable(metrics.render()));
  EXPECT_EQ(metrics.missing(), std::set<std::string>());
}

TEST_F(GoldenTest, TheSameFromAFolder) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "host_web1";
  std::filesystem::remove_all(folder);
  write_tree("web1_before", folder);
  HostMetrics metrics({.host = "web1", .intervals = {}},
                      std::make_unique<FolderSource>(folder.string()), logger_);
  check("web1.records", collect_twice(metrics, [&folder] { write_tree("web1_after", folder); }));
  check("web1.metrics", repeatable(metrics.render()));
  std::filesystem::remove_all(folder);
}

TEST_F(GoldenTest, AMachineThatShowsNothingIsSilent) {
  HostMetrics metrics({.host = "web1", .intervals = {}}, std::make_unique<SnapshotSource>(),
                      logger_);
  EXPECT_EQ(collect_twice(metrics, [] {}), "");
  EXPECT_EQ(metrics.missing().size(), HostMetrics::collectors().size());
  EXPECT_NE(metrics.render().find("livedata_host_collector_success{collector=\"cpu\"} 0\n"),
            std::string::npos);
}

}  // namespace
}  // namespace livedata::collect::host
