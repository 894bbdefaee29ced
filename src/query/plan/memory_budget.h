#pragma once

#include <atomic>
#include <cstddef>

#include "base/result.h"

namespace livedata::query::plan {

/// What one query may keep in memory, shared by its threads. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes) : limit_(bytes) {}

  /// kInvalidArgument when the budget is used up: the query must be made smaller.
  Result<void> take(std::size_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit_) return {};
    return fail(
        ErrorCode::kInvalidArgument,
        "the query needs more than {} MiB of memory: group its series, "
        "for instance by sum by (service_name) (...), take a larger step or a shorter range",
        limit_ / (1024 * 1024));
  }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_ = 0;
};

}  // namespace livedata::query::plan
