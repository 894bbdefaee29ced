#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "query/patterns/line_tokenizer.h"
#include "query/patterns/step_counts.h"

namespace livedata::query::patterns {

/// Lines of one kind: a template whose tokens are literals or variables, and how often it was seen.
struct Cluster {
  std::string text;           ///< as in TokenizedLine, of the first line
  std::vector<Token> tokens;  ///< into text; is_variable where lines of the cluster differ
  /// As in TokenizedLine, but kNoWord instead of 0 and for variables, so that neither is ever equal
  /// to an entry of a line.
  std::vector<std::uint64_t> signature;
  std::uint32_t telling_words = 0;  ///< the most that any of its lines has
  std::uint64_t shape = 0;
  std::uint64_t route = 0;
  std::uint64_t total = 0;
  StepCounts counts;

  static constexpr std::uint64_t kNoWord = 1;

  /// The text of a LogQL pattern filter that matches the lines of the cluster.
  [[nodiscard]] std::string pattern() const;
};

/// A parse tree of fixed depth after Drain (He et al., ICWS 2017): lines of one shape and one
/// routing word meet in a leaf, where they join the most similar cluster or start a new one.
///
/// Differs from the paper in its first layer: that is the shape of the line (punctuation, keys,
/// level) instead of its number of words, so that a pattern's punctuation is always that of its
/// lines.
class ClusterTree {
 public:
  struct Limits {
    std::size_t max_clusters = 0;
    std::size_t max_routes = 0;  ///< for one shape; the lines of more routes share a leaf
    double similarity = 0;
  };
  explicit ClusterTree(Limits limits) : limits_(limits) {}

  void add(const TokenizedLine& line, std::int64_t step, std::uint64_t weight);
  /// Takes over a cluster of another tree.
  void add(Cluster&& cluster);

  /// From the least to the most recently used, so that a merge keeps the order.
  [[nodiscard]] std::vector<const Cluster*> clusters() const;
  std::vector<Cluster> release();
  /// Weight of the lines whose clusters were evicted.
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = ~Slot{0};
  struct Entry {
    Cluster cluster;
    std::uint64_t leaf = 0;
    Slot older = kNone;
    Slot newer = kNone;
  };
  /// Key of the leaf for a shape and a route; enters the route if it is new and there is room.
  std::uint64_t leaf_for(std::uint64_t shape, std::uint64_t route);
  [[nodiscard]] Slot most_similar(std::uint64_t leaf, const std::vector<std::uint64_t>& signature,
                                  std::uint32_t telling_words) const;
  Slot insert(std::uint64_t leaf, Cluster&& cluster);
  void evict_oldest();
  void unlink(Slot slot);
  void append_newest(Slot slot);

  Limits limits_;
  std::vector<Entry> entries_;
  std::unordered_map<std::uint64_t, std::vector<Slot>> leaves_;
  std::unordered_map<std::uint64_t, std::size_t> routes_;  // shape -> leaves of its own routes
  Slot oldest_ = kNone;
  Slot newest_ = kNone;
  std::uint64_t evicted_ = 0;
};

}  // namespace livedata::query::patterns
