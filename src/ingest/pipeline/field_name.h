#pragma once

#include <string_view>

#include "base/text_arena.h"

namespace livedata::ingest::pipeline {

/// `prefix`, `separator` and `name` as a field's name: '_' stands for what a name can't hold, and
/// in front of a leading digit; names of outside are cut at 256 bytes. In the arena unless `name`
/// will do as it is.
std::string_view field_name(std::string_view prefix, std::string_view separator,
                            std::string_view name, TextArena& arena);

}  // namespace livedata::ingest::pipeline
