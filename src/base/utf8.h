#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace livedata {

/// Length of the UTF-8 sequence at the start of the text, or 0 if it is none (RFC 3629).
std::size_t utf8_length(std::string_view text);

/// Whether no byte is above 127.
bool is_ascii(std::string_view text);

/// Whether the text is UTF-8.
bool is_utf8(std::string_view text);

/// The text with U+FFFD for each byte that belongs to no character.
std::string as_utf8(std::string_view text);

}  // namespace livedata
