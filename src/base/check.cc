#include "base/check.h"

#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>

namespace livedata {

void check_failed(std::string_view condition, std::string_view file, int line) {
  fmt::print(stderr, "{}:{}: broken invariant: {}\n", file, line, condition);
  std::abort();
}

}  // namespace livedata
