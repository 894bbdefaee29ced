#include "cli/progress.h"

#include <gtest/gtest.h>

namespace livedata::cli {
namespace {

TEST(ProgressTest, ShowsShareRateAndTimeLeft) {
  ProgressState state{.what = "app.log",
                      .share = 0.25,
                      .records = 1'234'567,
                      .bytes = 20U << 20U,
                      .elapsed = std::chrono::seconds(10)};
  EXPECT_EQ(render_progress(state, 200),
            "app.log [#####               ]  25 %  1,234,567 records  123,456/s  2.0 MiB/s  "
            "0:30 left");
  EXPECT_EQ(render_progress(state, 11), "app.log [##");
  state.share = 1.5;
  EXPECT_EQ(render_progress(state, 200),
            "app.log [####################] 100 %  1,234,567 records  123,456/s  2.0 MiB/s");
}

TEST(ProgressTest, LeavesOutWhatNobodyKnows) {
  EXPECT_EQ(
      render_progress({.what = "stdin", .records = 7, .elapsed = std::chrono::seconds(1)}, 80),
      "stdin  7 records  7/s");
  EXPECT_EQ(render_progress({.share = 0.001, .elapsed = std::chrono::seconds(10)}, 80),
            " [                    ]   0 %  0 records  0/s  2:46:30 left");
}

}  // namespace
}  // namespace livedata::cli
