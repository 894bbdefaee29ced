#pragma once

#include <string>

#include "cli/terminal/grid.h"

namespace livedata::cli::terminal {

enum class Colors { kNone, kSixteen, kAll };

struct PaintOptions {
  Colors colors = Colors::kAll;
  bool utf8 = true;  ///< else what is not ASCII is shown by something similar that is
};

/// The bytes that turn a terminal that shows `shown` into one that shows `next`: those cells alone
/// that differ, in one synchronized update (mode 2026; terminals that do not know it ignore it).
/// Without `shown`, or if it has another size, all is cleared and written anew. Empty: they look
/// the same. Lines must not wrap at the last column (DECAWM off).
std::string repaint(const Grid* shown, const Grid& next, const PaintOptions& options);

}  // namespace livedata::cli::terminal
