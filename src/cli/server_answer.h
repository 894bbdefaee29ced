#pragma once

#include <string>

#include "base/result.h"

namespace livedata::cli {

/// The body of a server's answer to GET; what it refuses is an error with its own words.
Result<std::string> ask_server(const std::string& address, const std::string& path_and_query);

}  // namespace livedata::cli
