#pragma once

#include <string_view>

#include <yyjson.hpp>

#include "base/clock.h"
#include "base/result.h"

namespace livedata::ingest {

/// A time as senders write it: RFC 3339, or a decimal number since 1970 whose size tells whether it
/// counts seconds, milliseconds, microseconds or nanoseconds. Up to nine digits of a fraction are
/// kept. kInvalidArgument for anything else, and for times that 64 bits of nanoseconds do not
/// reach.
Result<TimestampNs> time_of_text(std::string_view text);

/// The same for a JSON number or string. A number with a fraction is a double, of which
/// microseconds are kept.
Result<TimestampNs> time_of_json(livedata_yyjson::yyjson_val* value);

}  // namespace livedata::ingest
