#pragma once

#include <optional>
#include <string_view>

#include "archive/s3/signature.h"

namespace livedata::archive::s3 {

/// The credentials of a profile in the text of a shared credentials file ("[name]", "key = value");
/// nothing where the profile is not there or lacks its id or its secret.
std::optional<Credentials> find_profile(std::string_view text, std::string_view profile);

}  // namespace livedata::archive::s3
