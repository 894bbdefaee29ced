#pragma once

#include "config/config.h"
#include "model/limits.h"
#include "query/sql/engine.h"

namespace livedata {

/// What is configured of the limits; the rest is as it is.
Limits limits_of(const Config& config);

query::sql::EngineLimits sql_limits(const Config& config);

}  // namespace livedata
