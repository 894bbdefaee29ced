#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace livedata::cli {

/// One line of text that is safe on a terminal, of at most so many bytes, whole characters of them.
std::string plain_text(std::string_view text, std::size_t max_bytes = 2000);

}  // namespace livedata::cli
