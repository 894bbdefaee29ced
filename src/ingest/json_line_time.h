#pragma once

#include <optional>
#include <string_view>

namespace livedata::ingest {

/// The value of the member that says when a JSON line was written, as it stands there: a string
/// without its quotes, or a number. It is the first of the outermost object's members "time", "ts",
/// "timestamp", "@timestamp", "datetime" and "date" that is a string or number. Linear in the part
/// of the line in front of it; nothing for what is no JSON object up to there.
std::optional<std::string_view> json_time_member(std::string_view line);

}  // namespace livedata::ingest
