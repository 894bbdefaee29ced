#pragma once

#include <string_view>
#include <vector>

#include "cli/terminal/grid.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

/// Writes a text, those of its bytes that matched marked.
/// `places` ascend. Returns the column behind it.
int put_marked(terminal::Grid& grid, int x, int y, std::string_view text, terminal::Style style,
               const std::vector<std::size_t>& places, int max_width);

/// The header in row `y`, and below it the processes in sight.
void draw_table(terminal::Grid& grid, const Model& model, int y, int height);

}  // namespace livedata::cli::top
