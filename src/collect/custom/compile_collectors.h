#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "collect/custom/collector_spec.h"

namespace livedata::collect::custom {

/// Compiles the section `collectors` of a configuration file's whole text; none if there is no such
/// section. The first mistake is kInvalidArgument and names file, line and column.
Result<std::vector<CollectorSpec>> compile_collectors(std::string_view yaml_text,
                                                      std::string_view file_name);

}  // namespace livedata::collect::custom
