#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/labels.h"

namespace livedata::ingest::loki {

/// Reads the labels of a protobuf push: `{name="value", ...}`, with the escapes of a Go string.
Result<std::vector<Label>> parse_label_text(std::string_view text);

}  // namespace livedata::ingest::loki
