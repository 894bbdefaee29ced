#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "query/patterns/cluster_tree.h"
#include "query/patterns/line_tokenizer.h"

namespace livedata::query::patterns {

/// A kind of line and how often it occurs.
struct Pattern {
  /// A LogQL pattern filter: `|> "..."` matches the lines it was made from. Valid UTF-8. "" stands
  /// for empty lines.
  std::string pattern;
  std::string level;
  /// Start of the step in ns, a multiple of the step, and count. Ascending.
  std::vector<std::pair<std::int64_t, std::uint64_t>> samples;
  std::uint64_t total = 0;
  bool operator==(const Pattern&) const = default;
};

struct PatternMinerOptions {
  std::int64_t step_ns = 0;  ///< above 0
  /// For one level; beyond it the least recently used is dropped.
  std::size_t max_clusters = 300;
  /// Words looked at in a line.
  std::size_t max_tokens = 80;
  /// Part of the telling words that two lines of one pattern share, 0 to 1.
  double similarity = 0.3;
  /// First words that get a branch of their own, for lines of one shape.
  std::size_t max_routes = 50;
  /// Lines of further levels count as kOtherLevel.
  std::size_t max_levels = 32;
};

/// Finds the patterns of log lines. Same lines in the same order, same patterns.
///
/// Memory: at most (max_levels + 1) * max_clusters templates of about 4 KiB at worst, and 16 to 32
/// bytes for each step in which a template occurs. The number of steps is the caller's to bound.
/// Not thread-safe; give each thread its own and merge them.
class PatternMiner {
 public:
  /// Loki's name for a level it cannot tell.
  static constexpr std::string_view kOtherLevel = "unknown";

  explicit PatternMiner(PatternMinerOptions options);

  /// Counts a line weight times, for callers that read only a sample of the lines.
  void add(std::string_view line, std::string_view level, TimestampNs time,
           std::uint64_t weight = 1);
  /// Adds what the other has seen. Both need the same step.
  void merge(PatternMiner&& other);

  /// Most frequent first, then by text and level.
  [[nodiscard]] std::vector<Pattern> finish(std::size_t limit) const;
  /// Weight of lines whose patterns were dropped for lack of room. With the totals of all patterns
  /// it makes up what was added.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  ClusterTree& tree_for(std::string_view level);
  PatternMinerOptions options_;
  LineTokenizer tokenizer_;
  std::map<std::string, ClusterTree, std::less<>> trees_;  // by level
  std::uint64_t merged_dropped_ = 0;
};

}  // namespace livedata::query::patterns
