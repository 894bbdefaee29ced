#pragma once

#include <string>
#include <string_view>

namespace livedata::query::sql::search {

/// Splunk's path with lists as DuckDB's: a{}.b is $."a"[*]."b", a{0} is $."a"[0][*]. It gives a
/// list. Quotes and backslashes in names become _.
std::string json_path(std::string_view path);

}  // namespace livedata::query::sql::search
