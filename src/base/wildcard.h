#pragma once

#include <string_view>

namespace livedata {

/// Whether a text meets a pattern in which '*' stands for any characters. Linear but for
/// backtracking to the last star.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace livedata
