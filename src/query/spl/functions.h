#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace livedata::query::spl {

constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

/// A function of eval, and how many arguments it takes.
struct EvalFunction {
  std::string_view name;
  std::size_t least = 0;
  std::size_t most = 0;
};
/// null: there is none. Names are in lower case.
const EvalFunction* find_eval_function(std::string_view name);
std::vector<std::string_view> eval_function_names();

/// The functions of stats without the percentiles: perc95, p95, exactperc95, upperperc95.
std::span<const std::string_view> stats_function_names();

}  // namespace livedata::query::spl
