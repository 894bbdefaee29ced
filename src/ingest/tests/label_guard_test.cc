#include "ingest/label_guard.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;
constexpr TimestampNs kDay = 24 * 3600 * kNsPerSecond;

class LabelGuardTest : public testing::Test {
 protected:
  /// What is taken away of a stream; stream_ is what is left.
  std::vector<Label> take(std::vector<Label> labels, TimestampNs now = kNow) {
    labels.push_back({"service_name", "shop"});
    stream_ = std::make_shared<const Stream>(Labels(std::move(labels)));
    return guard_.take_away(stream_, "loki", now);
  }

  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  LabelGuard guard_{3, logger_};
  StreamRef stream_;
};

TEST_F(LabelGuardTest, FurtherValuesAreTakenAway) {
  for (const char* pod : {"a", "b", "c", "a"}) EXPECT_THAT(take({{"pod", pod}}), IsEmpty());
  EXPECT_THAT(take({{"pod", "d"}, {"env", "prod"}}), ElementsAre(Label{"pod", "d"}));
  EXPECT_EQ(stream_->labels.to_string(), R"({env="prod", service_name="shop"})");
  EXPECT_EQ(stream_->id, stream_id(stream_->labels));
  EXPECT_THAT(take({{"pod", "d"}, {"env", "prod"}}), ElementsAre(Label{"pod", "d"}));
  EXPECT_THAT(take({{"pod", "c"}, {"env", "prod"}}), IsEmpty());
}

TEST_F(LabelGuardTest, ADayLaterTheCountBeginsAnew) {
  for (const char* pod : {"a", "b", "c"}) take({{"pod", pod}});
  EXPECT_THAT(take({{"pod", "d"}}, kNow + kDay - 1), testing::SizeIs(1));
  EXPECT_THAT(take({{"pod", "d"}}, kNow + kDay), IsEmpty());
  EXPECT_THAT(take({{"pod", "e"}}, kNow + kDay), IsEmpty());
  EXPECT_THAT(take({{"pod", "f"}}, kNow + kDay), IsEmpty());
  // What was known yesterday is not known any more.
  EXPECT_THAT(take({{"pod", "a"}}, kNow + kDay), testing::SizeIs(1));
}

TEST_F(LabelGuardTest, AServiceAlwaysHasAName) {
  const auto take_service = [this](const std::string& name) {
    stream_ = std::make_shared<const Stream>(Labels({{"service_name", name}}));
    return guard_.take_away(stream_, "otlp", kNow);
  };
  for (const char* name : {"a", "b", "c"}) EXPECT_THAT(take_service(name), IsEmpty());
  EXPECT_THAT(take_service("d"), ElementsAre(Label{"service_name_raw", "d"}));
  EXPECT_EQ(stream_->labels.to_string(), R"({service_name="unknown_service"})");
  EXPECT_THAT(take_service("unknown_service"), IsEmpty());
}

TEST_F(LabelGuardTest, TheNumberOfLabelsIsBoundedToo) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < LabelGuard::kMaxNames + 50; ++i) {
    // One value each, or the bound of all values would come first.
    std::string name = "label_";
    name += std::to_string(i);
    taken += take({{name, "x"}}).size();
  }
  EXPECT_GT(taken, 50U);
  EXPECT_THAT(take({{"one_more", "x"}}), testing::SizeIs(1));
}

TEST_F(LabelGuardTest, AllLabelsTogetherHaveABound) {
  std::size_t admitted = 0;
  for (int name = 0; name < 200; ++name) {
    for (int value = 0; value < 3; ++value)
      admitted += 1 - take({{"l" + std::to_string(name), std::to_string(value)}}).size();
  }
  EXPECT_LE(admitted, 3 * LabelGuard::kLabelsAtTheLimit);
  EXPECT_GT(admitted, 2 * LabelGuard::kLabelsAtTheLimit);
  EXPECT_THAT(take({{"l0", "0"}, {"l1", "1"}}), IsEmpty());  // known ones stay
}

TEST_F(LabelGuardTest, ZeroIsNoBound) {
  LabelGuard guard(0, logger_);
  for (int i = 0; i < 100; ++i) {
    StreamRef stream = std::make_shared<const Stream>(Labels({{"pod", std::to_string(i)}}));
    EXPECT_THAT(guard.take_away(stream, "loki", kNow), IsEmpty());
  }
}

TEST_F(LabelGuardTest, ManyThreadsTogetherGetTheLimit) {
  LabelGuard guard(100, logger_);
  std::atomic<int> admitted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) {
        StreamRef stream =
            std::make_shared<const Stream>(Labels({{"pod", std::to_string(t * 1000 + i)}}));
        admitted += guard.take_away(stream, "loki", kNow).empty() ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admitted, 100);
}

}  // namespace
}  // namespace livedata::ingest
