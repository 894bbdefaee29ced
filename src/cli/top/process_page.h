#pragma once

#include "cli/terminal/grid.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

/// One process: facts, the last hour of its CPU and memory, and its newest logs, in rows 1 to
/// height - 2.
void draw_process_page(terminal::Grid& grid, const Model& model);

/// Its logs alone, likewise.
void draw_log_page(terminal::Grid& grid, const Model& model);

}  // namespace livedata::cli::top
