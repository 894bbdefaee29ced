#pragma once

#include <string_view>

namespace livedata {

/// Prints the broken invariant and aborts. Called by LIVEDATA_CHECK only.
[[noreturn]] void check_failed(std::string_view condition, std::string_view file, int line);

}  // namespace livedata

/// An invariant of ours, also in release builds. Not for bad input: that is a Result.
#define LIVEDATA_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::livedata::check_failed(#condition, __FILE__, __LINE__))
