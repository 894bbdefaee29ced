#pragma once

#include "cli/terminal/grid.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

// What lies over the page.
void draw_signals(terminal::Grid& grid, const Model& model);
void draw_confirmation(terminal::Grid& grid, const Model& model);
void draw_hosts(terminal::Grid& grid, const Model& model);
void draw_help(terminal::Grid& grid);

}  // namespace livedata::cli::top
