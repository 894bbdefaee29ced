#pragma once

namespace livedata {

/// The order in which a log query wants its records: oldest first or newest first.
enum class Direction { kForward, kBackward };

}  // namespace livedata
