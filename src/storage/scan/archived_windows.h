#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/tenant_id.h"
#include "storage/census/column_census.h"
#include "storage/segment/block_source.h"

namespace livedata::storage {

/// Records that have been copied out of the store, and are read where they are now. Holding it
/// keeps them readable.
struct ArchivedFile {
  std::shared_ptr<const segment::BlockSource> blocks;
  /// Id of the last delete request that its records are done with.
  std::uint64_t delete_horizon = 0;
  std::shared_ptr<const ColumnCensus> census;
  /// Segments whose records are all in it, as SegmentMeta::file names them. As long as all of them
  /// are live, the segments are read and not the file. Empty: they have gone.
  std::vector<std::string> segments = {};
};

/// Where records are that have left the store. Thread-safe.
class ArchivedWindows {
 public:
  virtual ~ArchivedWindows() = default;
  /// All archived records of a tenant, as of now. Records come into it before they leave the
  /// store's segments.
  [[nodiscard]] virtual std::vector<ArchivedFile> files(const TenantId& tenant) const = 0;
};

}  // namespace livedata::storage
