#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/time_range.h"
#include "query/around/context.h"

namespace livedata::query::around {

/// A number that is measured again and again: a field of a source, of one device where the source
/// has several.
struct MetricKey {
  std::string source;
  std::string device;  ///< "" where the source has one
  std::string field;
  auto operator<=>(const MetricKey&) const = default;
};

/// The readings of one bucket of time.
struct MetricBucket {
  double sum = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  TimestampNs min_time = 0;
  TimestampNs max_time = 0;
  std::uint32_t count = 0;

  [[nodiscard]] double mean() const { return sum / count; }
};

struct MetricReading {
  TimestampNs time = 0;
  double value = 0;
};

struct MetricSeries {
  std::vector<MetricBucket> buckets;
  MetricReading nearest;  ///< the one closest to the instant; time 0: none is close enough
};

/// The metrics of one host over a range of time, in buckets of equal length.
struct MetricHistory {
  TimeRange range;
  std::int64_t bucket_ns = 0;
  std::map<MetricKey, MetricSeries> series;
  bool is_cut = false;  ///< there were more series than are kept
};

/// Readings farther from the instant than this say nothing about it.
constexpr std::int64_t kNearNs = 90 * kNsPerSecond;
constexpr std::size_t kMaxMetricSeries = 4000;

/// Reads all numbers of the host's metric streams but those of single processes. `at` is the
/// instant that MetricSeries::nearest is about.
Result<MetricHistory> read_metrics(const Context& context, std::string_view host,
                                   const TimeRange& range, TimestampNs at);

}  // namespace livedata::query::around
