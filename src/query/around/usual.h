#pragma once

#include <string_view>
#include <vector>

#include "query/around/metric_history.h"

namespace livedata::query::around {

/// What a metric usually is, and by how much it usually differs from that.
struct Usual {
  double value = 0;      ///< median
  double deviation = 0;  ///< above 0
};

/// Robust: the deviation is the median absolute one (times 1.4826, which makes it a standard
/// deviation where values are normal), but no less than what nobody would look up for, such as 2
/// percent or 100 kB/s. Orders the values anew. Precondition: there is one.
Usual usual_of(std::vector<double>& values, std::string_view field);

/// Precondition: there is a value.
double median(std::vector<double>& values);

/// Of the buckets that have readings.
std::vector<double> means(const MetricSeries& series);

/// Fields whose move another field of the same record tells more plainly.
bool is_echo(std::string_view field);

}  // namespace livedata::query::around
