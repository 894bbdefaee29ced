#include "query/patterns/step_counts.h"

#include <algorithm>

namespace livedata::query::patterns {
namespace {

void sort_and_sum(std::vector<StepCounts::Sample>& samples) {
  std::sort(samples.begin(), samples.end());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (kept > 0 && samples[kept - 1].first == samples[i].first) {
      samples[kept - 1].second += samples[i].second;
    } else {
      samples[kept++] = samples[i];
    }
  }
  samples.resize(kept);
}

}  // namespace

void StepCounts::add(std::int64_t step, std::uint64_t count) {
  if (!samples_.empty() && samples_.back().first == step) {
    samples_.back().second += count;
    return;
  }
  if (samples_.size() >= compact_at_) compact();
  samples_.emplace_back(step, count);
}

void StepCounts::add(const StepCounts& other) {
  for (const auto& [step, count] : other.samples_) add(step, count);
}

std::vector<StepCounts::Sample> StepCounts::sorted() const {
  std::vector<Sample> out = samples_;
  sort_and_sum(out);
  return out;
}

void StepCounts::compact() {
  sort_and_sum(samples_);
  compact_at_ = std::max(kMinSize, 2 * samples_.size());
}

}  // namespace livedata::query::patterns
