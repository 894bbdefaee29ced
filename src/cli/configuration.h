#pragma once

#include <map>
#include <string>

#include "config/config.h"

namespace livedata::cli {

/// The configuration of this process: defaults, the file (if one is named), the environment, the
/// flags. Call before there are threads.
Result<Config> load_configuration(const std::string& config_file,
                                  const std::map<std::string, std::string>& flags);

}  // namespace livedata::cli
