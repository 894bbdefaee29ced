#include "server/api/native/search_request.h"

#include <limits>

#include "server/api/native/sql_request.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {

using query::sql::search::LookupTable;
using query::sql::search::SearchQuery;

Result<SearchQuery> parse_search_request(const Request& request, TimestampNs now) {
  LIVEDATA_TRY(query::sql::Query query, parse_sql_request(request, now));
  if (!query.parameters.empty()) return fail(ErrorCode::kInvalidArgument, "a search has no params");
  SearchQuery search;
  search.text = std::move(query.text);
  search.range = query.range;
  search.now = now;
  search.format = query.format;
  search.limit = query.limit;
  constexpr std::int64_t kHour = 3600 * kNsPerSecond;
  const bool has_end = search.range.end != std::numeric_limits<TimestampNs>::max();
  if (!has_end) search.range.end = now;
  if (search.range.start == std::numeric_limits<TimestampNs>::min())
    search.range.start = search.range.end - kHour;
  if (search.range.empty())
    return fail(ErrorCode::kInvalidArgument, "the end is not behind the start");
  const std::string_view explain = request.parameters.get("explain");
  search.explains = explain == "1" || explain == "true";
  return search;
}

std::function<Result<LookupTable>(const std::string& name)> loader_of(
    const query::lookups::Lookups* lookups) {
  if (lookups == nullptr) return nullptr;
  return [lookups](const std::string& name) -> Result<LookupTable> {
    LIVEDATA_TRY(query::lookups::CsvTable table, lookups->table(name));
    JsonWriter json;
    json.begin_array();
    for (const auto& row : table.rows) {
      json.begin_array();
      for (const std::string& cell : row) json.string(cell);
      json.end_array();
    }
    return LookupTable{std::move(table.columns), json.end_array().take()};
  };
}

}  // namespace livedata::server::native
