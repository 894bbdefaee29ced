#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace livedata::query::patterns {

/// Counts per time step. Takes steps in any order: queries feed lines backward as often as forward,
/// so keeping the vector sorted at each insert would be quadratic for one of the two.
class StepCounts {
 public:
  using Sample = std::pair<std::int64_t, std::uint64_t>;  ///< step start in ns, count

  void add(std::int64_t step, std::uint64_t count);
  void add(const StepCounts& other);
  /// Ascending, each step once.
  [[nodiscard]] std::vector<Sample> sorted() const;

 private:
  void compact();
  std::vector<Sample> samples_;        // neighbours differ in step; otherwise unordered
  std::size_t compact_at_ = kMinSize;  // twice what is left after the last compact()
  static constexpr std::size_t kMinSize = 64;
};

}  // namespace livedata::query::patterns
