#pragma once

#include "base/result.h"
#include "config/config.h"
#include "tenant/ingest_limiter.h"

namespace livedata {

/// How fast tenants may send, from the settings limits.* and the section `tenants` of the
/// configuration file. kInvalidArgument names file, line and column.
Result<tenant::IngestLimits> ingest_limits(const Config& config);

}  // namespace livedata
