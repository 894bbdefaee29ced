#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "query/sql/engine.h"
#include "query/sql/search/planner.h"

namespace livedata::query::sql::search {

struct SearchQuery {
  std::string text;
  /// Where the search names no time of its own.
  TimeRange range;
  TimestampNs now = 0;
  Format format = Format::kJson;
  std::optional<std::size_t> limit =
      {};                 ///< rows beyond it are left out; records come newest first
  bool explains = false;  ///< JSON tells the steps
  std::function<Result<LookupTable>(const std::string& name)> load_lookup = {};
};

/// Begins a search over a tenant's records: it is planned into one query of SQL, after another one
/// where the columns of a chart depend on the records. Errors name the place in the search.
Outcome<std::unique_ptr<AnswerStream>> run_search(const Engine& engine, const TenantScope& scope,
                                                  const SearchQuery& search,
                                                  const Deadline& deadline);

}  // namespace livedata::query::sql::search
