#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace livedata::query::plan {

/// Byte strings that every text with a match of the regex (RE2 syntax) contains, as far as they can
/// be told: a scan skips what lacks them. Empty where nothing is certain.
std::vector<std::string> required_literals(std::string_view regex);

/// The byte strings of a regex that is nothing but a choice of them, such as `timeout|refused` or
/// `(GET|POST)`: a text matches it just if it contains one. Empty for any other regex.
std::vector<std::string> literal_choice(std::string_view regex);

}  // namespace livedata::query::plan
