#include "app/buffer_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/buffer_gauges.h"

namespace livedata {
namespace {

using testing::HasSubstr;
using testing::Not;

class TestClock : public Clock {
 public:
  [[nodiscard]] TimestampNs now() const override { return 0; }
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override { return time; }
  std::chrono::steady_clock::time_point time;
};

class BufferWatchTest : public testing::Test {
 protected:
  MetricRegistry metrics_;
  TestClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  BufferWatch watch_{metrics_, clock_, logger_};
  double used_ = 0;
};

TEST_F(BufferWatchTest, ShowsBuffersAsLongAsTheyLive) {
  {
    const BufferGauges gauges(metrics_, "head", 200, [this] { return used_; });
    const BufferGauges none(metrics_, "none", 0, [this] { return used_; });
    used_ = 50;
    EXPECT_THAT(metrics_.render(), HasSubstr("livedata_buffer_bytes{buffer=\"head\"} 50\n"));
    EXPECT_THAT(metrics_.render(), HasSubstr("livedata_buffer_limit_bytes{buffer=\"head\"} 200\n"));
    EXPECT_THAT(metrics_.render(), HasSubstr("livedata_buffer_used_ratio{buffer=\"head\"} 0.25\n"));
    EXPECT_THAT(metrics_.render(), Not(HasSubstr("none")));
  }
  EXPECT_THAT(metrics_.render(), Not(HasSubstr("livedata_buffer")));
}

TEST_F(BufferWatchTest, WarnsOfEachBufferOnceInAMinute) {
  const BufferGauges one(metrics_, "one", 100, [this] { return used_; });
  const BufferGauges two(metrics_, "two", 200, [this] { return used_; });
  EXPECT_EQ(watch_.look(), 0);
  used_ = 71;
  EXPECT_EQ(watch_.look(), 1);
  EXPECT_EQ(watch_.look(), 0);
  used_ = 190;
  EXPECT_EQ(watch_.look(), 1);
  clock_.time += std::chrono::seconds(59);
  EXPECT_EQ(watch_.look(), 0);
  clock_.time += std::chrono::seconds(1);
  EXPECT_EQ(watch_.look(), 2);
  used_ = 10;
  clock_.time += std::chrono::minutes(2);
  EXPECT_EQ(watch_.look(), 0);
}

}  // namespace
}  // namespace livedata
