#include "tenant/sessions.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace livedata::tenant {
namespace {

TEST(SessionsTest, ASessionStandsForItsHeaderUntilItEnds) {
  FakeClock clock;
  Sessions sessions(clock, system_random());
  const std::string one = sessions.begin("Bearer a");
  const std::string two = sessions.begin("Bearer b");
  EXPECT_NE(one, two);
  EXPECT_EQ(sessions.find(one), "Bearer a");
  EXPECT_EQ(sessions.find(two), "Bearer b");
  EXPECT_EQ(sessions.find(""), "");
  EXPECT_EQ(sessions.find(one + "x"), "");
  sessions.end(one);
  EXPECT_EQ(sessions.find(one), "");
  clock.advance(Sessions::kLifetime);
  EXPECT_EQ(sessions.find(two), "");
}

TEST(SessionsTest, TheOldestGoesWhereThereAreTooMany) {
  FakeClock clock;
  Sessions sessions(clock, system_random());
  const std::string first = sessions.begin("first");
  std::string last;
  for (std::size_t i = 0; i < Sessions::kMaxSessions; ++i) {
    clock.advance(std::chrono::milliseconds(1));
    last = sessions.begin("later");
  }
  EXPECT_EQ(sessions.find(first), "");
  EXPECT_EQ(sessions.find(last), "later");
}

}  // namespace
}  // namespace livedata::tenant
