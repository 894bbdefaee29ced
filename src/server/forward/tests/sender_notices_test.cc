#include "server/forward/sender_notices.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::server {
namespace {

using testing::HasSubstr;

class SenderNoticesTest : public testing::Test {
 protected:
  std::vector<std::string> told_;
  SenderNotices notices_{[this](const std::string& text) { told_.push_back(text); }};
  const SenderNotices::Time start_ = std::chrono::steady_clock::now();
};

TEST_F(SenderNoticesTest, AFewAMinuteAreToldAndTheOthersCounted) {
  for (int i = 0; i < 100; ++i) notices_.add("x", start_);
  EXPECT_EQ(told_.size(), SenderNotices::kMostPerMinute);
  notices_.add("x", start_ + std::chrono::seconds(59));
  EXPECT_EQ(told_.size(), SenderNotices::kMostPerMinute);
  notices_.add("later", start_ + std::chrono::seconds(60));
  ASSERT_EQ(told_.size(), SenderNotices::kMostPerMinute + 1);
  EXPECT_EQ(told_.back(), "later (91 notices before this one were left out)");
  notices_.add("y", start_ + std::chrono::seconds(61));
  EXPECT_EQ(told_.back(), "y");
}

TEST_F(SenderNoticesTest, WhatASenderChoseCanNotDisturbATerminal) {
  notices_.add("tag '\x1b[2J\x7f.\n.'", start_);
  EXPECT_EQ(told_.back(), "tag '?[2J?.?.'");
  notices_.add(std::string(100'000, 'x'), start_);
  EXPECT_LT(told_.back().size(), 1000U);
}

}  // namespace
}  // namespace livedata::server
