#pragma once

#include "cli/top/model.h"
#include "cli/top/session.h"

namespace livedata::cli::top {

/// The model that the options describe, without any figures yet.
Model first_model(const Options& options);

/// Seconds that local time is ahead of UTC now.
int utc_offset(TimestampNs now);

}  // namespace livedata::cli::top
