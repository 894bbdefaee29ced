#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/lru_cache.h"
#include "query/logql/ast.h"
#include "query/logql/metric_query.h"

namespace livedata::query::logql {

/// A part of a range aggregation's result: some steps of a grid.
struct CachedSteps {
  std::uint64_t stamp = 0;  ///< of the records that the steps were made of
  plan::StepVector series;  ///< steps counted from the part's first one
};

/// Results of range aggregations by the steps of their grids, so that a dashboard that is loaded
/// again computes the new steps only. A part is valid as long as no record has come to, or gone
/// from, the time that its windows cover. Thread-safe.
class ResultCache {
 public:
  explicit ResultCache(std::size_t max_bytes) : parts_(max_bytes) {}

  using Compute = std::function<Result<plan::StepVector>(const plan::StepGrid&)>;
  /// The aggregation at every step of the grid: from the cache, and for what it has not, computed.
  Result<plan::StepVector> get(const RangeAggregation& aggregation, const Grouping* grouping,
                               const MetricContext& context, const Compute& compute);
  [[nodiscard]] std::size_t size_bytes() const { return parts_.size_bytes(); }

 private:
  struct Key {
    std::string query;      ///< tenant, aggregation, grouping, step and where the grid begins in it
    std::int64_t part = 0;  ///< number of the part since 1970
    auto operator<=>(const Key&) const = default;
  };
  class Filling;
  LruCache<Key, CachedSteps> parts_;
};

/// Whether the result depends on stored records and the grid alone.
bool is_cacheable(const RangeAggregation& aggregation, const MetricContext& context);

}  // namespace livedata::query::logql
