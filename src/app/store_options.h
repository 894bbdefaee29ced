#pragma once

#include "config/config.h"
#include "storage/store.h"

namespace livedata {

/// What the configuration says of storage. Errors name the key.
Result<storage::StoreOptions> store_options(const Config& config);

/// A retention rule as text: a selector, then any of age=TIME (or age=forever), bytes=SIZE,
/// records=NUMBER, priority=NUMBER and hold, such as `{app="debug"} age=24h priority=10`.
Result<storage::RetentionRule> parse_retention_rule(std::string_view text);

}  // namespace livedata
