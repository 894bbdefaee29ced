#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "storage/store.h"

namespace livedata::cli {

/// A data folder that a command reads itself, without a server. A running server's folder is seen
/// as it was when this was called.
Result<std::shared_ptr<const storage::Store>> open_data_folder(const std::string& path);

}  // namespace livedata::cli
