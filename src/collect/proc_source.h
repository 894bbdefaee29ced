#pragma once

#include <optional>
#include <string>

#include "base/file_system.h"
#include "collect/host/text_scan.h"

namespace livedata::collect {

using host::TextScanner;

/// A file that is read once. Nothing when it can't be read; at most `max_bytes` of it.
std::optional<std::string> read_small_file(const Path& path, std::size_t max_bytes = 4096);

}  // namespace livedata::collect
