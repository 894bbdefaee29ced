#pragma once

#include <string_view>

namespace livedata {

/// Whether records of this `source` are livedata's own: what it measures itself, and the tables of
/// SQL. Nobody else may call theirs so.
bool is_own_metric_source(std::string_view name);

}  // namespace livedata
