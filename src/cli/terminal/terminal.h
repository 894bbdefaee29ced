#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "cli/terminal/grid.h"
#include "cli/terminal/repaint.h"

namespace livedata::cli::terminal {

/// What a terminal is known to show, by NO_COLOR, TERM, COLORTERM and the locale's variables.
PaintOptions paint_options_of_environment();

/// Standard input and output as a screen of its own: raw keys, the alternate screen, signals as
/// events. Everything is put back by the destructor, before the process stops for Ctrl-Z, and if it
/// crashes. Blocks the signals it waits for in this thread, so threads that are to ignore them are
/// started afterwards. At most one object at a time. Not thread-safe.
class Terminal {
 public:
  /// kInvalidArgument: this is no terminal, or one that can't move its cursor.
  static Result<std::unique_ptr<Terminal>> open();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] Size size() const;

  struct Events {
    bool input = false;     ///< read() has something
    bool resized = false;   ///< or what is shown was lost: paint all
    bool notified = false;  ///< the other file is readable
    int stop_signal = 0;    ///< the process is to end by it
  };
  /// Waits for something to happen; `other` is one more file to watch.
  Events wait(std::chrono::milliseconds timeout, int other);
  /// Bytes from the keyboard; "" at the end of input. Valid until the next call.
  std::string_view read();
  /// False: nobody reads any more.
  bool write(std::string_view bytes);
  /// Stops the process as Ctrl-Z does, and returns when it goes on.
  void suspend();

 private:
  class Impl;
  explicit Terminal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::cli::terminal
