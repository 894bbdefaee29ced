#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace livedata {

/// Number of single-character changes between two words. Their sizes multiplied is its cost.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name that takes the fewest changes to be `wanted`; of several the first one. "" if there is
/// none.
std::string_view nearest_name(std::string_view wanted, std::span<const std::string_view> names);

}  // namespace livedata
