#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "collect/custom/readings.h"

namespace livedata::collect::custom {

enum class OutputFormat : std::uint8_t { kAuto, kPrometheus, kJson, kLogfmt, kNagios };

/// What a text is, by its first line that is not empty; kAuto: it is none of them.
OutputFormat detect_format(std::string_view output);

/// Reads the output in this format. kInvalidArgument says why nothing of it can be read; an empty
/// output is one without readings. `exit_code` is for Nagios alone.
Result<void> read_output(OutputFormat format, int exit_code, Readings& readings);

}  // namespace livedata::collect::custom
