#include "query/patterns/pattern_miner.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace livedata::query::patterns {
namespace {

/// The last multiple of the step at or before the time, also before 1970.
std::int64_t step_start(TimestampNs time, std::int64_t step) {
  const std::int64_t past = time % step;
  return time - (past < 0 ? past + step : past);
}

}  // namespace

PatternMiner::PatternMiner(PatternMinerOptions options)
    : options_(options), tokenizer_(options.max_tokens) {
  LIVEDATA_CHECK(options_.step_ns > 0);
  LIVEDATA_CHECK(options_.max_clusters > 0 && options_.max_tokens > 0 && options_.max_levels > 0);
}

void PatternMiner::add(std::string_view line, std::string_view level, TimestampNs time,
                       std::uint64_t weight) {
  tree_for(level).add(tokenizer_.split(line), step_start(time, options_.step_ns), weight);
}

void PatternMiner::merge(PatternMiner&& other) {
  LIVEDATA_CHECK(options_.step_ns == other.options_.step_ns);
  merged_dropped_ += other.dropped();
  for (auto& [level, tree] : other.trees_) {
    ClusterTree& mine = tree_for(level);
    for (Cluster& cluster : tree.release()) mine.add(std::move(cluster));
  }
  other.trees_.clear();
  other.merged_dropped_ = 0;
}

std::vector<Pattern> PatternMiner::finish(std::size_t limit) const {
  // Clusters of different shapes may read the same, because variables side by side are one.
  struct Sum {
    std::uint64_t total = 0;
    StepCounts counts;
  };
  std::map<std::pair<std::string, std::string_view>, Sum> sums;  // by text and level
  for (const auto& [level, tree] : trees_) {
    for (const Cluster* cluster : tree.clusters()) {
      Sum& sum = sums[{cluster->pattern(), level}];
      sum.total += cluster->total;
      sum.counts.add(cluster->counts);
    }
  }
  using Item = decltype(sums)::const_pointer;
  std::vector<Item> items;
  items.reserve(sums.size());
  for (const auto& item : sums) items.push_back(&item);
  // The map is in order of text and level already, which breaks ties.
  std::stable_sort(items.begin(), items.end(),
                   [](Item a, Item b) { return a->second.total > b->second.total; });
  items.resize(std::min(limit, items.size()));
  std::vector<Pattern> out;
  out.reserve(items.size());
  for (const Item item : items) {
    out.push_back({item->first.first, std::string(item->first.second), item->second.counts.sorted(),
                   item->second.total});
  }
  return out;
}

std::uint64_t PatternMiner::dropped() const {
  std::uint64_t sum = merged_dropped_;
  for (const auto& [level, tree] : trees_) sum += tree.evicted();
  return sum;
}

ClusterTree& PatternMiner::tree_for(std::string_view level) {
  if (const auto found = trees_.find(level); found != trees_.end()) return found->second;
  if (trees_.size() >= options_.max_levels) level = kOtherLevel;
  const ClusterTree::Limits limits{options_.max_clusters, options_.max_routes, options_.similarity};
  return trees_.try_emplace(std::string(level), limits).first->second;
}

}  // namespace livedata::query::patterns
