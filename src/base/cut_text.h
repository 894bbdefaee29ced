#pragma once

#include <cstddef>
#include <string_view>

namespace livedata {

/// The first bytes of a text, at most so many, that end with a whole UTF-8 character.
std::string_view cut_text(std::string_view text, std::size_t max_bytes);

}  // namespace livedata
