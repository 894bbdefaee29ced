#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::encoding {

/// Base64 with padding (RFC 4648, section 4).
std::string base64_encode(std::string_view bytes);

/// Its opposite; line breaks are stepped over. kInvalidArgument for other characters and for wrong
/// padding.
Result<std::string> base64_decode(std::string_view text);

}  // namespace livedata::encoding
