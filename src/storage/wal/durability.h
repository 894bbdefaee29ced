#pragma once

#include <chrono>

namespace livedata::storage {

/// When what an append stores must survive power loss. It survives kill -9 in any case.
enum class Durability {
  kNow,   ///< on return, as WalSync says
  kSoon,  ///< within kSoonest: for what can be read again at its source, or is measured anew
};

/// Writing a page of the disk ten times for ten small appends wears it ten times.
constexpr std::chrono::seconds kSoonest(10);

}  // namespace livedata::storage
