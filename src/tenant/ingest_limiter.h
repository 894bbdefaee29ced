#pragma once

#include <cstddef>
#include <map>

#include "base/clock.h"
#include "base/metric.h"
#include "base/mutex.h"
#include "base/result.h"
#include "model/tenant_id.h"
#include "tenant/token_bucket.h"

namespace livedata::tenant {

/// What may come in, of records and of bytes of their lines.
struct IngestRates {
  Rate records;
  Rate bytes;

  [[nodiscard]] bool is_bounded() const { return records.is_bounded() || bytes.is_bounded(); }
  bool operator==(const IngestRates&) const = default;
};

struct IngestLimits {
  IngestRates all;        ///< of all tenants together
  IngestRates of_tenant;  ///< of each that is not named below
  std::map<TenantId, IngestRates> of_tenants = {};
};

/// Lets in what each tenant, and all together, may send. What all refuse is not taken from the
/// tenant, so that one which others crowd out loses nothing of its own. Thread-safe.
class IngestLimiter {
 public:
  /// Both must outlive the object.
  IngestLimiter(IngestLimits limits, const Clock& clock, MetricRegistry& metrics);

  /// Takes the batch's share. kResourceExhausted says which limit it met, and how long to wait.
  Result<void> admit(const TenantId& tenant, std::size_t records, std::size_t bytes)
      LIVEDATA_EXCLUDES(mutex_);

 private:
  struct Buckets {
    Buckets(const IngestRates& bounds, TokenBucket::TimePoint now)
        : rates(bounds), records(bounds.records, now), bytes(bounds.bytes, now) {}
    IngestRates rates;
    TokenBucket records;
    TokenBucket bytes;
  };
  Buckets& buckets_of(const TenantId& tenant, TokenBucket::TimePoint now) LIVEDATA_REQUIRES(mutex_);
  static Result<void> take(Buckets& buckets, const std::string& whose, double records, double bytes,
                           TokenBucket::TimePoint now);

  const IngestLimits limits_;
  const Clock& clock_;
  MetricRegistry& metrics_;
  Mutex mutex_;
  Buckets all_ LIVEDATA_GUARDED_BY(mutex_);
  std::map<TenantId, Buckets> of_tenants_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::tenant
