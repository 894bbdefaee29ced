#pragma once

#include <string>

#include "ingest/otlp/log_record.h"

namespace livedata::ingest::otlp {

/// A value as text: strings as they are, bytes as base64, numbers in their shortest form, arrays
/// and maps as compact JSON in the sender's order.
std::string text_of(const Value& value);

}  // namespace livedata::ingest::otlp
