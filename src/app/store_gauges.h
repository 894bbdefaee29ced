#pragma once

#include "base/metric.h"
#include "storage/store.h"

namespace livedata {

/// Shows on the metrics page what the store holds. The store must outlive the registry's readers.
void add_store_gauges(const storage::Store& store, MetricRegistry& metrics);

}  // namespace livedata
