#include "ingest/writer.h"

namespace livedata::ingest {

Writer::Writer(storage::Store& store, MetricRegistry& metrics)
    : store_(store),
      metrics_(metrics),
      records_(metrics.counter("livedata_logs_ingested_total", "Records accepted and stored")),
      bytes_(metrics.counter("livedata_bytes_ingested_total",
                             "Bytes of the lines of accepted records")) {}

Result<void> Writer::write(const TenantId& tenant, RecordBatch batch, Bookmarks bookmarks) {
  return write(tenant, std::make_shared<RecordBatch>(std::move(batch)), std::move(bookmarks));
}

Result<void> Writer::write(const TenantId& tenant, const std::shared_ptr<RecordBatch>& batch,
                           Bookmarks bookmarks) {
  LIVEDATA_RETURN_IF_ERROR(store_.append(tenant, batch, std::move(bookmarks)));
  records_.add(batch->num_rows());
  bytes_.add(batch->lines().bytes().size());
  return {};
}

void Writer::count_rejected(const std::vector<Rejection>& rejected) {
  for (const Rejection& rejection : rejected) {
    metrics_
        .counter("livedata_discarded_samples_total", "Records refused, by reason",
                 fmt::format("reason=\"{}\"", rejection.reason))
        .add(rejection.count);
  }
}

}  // namespace livedata::ingest
