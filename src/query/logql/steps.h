#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "base/result.h"
#include "query/logql/ast.h"
#include "query/plan/row.h"

namespace livedata::query::logql {

/// A stage ready to run: changes the row, or refuses it (false). Immutable and thread-safe.
using Step = std::function<bool(plan::Row&)>;

/// Values that a label has in a query within a query.
using ValueSet = std::unordered_set<std::string>;

/// What stages need besides their own text.
struct StepContext {
  TimestampNs now = 0;  ///< for templates
  /// Answers of the inner queries of `name in (...)` filters.
  std::unordered_map<const LogExpression*, std::shared_ptr<const ValueSet>> inner_values = {};
};

Result<Step> make_step(const LineFilter& filter);
Result<Step> make_step(const LabelFilter& filter, const StepContext& context);
Result<Step> make_step(const ParserStage& stage);
Result<Step> make_step(const LineFormat& stage, const StepContext& context);
Result<Step> make_step(const LabelFormat& stage, const StepContext& context);
Step make_step(const Decolorize& stage);
Step make_step(const DropKeep& stage);

/// The number that an unwrapped label holds, or nothing: durations in seconds, sizes in bytes.
std::optional<double> unwrapped(const FieldValue& value, Unwrap::Conversion conversion);

}  // namespace livedata::query::logql
