#pragma once

#include "collect/custom/readings.h"

namespace livedata::collect::custom {

/// Reads lines of key=value pairs. Each line becomes a reading: values that are decimal numbers, or
/// true and false, are its numbers, the others its texts. Lines without a pair are rejected.
void read_logfmt_lines(Readings& readings);

}  // namespace livedata::collect::custom
