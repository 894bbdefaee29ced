#include "app/store_gauges.h"

namespace livedata {

void add_store_gauges(const storage::Store& store, MetricRegistry& metrics) {
  const auto add = [&](std::string_view name, std::string_view help, auto member) {
    metrics.gauge(name, help, "",
                  [&store, member] { return static_cast<double>(store.status().*member); });
  };
  add("livedata_segments", "Segments on disk", &storage::StoreStatus::segments);
  add("livedata_segment_bytes", "Bytes of segments on disk", &storage::StoreStatus::segment_bytes);
  add("livedata_segment_records", "Records in segments", &storage::StoreStatus::segment_rows);
  add("livedata_head_bytes", "Bytes of records in memory, not yet in segments",
      &storage::StoreStatus::head_bytes);
  add("livedata_wal_bytes", "Bytes of the write-ahead logs that are not in segments yet",
      &storage::StoreStatus::wal_bytes);
  add("livedata_streams", "Streams that are held in memory", &storage::StoreStatus::streams);
  add("livedata_delete_requests", "Delete requests that are not processed yet",
      &storage::StoreStatus::delete_requests);
  add("livedata_head_records", "Records in memory, not yet in segments",
      &storage::StoreStatus::head_rows);
}

}  // namespace livedata
