#pragma once

#include "cli/terminal/style.h"

namespace livedata::cli::top {

// Colours that are read on dark and on light backgrounds alike; where a background is set, so is
// the ink on it.
inline constexpr terminal::Style kPlain{};
inline constexpr terminal::Style kStrong = terminal::Style{}.strong();
inline constexpr terminal::Style kDim = terminal::ink(245);
inline constexpr terminal::Style kTrack = terminal::ink(240);
inline constexpr terminal::Style kLabel = terminal::ink(74);
inline constexpr terminal::Style kGreen = terminal::ink(71);
inline constexpr terminal::Style kYellow = terminal::ink(178);
inline constexpr terminal::Style kOrange = terminal::ink(208);
inline constexpr terminal::Style kRed = terminal::ink(203);
inline constexpr terminal::Style kBlue = terminal::ink(68);
inline constexpr terminal::Style kViolet = terminal::ink(140);
inline constexpr terminal::Style kMatch = terminal::ink(214).strong();
inline constexpr terminal::Style kTitle = terminal::ink(255).on(24);
inline constexpr terminal::Style kPastTitle = terminal::ink(255).on(130);
inline constexpr terminal::Style kHeader = terminal::ink(252).on(237);
inline constexpr terminal::Style kSortedHeader = terminal::ink(222).on(237).strong();
inline constexpr terminal::Style kSelected = terminal::ink(255).on(31);
inline constexpr terminal::Style kPanel = terminal::ink(252).on(235);
inline constexpr terminal::Style kPanelDim = terminal::ink(246).on(235);
inline constexpr terminal::Style kPanelTitle = terminal::ink(222).on(235).strong();

/// Of a share in percent: the more, the warmer.
constexpr terminal::Style heat(double percent) {
  return percent < 50 ? kGreen : percent < 75 ? kYellow : percent < 90 ? kOrange : kRed;
}

}  // namespace livedata::cli::top
