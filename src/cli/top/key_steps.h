#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/terminal/key_reader.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

// What keys mean wherever they are pressed.

/// Changes a text that is being typed. Whether the key is one for that.
bool type(std::string& text, const terminal::Key& key);

/// How far a key moves up and down, where a page has so many rows; nothing for other keys.
std::optional<std::ptrdiff_t> step_of(const terminal::Key& key, int page);

/// Not below 0.
std::size_t moved(std::size_t from, std::ptrdiff_t by);

/// Shows a message until the next key.
void say(Model& model, std::string text, bool bad = false);

}  // namespace livedata::cli::top
