#include "query/around/usual.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace livedata::query::around {
namespace {

constexpr double kNormalDeviation = 1.4826;
constexpr double kShareOfUsual = 0.05;

/// The least change of a metric that is worth a look, by the unit in its name.
double least_change(std::string_view field) {
  struct Unit {
    std::string_view ending;
    double change;
  };
  static constexpr std::array<Unit, 7> kUnits = {{{"_bytes_per_second", 100e3},
                                                  {"_per_second", 10},
                                                  {"_percent", 2},
                                                  {"_bytes", 16e6},
                                                  {"_ms", 5},
                                                  {"celsius", 3},
                                                  {"oom_kills", 0.01}}};
  for (const Unit& unit : kUnits) {
    if (field.ends_with(unit.ending)) return unit.change;
  }
  return 1;
}

}  // namespace

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<double> means(const MetricSeries& series) {
  std::vector<double> out;
  for (const MetricBucket& bucket : series.buckets) {
    if (bucket.count > 0) out.push_back(bucket.mean());
  }
  return out;
}

bool is_echo(std::string_view field) {
  return field == "idle_percent" || field == "free_bytes" || field == "available_bytes" ||
         field.ends_with("_limit") || field.ends_with("_limit_bytes");
}

Usual usual_of(std::vector<double>& values, std::string_view field) {
  const double usual = median(values);
  std::transform(values.begin(), values.end(), values.begin(),
                 [usual](double value) { return std::abs(value - usual); });
  return {usual, std::max({kNormalDeviation * median(values), kShareOfUsual * std::abs(usual),
                           least_change(field)})};
}

}  // namespace livedata::query::around
