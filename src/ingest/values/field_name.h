#pragma once

#include <cstddef>
#include <string_view>

#include "base/text_arena.h"

namespace livedata::ingest {

/// Where names of outside are cut unless a format has its own bound.
constexpr std::size_t kMaxFieldNameBytes = 256;
constexpr std::size_t kAnyNameBytes = std::string_view::npos;

/// A name of outside as a field's name: what sanitized_label_name() makes of it, "_" for none, cut
/// at `max_bytes`. Written into the arena.
std::string_view kept_field_name(std::string_view name, TextArena& arena, std::size_t max_bytes);

/// The same, but `name` itself where it will do, which then must live as long as the field.
std::string_view field_name(std::string_view name, TextArena& arena,
                            std::size_t max_bytes = kMaxFieldNameBytes);

}  // namespace livedata::ingest
