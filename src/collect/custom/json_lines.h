#pragma once

#include "collect/custom/readings.h"

namespace livedata::collect::custom {

/// Reads JSON objects, one per line; or one document that is an object or an array of objects. Each
/// becomes a reading: numbers and truth values are its numbers, strings its texts; nested objects
/// are flattened with '_' between the names; null and arrays are left out. A line that can't be
/// read is rejected alone.
void read_json_lines(Readings& readings);

}  // namespace livedata::collect::custom
