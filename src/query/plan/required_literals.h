#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace livedata::query::plan {

/// Byte strings that every text with a match of the regex (RE2 syntax) contains, as far as they can
/// be told: a scan skips what lacks them. Empty where nothing is certain.
std::vector<std::string> required_literals(std::string_view regex);

}  // namespace livedata::query::plan
