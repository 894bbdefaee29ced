#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/result.h"

namespace livedata::storage {

/// Something that is wrong in a data folder.
struct Finding {
  std::string where;  ///< the file
  std::string what;
  std::string loss;    ///< what is lost for good if it is repaired; empty: nothing
  std::string repair;  ///< what repairing does, or did
  bool repaired = false;
};

struct CheckReport {
  std::vector<Finding> findings = {};
  std::size_t tenants = 0;
  std::size_t segments = 0;
  std::size_t blocks = 0;
  std::uint64_t rows = 0;
  std::uint64_t wal_rows = 0;
  std::uint64_t bytes = 0;  ///< that were read
};

enum class CheckMode {
  kReport,  ///< changes nothing; may run beside a server
  kRepair,  ///< takes the folder's lock
};

/// Reads everything in a data folder and holds it against its checksums, against what other parts
/// say of it, and against what the filters promise: manifests, segments with all their parts, and
/// WALs. Repairing keeps every record that can be read: a damaged manifest is rebuilt from the
/// segments, a damaged directory, posting or filter from the blocks, and a damaged block is left
/// out. What is replaced is kept beside it under a name that ends in .damaged.
Result<CheckReport> check_store(FileSystem& files, const Clock& clock, Logger& logger,
                                MetricRegistry& metrics, const Path& data_folder, CheckMode mode);

}  // namespace livedata::storage
