#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "collect/files/file_set.h"

namespace livedata::collect {

/// Compiles the section `files` of a configuration file's whole text; none if there is no such
/// section. The first mistake is kInvalidArgument and names file, line and column.
Result<std::vector<FileSet>> compile_files(std::string_view yaml_text, std::string_view file_name);

}  // namespace livedata::collect
