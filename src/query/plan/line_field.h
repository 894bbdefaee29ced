#pragma once

#include <optional>
#include <string_view>

#include "base/text_arena.h"

namespace livedata::query::plan {

/// The value that a line states for a name. In a JSON object it is a member: `a.b` is the member b
/// of the member a, or one that is called so; objects and arrays come as JSON text, null as
/// nothing. In other lines it is the first pair name=value or name="value"; a comma or semicolon
/// behind a bare value is left out. Part of the line, or in the arena.
std::optional<std::string_view> find_line_field(std::string_view line, std::string_view name,
                                                TextArena& arena);

/// The value of the first well-formed pair of a logfmt line with that key.
std::optional<std::string_view> find_logfmt_value(std::string_view line, std::string_view key,
                                                  TextArena& arena);

}  // namespace livedata::query::plan
