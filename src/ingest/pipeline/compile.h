#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/pipeline/pipeline.h"

namespace livedata::ingest::pipeline {

/// Compiles the section `pipelines` of a configuration file's whole text; none if there is no such
/// section. The first mistake is kInvalidArgument and names file, line and column, what was
/// expected, and the nearest name that is known.
Result<Pipelines> compile(std::string_view yaml_text, std::string_view file_name);

/// The names of all stages, in alphabetical order.
std::vector<std::string_view> stage_names();

}  // namespace livedata::ingest::pipeline
