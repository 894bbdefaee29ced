#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace livedata::cli {

/// What is done of something long.
struct ProgressState {
  std::string what = {};  ///< such as the file's name
  double share = -1;      ///< 0 to 1; below 0: nobody knows
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  ///< 0: not shown
  std::chrono::nanoseconds elapsed{0};
};

/// "app.log [#####     ]  45 %  120,000 records/s  12.3 MiB/s  0:42 left", at most `width` columns.
std::string render_progress(const ProgressState& state, std::size_t width);

/// A line on standard error that is drawn again and again, if that is a terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Draws some times a second, whatever it is called. `elapsed` is filled in.
  void update(ProgressState state);
  /// Prints a line for good, also where there is no terminal.
  void note(const std::string& text);
  void clear();

 private:
  bool is_terminal_;
  bool is_drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace livedata::cli
