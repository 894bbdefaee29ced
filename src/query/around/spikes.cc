#include "query/around/spikes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "query/around/usual.h"

namespace livedata::query::around {
namespace {

constexpr std::size_t kMinHistory = 8;

std::optional<Spike> spike_of(const MetricKey& key, const MetricSeries& series,
                              const MetricHistory& history, const TimeRange& within) {
  std::vector<double> values = means(series);
  if (values.size() < kMinHistory) return std::nullopt;
  const auto [usual, deviation] = usual_of(values, key.field);
  std::optional<Spike> best;
  for (std::size_t i = 0; i < series.buckets.size(); ++i) {
    const MetricBucket& bucket = series.buckets[i];
    const TimestampNs start =
        history.range.start + static_cast<std::int64_t>(i) * history.bucket_ns;
    if (bucket.count == 0 || !within.meets(start, start + history.bucket_ns - 1)) continue;
    const double score = std::abs(bucket.mean() - usual) / deviation;
    if (score < kMinSpikeScore || (best && best->score >= score)) continue;
    const bool rose = bucket.mean() > usual;
    best = Spike{.metric = key,
                 .time = rose ? bucket.max_time : bucket.min_time,
                 .value = rose ? bucket.max : bucket.min,
                 .usual = usual,
                 .score = score};
  }
  return best;
}

}  // namespace

double usual_value(const MetricSeries& series) {
  std::vector<double> values = means(series);
  return values.empty() ? 0 : median(values);
}

std::vector<Spike> find_spikes(const MetricHistory& history, const TimeRange& within,
                               std::size_t limit) {
  std::map<std::pair<std::string, std::string>, Spike> strongest;
  for (const auto& [key, series] : history.series) {
    if (is_echo(key.field)) continue;
    auto spike = spike_of(key, series, history, within);
    if (!spike) continue;
    const auto [slot, is_new] = strongest.try_emplace({key.source, key.device}, *spike);
    if (!is_new && slot->second.score < spike->score) slot->second = *std::move(spike);
  }
  std::vector<Spike> out;
  for (auto& [device, spike] : strongest) out.push_back(std::move(spike));
  std::stable_sort(out.begin(), out.end(),
                   [](const Spike& a, const Spike& b) { return a.score > b.score; });
  out.resize(std::min(out.size(), limit));
  return out;
}

}  // namespace livedata::query::around
