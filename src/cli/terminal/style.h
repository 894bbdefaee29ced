#pragma once

#include <cstdint>

namespace livedata::cli::terminal {

/// How a cell looks. Colours are those of the 256 colour palette of xterm.
struct Style {
  static constexpr std::int16_t kDefault = -1;  ///< the terminal's own

  std::int16_t foreground = kDefault;
  std::int16_t background = kDefault;
  bool bold = false;
  bool dim = false;
  bool underline = false;
  bool reverse = false;

  bool operator==(const Style&) const = default;

  [[nodiscard]] constexpr Style on(std::int16_t color) const {
    Style style = *this;
    style.background = color;
    return style;
  }
  [[nodiscard]] constexpr Style strong() const {
    Style style = *this;
    style.bold = true;
    return style;
  }
};

constexpr Style ink(std::int16_t color) { return Style{.foreground = color}; }

}  // namespace livedata::cli::terminal
