#pragma once

#include <string>

#include "loggen/line_generator.h"

namespace livedata::loggen {

/// A batch as the body of Loki's push: JSON, or a snappy block of protobuf.
std::string json_body(const GeneratedBatch& batch, const std::vector<FleetStream>& streams);
std::string protobuf_body(const GeneratedBatch& batch, const std::vector<FleetStream>& streams);

}  // namespace livedata::loggen
