#include "tenant/ingest_limiter.h"

#include <fmt/format.h>

#include "base/time_format.h"

namespace livedata::tenant {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

tl::unexpected<Error> over(const std::string& whose, std::string_view what, const Rate& rate,
                           std::chrono::nanoseconds wait) {
  const std::int64_t shown = std::max(wait.count() / kMillisecond, std::int64_t{1});
  return fail(ErrorCode::kResourceExhausted,
              "the ingestion rate limit of {} is {:.0f} {} per second; try again in {}", whose,
              rate.per_second, what, format_duration(shown * kMillisecond));
}

}  // namespace

IngestLimiter::IngestLimiter(IngestLimits limits, const Clock& clock, MetricRegistry& metrics)
    : limits_(std::move(limits)),
      clock_(clock),
      metrics_(metrics),
      all_(limits_.all, clock.steady_now()) {}

IngestLimiter::Buckets& IngestLimiter::buckets_of(const TenantId& tenant,
                                                  TokenBucket::TimePoint now) {
  const auto found = of_tenants_.find(tenant);
  if (found != of_tenants_.end()) return found->second;
  const auto own = limits_.of_tenants.find(tenant);
  const IngestRates& rates = own == limits_.of_tenants.end() ? limits_.of_tenant : own->second;
  return of_tenants_.try_emplace(tenant, rates, now).first->second;
}

Result<void> IngestLimiter::take(Buckets& buckets, const std::string& whose, double records,
                                 double bytes, TokenBucket::TimePoint now) {
  const IngestRates& rates = buckets.rates;
  if (rates.records.is_bounded() && !buckets.records.take(records, now))
    return over(whose, "records", rates.records, buckets.records.wait_for(records, now));
  if (rates.bytes.is_bounded() && !buckets.bytes.take(bytes, now)) {
    if (rates.records.is_bounded()) buckets.records.give_back(records);
    return over(whose, "bytes", rates.bytes, buckets.bytes.wait_for(bytes, now));
  }
  return {};
}

Result<void> IngestLimiter::admit(const TenantId& tenant, std::size_t records, std::size_t bytes) {
  const auto now = clock_.steady_now();
  const auto num_records = static_cast<double>(records);
  const auto num_bytes = static_cast<double>(bytes);
  const auto refuse = [&](std::string_view limit) {
    metrics_
        .counter("livedata_rate_limited_records_total", "Records refused by a rate limit",
                 fmt::format("tenant=\"{}\",limit=\"{}\"", tenant.text(), limit))
        .add(records);
  };
  const MutexLock lock(mutex_);
  Buckets& own = buckets_of(tenant, now);
  if (auto taken =
          take(own, fmt::format("the tenant '{}'", tenant.text()), num_records, num_bytes, now);
      !taken) {
    refuse("tenant");
    return taken;
  }
  if (auto taken = take(all_, "this server", num_records, num_bytes, now); !taken) {
    if (own.rates.records.is_bounded()) own.records.give_back(num_records);
    if (own.rates.bytes.is_bounded()) own.bytes.give_back(num_bytes);
    refuse("server");
    return taken;
  }
  return {};
}

}  // namespace livedata::tenant
