#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "query/patterns/pattern_miner.h"

// The input is log lines, given to two miners in turn, which are then merged; two patterns of each
// level fit. What was added must be in the patterns or among the dropped.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using livedata::query::patterns::Pattern;
  using livedata::query::patterns::PatternMiner;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  PatternMiner miner({.step_ns = 1000, .max_clusters = 2, .max_levels = 1});
  PatternMiner other({.step_ns = 1000, .max_clusters = 2, .max_levels = 1});
  std::uint64_t added = 0;
  for (std::uint64_t i = 0; !input.empty(); ++i) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    (i % 2 == 0 ? miner : other)
        .add(line, i % 5 == 0 ? "info" : "error", static_cast<std::int64_t>(i * 300), 1 + i % 3);
    added += 1 + i % 3;
  }
  miner.merge(std::move(other));
  std::uint64_t found = miner.dropped();
  for (const Pattern& pattern : miner.finish(1000)) found += pattern.total;
  if (found != added) std::abort();
  return 0;
}
