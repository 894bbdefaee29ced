#pragma once

#include "cli/terminal/grid.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

/// Rows that draw_host_strip() takes; as many as the height allows beside a table.
int strip_height(const Model& model);

/// The machine: processors, memory, load, disks, network. From row `y` on.
void draw_host_strip(terminal::Grid& grid, const Model& model, int y);

}  // namespace livedata::cli::top
