#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::encoding {

/// RFC 4648 section 4, with padding.
std::string base64_encode(std::string_view bytes);

/// Takes both alphabets of RFC 4648 (+/ and -_), with and without padding, and steps over line
/// breaks. kInvalidArgument for anything else.
Result<std::string> base64_decode(std::string_view lines);

}  // namespace livedata::encoding
