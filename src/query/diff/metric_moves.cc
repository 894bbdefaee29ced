#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "query/around/around.h"
#include "query/around/usual.h"
#include "query/diff/machine_moves.h"

namespace livedata::query::diff {
namespace {

constexpr std::size_t kMaxHosts = 100;
constexpr double kMinScore = 3;  // usual deviations

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

void compare(const std::string& host, const around::MetricHistory& before,
             const around::MetricHistory& after, std::vector<Finding>& out) {
  std::map<std::pair<std::string, std::string>, Finding> strongest;
  for (const auto& [key, series] : after.series) {
    const auto found = before.series.find(key);
    if (found == before.series.end() || around::is_echo(key.field)) continue;
    std::vector<double> was = around::means(found->second);
    const std::vector<double> is = around::means(series);
    if (was.empty() || is.empty()) continue;
    const double mean_before = mean(was);
    const double mean_after = mean(is);
    const double score =
        std::abs(mean_after - mean_before) / around::usual_of(was, key.field).deviation;
    if (score < kMinScore) continue;
    Finding& slot = strongest[{key.source, key.device}];
    if (slot.score >= score) continue;
    slot = {.kind = FindingKind::kMetric,
            .change = mean_after > mean_before ? Change::kMore : Change::kLess,
            .name = fmt::format("{}.{}", key.source, key.field),
            .value = key.device.empty() ? host : fmt::format("{} {}", host, key.device),
            .before = mean_before,
            .after = mean_after,
            .score = score};
  }
  for (auto& [device, finding] : strongest) out.push_back(std::move(finding));
}

}  // namespace

Result<std::vector<Finding>> metric_moves(const around::Context& context, const TimeRange& before,
                                          const TimeRange& after) {
  LIVEDATA_TRY(auto hosts, around::hosts_in(context, after));
  hosts.resize(std::min(hosts.size(), kMaxHosts));
  std::vector<Finding> out;
  for (const std::string& host : hosts) {
    LIVEDATA_TRY(const auto was, around::read_metrics(context, host, before, before.end));
    LIVEDATA_TRY(const auto is, around::read_metrics(context, host, after, after.end));
    compare(host, was, is, out);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Finding& a, const Finding& b) { return a.score > b.score; });
  return out;
}

}  // namespace livedata::query::diff
