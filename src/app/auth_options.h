#pragma once

#include "base/file_system.h"
#include "base/result.h"
#include "config/config.h"
#include "tenant/authenticator.h"

namespace livedata {

/// Who is known, from the settings auth.* and from the section `identities` of the configuration
/// file. kInvalidArgument names the setting, or file, line and column.
Result<tenant::AuthenticatorOptions> auth_options(const Config& config, FileSystem& files);

}  // namespace livedata
