#pragma once

#include <string>

#include "cli/terminal/grid.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

/// The whole page: a function of the model alone.
terminal::Grid draw(const Model& model);

/// The machine and all rows of the table, as high as they need, without hints: for scripts.
std::string draw_report(Model model, int width);

}  // namespace livedata::cli::top
