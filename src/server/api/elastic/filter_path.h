#pragma once

#include <string>
#include <string_view>

namespace livedata::server::elastic {

/// A JSON text with only those members that Elasticsearch's filter_path names: paths with commas
/// between them, such as "errors,items.*.error". In a path '*' stands for any characters of a name,
/// "**" for any number of names; a path with '-' in front takes members away. Arrays are looked
/// through. An empty filter leaves everything. `json` must be valid. Paths beyond a bound on their
/// number and length are left out.
std::string filtered_json(std::string_view json, std::string_view filter_path, bool pretty);

}  // namespace livedata::server::elastic
