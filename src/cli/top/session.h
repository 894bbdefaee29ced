#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "cli/top/arrangement.h"

namespace livedata::cli::top {

struct Options {
  std::string server = "http://127.0.0.1:3100";
  std::string host;  ///< empty: this machine
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  SortKey sort = SortKey::kCpu;
  std::string filter;
};

/// Shows the page until the user quits. The signal that ended it, 0 if it was a key.
Result<int> run_page(const Options& options);

/// One page as text `width` columns wide, or as JSON.
Result<std::string> text_page(const Options& options, int width);
Result<std::string> json_page(const Options& options);

}  // namespace livedata::cli::top
