#include "query/diff/contrast.h"

#include <algorithm>
#include <cmath>

namespace livedata::query::diff {

double surprise(const Sides& counts, const Sides& exposures) {
  const double seen = counts[0] + counts[1];
  const double all = exposures[0] + exposures[1];
  if (seen <= 0 || all <= 0) return 0;
  double sum = 0;
  for (const std::size_t side : {0U, 1U}) {
    const double expected = seen * exposures[side] / all;
    // What could not be there and yet is: as rare as one record of the other side.
    const double least = std::max(expected, seen / all);
    if (counts[side] > 0) sum += counts[side] * std::log(counts[side] / least);
  }
  return 2 * std::max(sum, 0.0);
}

double surprise_of_samples(std::vector<double>& before, std::vector<double>& after) {
  if (before.empty() || after.empty()) return 0;
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  double farthest = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  const auto m = static_cast<double>(before.size());
  const auto n = static_cast<double>(after.size());
  while (i < before.size() && j < after.size()) {
    const double value = std::min(before[i], after[j]);
    while (i < before.size() && before[i] <= value) ++i;
    while (j < after.size() && after[j] <= value) ++j;
    farthest =
        std::max(farthest, std::abs(static_cast<double>(i) / m - static_cast<double>(j) / n));
  }
  // 4 D^2 mn / (m + n) has the tail of chi-squared with two degrees of freedom (Smirnov, 1939).
  return 4 * farthest * farthest * m * n / (m + n);
}

Sides Basis::estimate(const Sides& counted) const {
  Sides out{counted[0] * weights[0], counted[1] * weights[1]};
  if (against == Against::kRest) out[0] = std::max(0.0, out[0] - out[1]);
  return out;
}

double Basis::score(const Sides& counted) const {
  if (against == Against::kRest) return surprise(estimate(counted), estimate(records));
  // A sample tells as much as it has records, not as much as these stand for.
  const double by_rate = surprise(counted, {seconds[0] / weights[0], seconds[1] / weights[1]});
  if (records[0] <= 0 || records[1] <= 0) return by_rate;
  return std::min(by_rate, surprise(counted, records));
}

Change Basis::change(const Sides& counted) const {
  const Sides about = estimate(counted);
  if (about[0] <= 0) return Change::kNew;
  if (about[1] <= 0) return Change::kGone;
  const Sides exposure = against == Against::kRest ? estimate(records) : seconds;
  return about[1] * exposure[0] > about[0] * exposure[1] ? Change::kMore : Change::kLess;
}

}  // namespace livedata::query::diff
