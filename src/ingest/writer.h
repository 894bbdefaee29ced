#pragma once

#include <memory>

#include "base/metric.h"
#include "base/result.h"
#include "ingest/decoded.h"
#include "model/tenant_id.h"
#include "storage/store.h"

namespace livedata::ingest {

/// The way from decoded requests into the store, which counts what came and what was refused.
/// Thread-safe.
class Writer {
 public:
  Writer(storage::Store& store, MetricRegistry& metrics);

  /// Durable on return, as Store::append().
  Result<void> write(const TenantId& tenant, RecordBatch batch, Bookmarks bookmarks = {});
  /// The same of a batch that the caller keeps, to write it again when it was refused.
  Result<void> write(const TenantId& tenant, const std::shared_ptr<RecordBatch>& batch,
                     Bookmarks bookmarks = {});
  /// Counts refused records by reason.
  void count_rejected(const std::vector<Rejection>& rejected);

 private:
  storage::Store& store_;
  MetricRegistry& metrics_;
  Counter& records_;
  Counter& bytes_;
};

}  // namespace livedata::ingest
