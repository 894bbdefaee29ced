#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::cli {

/// The answer of /api/v1/diff for a person.
Result<std::string> show_diff(std::string_view json);

}  // namespace livedata::cli
