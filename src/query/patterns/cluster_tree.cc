#include "query/patterns/cluster_tree.h"

#include <algorithm>
#include <utility>

#include "query/patterns/pattern_text.h"

namespace livedata::query::patterns {
namespace {

std::uint64_t leaf_key(std::uint64_t shape, std::uint64_t route) {
  const std::uint64_t x = (shape ^ (route * 0xC2B2AE3D27D4EB4FULL)) * 0x9E3779B97F4A7C15ULL;
  return x ^ (x >> 32);
}

/// Leaf of the lines without a routing word and of those whose routes found no room.
std::uint64_t shared_leaf(std::uint64_t shape) { return leaf_key(shape, 0); }

/// Makes the tokens variables that differ. The lines have one shape, so tokens stand side by side.
void generalize(Cluster& cluster, const std::vector<Token>& tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    Token& token = cluster.tokens[i];
    if (token.is_variable || (token.hash == tokens[i].hash && !tokens[i].is_variable)) continue;
    token.is_variable = true;
    cluster.signature[i] = Cluster::kNoWord;
  }
}

}  // namespace

std::string Cluster::pattern() const {
  PatternText out;
  for (const Token& token : tokens) {
    if (token.is_variable) {
      out.variable();
      continue;
    }
    std::string_view rest = std::string_view(text).substr(token.begin, token.size);
    while (true) {
      const std::size_t at = rest.find(kVariableByte);
      out.literal(rest.substr(0, at));
      if (at == std::string_view::npos) break;
      out.variable();
      rest.remove_prefix(at + 1);
    }
  }
  return out.take();
}

void ClusterTree::add(const TokenizedLine& line, std::int64_t step, std::uint64_t weight) {
  const std::uint64_t leaf = leaf_for(line.shape, line.route);
  Slot slot = most_similar(leaf, line.signature, line.telling_words);
  if (slot == kNone) {
    Cluster cluster;
    cluster.text = line.text;
    cluster.tokens = line.tokens;
    cluster.signature = line.signature;
    std::replace(cluster.signature.begin(), cluster.signature.end(), std::uint64_t{0},
                 Cluster::kNoWord);
    cluster.shape = line.shape;
    cluster.route = line.route;
    slot = insert(leaf, std::move(cluster));
  } else {
    generalize(entries_[slot].cluster, line.tokens);
    unlink(slot);
    append_newest(slot);
  }
  Cluster& cluster = entries_[slot].cluster;
  cluster.telling_words = std::max(cluster.telling_words, line.telling_words);
  cluster.total += weight;
  cluster.counts.add(step, weight);
}

void ClusterTree::add(Cluster&& cluster) {
  const std::uint64_t leaf = leaf_for(cluster.shape, cluster.route);
  // Seen as a line: what varies in it is like nothing in the clusters here.
  std::vector<std::uint64_t> signature = cluster.signature;
  std::replace(signature.begin(), signature.end(), Cluster::kNoWord, std::uint64_t{0});
  const Slot slot = most_similar(leaf, signature, cluster.telling_words);
  if (slot == kNone) {
    insert(leaf, std::move(cluster));
    return;
  }
  Cluster& mine = entries_[slot].cluster;
  generalize(mine, cluster.tokens);
  mine.telling_words = std::max(mine.telling_words, cluster.telling_words);
  mine.total += cluster.total;
  mine.counts.add(cluster.counts);
  unlink(slot);
  append_newest(slot);
}

std::vector<const Cluster*> ClusterTree::clusters() const {
  std::vector<const Cluster*> out;
  out.reserve(entries_.size());
  for (Slot slot = oldest_; slot != kNone; slot = entries_[slot].newer) {
    out.push_back(&entries_[slot].cluster);
  }
  return out;
}

std::vector<Cluster> ClusterTree::release() {
  std::vector<Cluster> out;
  out.reserve(entries_.size());
  for (Slot slot = oldest_; slot != kNone; slot = entries_[slot].newer) {
    out.push_back(std::move(entries_[slot].cluster));
  }
  *this = ClusterTree(limits_);
  return out;
}

std::uint64_t ClusterTree::leaf_for(std::uint64_t shape, std::uint64_t route) {
  const std::uint64_t own = leaf_key(shape, route);
  if (route == 0 || leaves_.contains(own)) return own;
  const auto routes = routes_.find(shape);
  return routes != routes_.end() && routes->second >= limits_.max_routes ? shared_leaf(shape) : own;
}

ClusterTree::Slot ClusterTree::most_similar(std::uint64_t leaf,
                                            const std::vector<std::uint64_t>& signature,
                                            std::uint32_t telling_words) const {
  const auto found = leaves_.find(leaf);
  if (found == leaves_.end()) return kNone;
  Slot best = kNone;
  std::uint32_t best_equal = 0;
  std::uint32_t best_words = 1;
  for (const Slot slot : found->second) {
    const Cluster& cluster = entries_[slot].cluster;
    // Two shapes with one hash would have to meet for this; but then sizes must not be mixed up.
    if (cluster.signature.size() != signature.size()) continue;
    std::uint32_t equal = 0;
    for (std::size_t i = 0; i < signature.size(); ++i) {
      equal += static_cast<std::uint32_t>(cluster.signature[i] == signature[i]);
    }
    // Against the larger of the two: then a line that once joined a cluster is always similar to
    // it, however much the cluster was generalized since.
    const std::uint32_t words = std::max(telling_words, cluster.telling_words);
    if (equal < limits_.similarity * words) continue;
    const bool is_better =
        best == kNone || std::uint64_t{equal} * best_words > std::uint64_t{best_equal} * words;
    if (!is_better) continue;
    best = slot;
    best_equal = equal;
    best_words = std::max<std::uint32_t>(words, 1);
    if (equal == words) break;
  }
  return best;
}

ClusterTree::Slot ClusterTree::insert(std::uint64_t leaf, Cluster&& cluster) {
  Slot slot = static_cast<Slot>(entries_.size());
  if (entries_.size() >= limits_.max_clusters) {
    slot = oldest_;
    evict_oldest();
  } else {
    entries_.emplace_back();
  }
  std::vector<Slot>& members = leaves_[leaf];
  if (members.empty() && leaf != shared_leaf(cluster.shape)) ++routes_[cluster.shape];
  members.push_back(slot);
  entries_[slot].cluster = std::move(cluster);
  entries_[slot].leaf = leaf;
  append_newest(slot);
  return slot;
}

void ClusterTree::evict_oldest() {
  const Slot slot = oldest_;
  unlink(slot);
  const Entry& entry = entries_[slot];
  evicted_ += entry.cluster.total;
  const auto members = leaves_.find(entry.leaf);
  std::erase(members->second, slot);
  if (!members->second.empty()) return;
  leaves_.erase(members);
  if (entry.leaf == shared_leaf(entry.cluster.shape)) return;
  const auto routes = routes_.find(entry.cluster.shape);
  if (--routes->second == 0) routes_.erase(routes);
}

void ClusterTree::unlink(Slot slot) {
  const Entry& entry = entries_[slot];
  (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
}

void ClusterTree::append_newest(Slot slot) {
  Entry& entry = entries_[slot];
  entry.older = newest_;
  entry.newer = kNone;
  (newest_ == kNone ? oldest_ : entries_[newest_].newer) = slot;
  newest_ = slot;
}

}  // namespace livedata::query::patterns
