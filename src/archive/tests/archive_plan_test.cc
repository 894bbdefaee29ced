#include "archive/archive_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"

namespace livedata::archive {
namespace {

using storage::DeleteRequest;
using storage::SegmentMeta;
using testing::ElementsAre;

TimestampNs at(const char* time) { return *parse_rfc3339(time); }

SegmentMeta segment(const std::string& file, const char* start, const char* end,
                    const char* created = "2026-01-02T00:00:00Z") {
  SegmentMeta meta;
  meta.file = file;
  meta.window_start = at(start);
  meta.window_end = at(end);
  meta.min_timestamp = meta.window_start;
  meta.max_timestamp = meta.window_end - 1;
  meta.created = at(created);
  return meta;
}

SegmentMeta second_of_january(const std::string& file) {
  return segment(file, "2026-01-02T05:00:00Z", "2026-01-02T06:00:00Z");
}

std::vector<std::string> names(const std::optional<DayJob>& job) {
  std::vector<std::string> out;
  if (job) {
    for (const SegmentMeta& meta : job->segments) out.push_back(meta.file);
  }
  return out;
}

const TimestampNs kDue = at("2026-01-10T00:00:00Z");

TEST(ArchivePlanTest, TakesTheOldestDayThatIsDue) {
  const std::vector<SegmentMeta> segments = {
      segment("c", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z"), second_of_january("a"),
      second_of_january("b")};
  EXPECT_FALSE(plan_archive(segments, {}, {}, {}, kDue - 1));
  const auto job = plan_archive(segments, {}, {}, {}, kDue);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->day, "2026-01-02");
  EXPECT_THAT(names(job), ElementsAre("a", "b"));
}

TEST(ArchivePlanTest, LeavesOutWhatIsArchivedOrReachesIntoAnotherDay) {
  ArchiveManifest manifest;
  manifest.archived_segments["2026-01-02"] = {"a"};
  const std::vector<SegmentMeta> segments = {
      second_of_january("a"), second_of_january("late"),
      segment("wide", "2026-01-02T00:00:00Z", "2026-01-04T00:00:00Z")};
  EXPECT_THAT(names(plan_archive(segments, manifest, {}, {}, kDue)), ElementsAre("late"));
}

TEST(ArchivePlanTest, WaitsForLateDataToSettle) {
  const std::vector<SegmentMeta> segments = {
      second_of_january("a"),
      segment("late", "2026-01-02T05:00:00Z", "2026-01-02T06:00:00Z", "2026-01-09T23:30:00Z")};
  EXPECT_FALSE(plan_archive(segments, {}, {}, {}, kDue));
  EXPECT_THAT(names(plan_archive(segments, {}, {}, {}, at("2026-01-10T00:30:00Z"))),
              ElementsAre("a", "late"));
}

TEST(ArchivePlanTest, WaitsForDeleteRequestsThatMayBeCancelled) {
  DeleteRequest request;
  request.id = 4;
  request.created = at("2026-01-09T12:00:00Z");
  request.range = {at("2026-01-02T00:00:00Z"), at("2026-01-02T01:00:00Z")};
  const std::vector<SegmentMeta> segments = {second_of_january("a")};
  EXPECT_FALSE(plan_archive(segments, {}, {request}, {}, kDue));
  const auto job = plan_archive(segments, {}, {request}, {}, at("2026-01-10T12:00:00Z"));
  ASSERT_TRUE(job);
  EXPECT_EQ(job->deletes.size(), 1U);
  EXPECT_EQ(job->delete_horizon, 4U);
  request.range = {at("2026-01-03T00:00:00Z"), at("2026-01-04T00:00:00Z")};
  EXPECT_TRUE(plan_archive(segments, {}, {request}, {}, kDue)) << "another day's";
}

TEST(ArchivePlanTest, AppliesDeleteRequestsToFiles) {
  ArchiveManifest manifest;
  FileEntry& file = manifest.files.emplace_back();
  file.key = file_key("2026-01-02", "logs", "x");
  file.min_timestamp = at("2026-01-02T00:00:00Z");
  file.max_timestamp = at("2026-01-02T10:00:00Z");
  file.delete_horizon = 3;
  DeleteRequest request;
  request.id = 4;
  request.created = at("2026-01-05T00:00:00Z");
  request.range = {at("2026-01-02T10:00:00Z"), at("2026-01-02T11:00:00Z")};
  const auto job = plan_archive({}, manifest, {request}, {}, kDue);
  ASSERT_TRUE(job);
  EXPECT_THAT(job->files, ElementsAre(file.key));
  manifest.files.front().delete_horizon = 4;
  EXPECT_FALSE(plan_archive({}, manifest, {request}, {}, kDue));
  manifest.files.front().delete_horizon = 3;
  request.is_processed = true;
  EXPECT_FALSE(plan_archive({}, manifest, {request}, {}, kDue));
}

TEST(ArchivePlanTest, DropsSegmentsWhenTheyNeedNotStay) {
  ArchiveManifest manifest;
  manifest.archived_segments["2026-01-02"] = {"a"};
  ArchiveOptions options;
  EXPECT_THAT(days_to_drop(manifest, options, kDue), ElementsAre("2026-01-02"));
  options.keep_native = std::chrono::hours(24 * 7);
  EXPECT_TRUE(days_to_drop(manifest, options, kDue - 1).empty());
  EXPECT_THAT(days_to_drop(manifest, options, kDue), ElementsAre("2026-01-02"));
}

}  // namespace
}  // namespace livedata::archive
