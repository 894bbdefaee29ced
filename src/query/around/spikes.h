#pragma once

#include <cstddef>
#include <vector>

#include "model/time_range.h"
#include "query/around/metric_history.h"

namespace livedata::query::around {

/// A metric that was not as it usually is.
struct Spike {
  MetricKey metric;
  TimestampNs time = 0;  ///< of the farthest reading
  double value = 0;      ///< that reading
  double usual = 0;      ///< median over the history
  double score = 0;      ///< how many usual deviations away; at least kMinSpikeScore
};

constexpr double kMinSpikeScore = 5;

/// The metrics that moved farthest within the range, compared with the whole history: the strongest
/// field of each source and device, best score first. A metric needs a history of eight buckets.
///
/// The score is robust: distance of a bucket's mean from the median, in median absolute deviations
/// (times 1.4826, which makes it a standard deviation where values are normal), but no smaller unit
/// than what nobody would look up for, such as 2 percent or 100 kB/s.
std::vector<Spike> find_spikes(const MetricHistory& history, const TimeRange& within,
                               std::size_t limit);

/// Median of what the metric usually is; 0 without a reading.
double usual_value(const MetricSeries& series);

}  // namespace livedata::query::around
