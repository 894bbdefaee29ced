#pragma once

#include <string>
#include <vector>

#include <duckdb/planner/expression.hpp>
#include <duckdb/planner/operator/logical_get.hpp>

#include "query/sql/table.h"
#include "storage/scan/scan.h"

namespace livedata::query::sql {

/// What a WHERE clause says of which records can be in the answer, in the terms of a scan.
struct ScanConditions {
  TimeRange range;
  std::vector<LabelMatcher> matchers;
  std::vector<std::string> needles;
  std::vector<storage::ScanRequest::FieldValueCondition> field_values;
  std::vector<storage::ScanRequest::NeedleChoice> needle_choices;
  bool drops_empty_lines = false;  ///< a scan holds no needles against them
};

/// Takes from a filter what the scan can do: adds it to the conditions. True: the scan does all of
/// it, so that DuckDB need not look at the rows again.
bool push_condition(const duckdb::LogicalGet& get, const Table& table,
                    const duckdb::Expression& filter, ScanConditions& conditions);

}  // namespace livedata::query::sql
