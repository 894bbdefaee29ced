#pragma once

#include <string_view>

#include "base/result.h"
#include "storage/deletion/delete_request.h"

namespace livedata::query::logql {

/// What a log query means as a delete request: its selector and line filters; range, id and times
/// are the caller's to set. kInvalidArgument for queries with any other stage, and for a selector
/// that every stream meets.
Result<storage::DeleteRequest> parse_delete_query(std::string_view query);

}  // namespace livedata::query::logql
