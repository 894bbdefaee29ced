#pragma once

#include <vector>

#include "base/result.h"
#include "collect/files/file_set.h"
#include "config/config.h"

namespace livedata {

/// The log files that the configuration asks for, by its section `files` and by the command line.
Result<std::vector<collect::FileSet>> files_to_follow(const Config& config);

}  // namespace livedata
