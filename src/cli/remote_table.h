#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::cli {

/// The answer of GET /api/v1/remotes as a table for people, each problem on a line below its
/// remote.
Result<std::string> remote_table(std::string_view json);

}  // namespace livedata::cli
