#pragma once

#include <string>
#include <string_view>

namespace livedata::query::plan {

/// The text without terminal control sequences (ECMA-48: CSI such as colours, and OSC such as
/// titles and links).
std::string without_ansi_sequences(std::string_view text);

}  // namespace livedata::query::plan
