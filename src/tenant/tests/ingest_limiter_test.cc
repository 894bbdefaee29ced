#include "tenant/ingest_limiter.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace livedata::tenant {
namespace {

using namespace std::chrono_literals;

const TenantId kShop = *TenantId::parse("shop");
const TenantId kLab = *TenantId::parse("lab");

class IngestLimiterTest : public testing::Test {
 protected:
  FakeClock clock_;
  MetricRegistry metrics_;
};

TEST_F(IngestLimiterTest, WithoutLimitsEverythingIsLetIn) {
  IngestLimiter limiter({}, clock_, metrics_);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.admit(kShop, 1'000'000, 1'000'000'000));
}

TEST_F(IngestLimiterTest, EachTenantHasItsOwn) {
  IngestLimits limits;
  limits.of_tenant.records = {.per_second = 100, .burst = 100};
  limits.of_tenants[kLab].records = {.per_second = 1000, .burst = 1000};
  IngestLimiter limiter(limits, clock_, metrics_);
  EXPECT_TRUE(limiter.admit(kShop, 100, 1));
  const auto refused = limiter.admit(kShop, 10, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(refused.error().message,
            "the ingestion rate limit of the tenant 'shop' is 100 records per second; try again in "
            "100ms");
  EXPECT_TRUE(limiter.admit(kLab, 1000, 1));
  EXPECT_FALSE(limiter.admit(kLab, 1, 1));
  clock_.advance(100ms);
  EXPECT_TRUE(limiter.admit(kShop, 10, 1));
  EXPECT_NE(metrics_.render().find(
                "livedata_rate_limited_records_total{tenant=\"shop\",limit=\"tenant\"} 10"),
            std::string::npos);
}

TEST_F(IngestLimiterTest, WhatOneLimitRefusesIsNotTakenFromTheOthers) {
  IngestLimits limits;
  limits.of_tenant.records = {.per_second = 10, .burst = 10};
  limits.of_tenant.bytes = {.per_second = 1000, .burst = 1000};
  limits.all.bytes = {.per_second = 1500, .burst = 1500};
  IngestLimiter limiter(limits, clock_, metrics_);
  EXPECT_TRUE(limiter.admit(kShop, 1, 1000));
  EXPECT_FALSE(limiter.admit(kShop, 9, 1));  // no bytes are left: and none of the records is taken
  EXPECT_FALSE(limiter.admit(kLab, 10, 600)) << "the server has 500 bytes left";
  EXPECT_TRUE(limiter.admit(kLab, 10, 500));
  clock_.advance(1ms);
  EXPECT_TRUE(limiter.admit(kShop, 9, 1));
}

}  // namespace
}  // namespace livedata::tenant
