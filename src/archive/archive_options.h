#pragma once

#include <chrono>
#include <cstdint>

#include "base/bytes.h"
#include "base/file_system.h"

namespace livedata::archive {

struct ArchiveOptions {
  /// A day is archived so long after its end (UTC).
  std::chrono::nanoseconds after = std::chrono::hours(24 * 7);
  /// Archived segments leave the store so long after their day's end, and not before they are
  /// archived.
  std::chrono::nanoseconds keep_native{0};
  std::uint64_t file_bytes = 256_MiB;  ///< about so large files are made
  /// A day is left alone until nothing has come into it for so long.
  std::chrono::nanoseconds quiet = std::chrono::hours(1);
  /// Delete requests may be cancelled for so long, and are only then applied to files.
  std::chrono::nanoseconds cancel_period = std::chrono::hours(24);
  std::uint64_t bytes_per_second = 32_MiB;                      ///< of raw text
  std::chrono::nanoseconds interval = std::chrono::minutes(1);  ///< between two looks
  Path staging_folder = {};  ///< where files are made before they are put into the archive
};

}  // namespace livedata::archive
