#include "query/logql/deletion.h"

#include "query/logql/parser.h"

namespace livedata::query::logql {
namespace {

using storage::LineCondition;

LineCondition::Op op_of(MatchOp op) {
  switch (op) {
    case MatchOp::kEqual:
      return LineCondition::Op::kContains;
    case MatchOp::kNotEqual:
      return LineCondition::Op::kContainsNot;
    case MatchOp::kRegex:
      return LineCondition::Op::kMatches;
    case MatchOp::kNotRegex:
      return LineCondition::Op::kMatchesNot;
  }
  return LineCondition::Op::kContains;
}

}  // namespace

Result<storage::DeleteRequest> parse_delete_query(std::string_view query) {
  LIVEDATA_TRY(const Expression expression, parse(query));
  const auto* log = std::get_if<LogExpression>(&expression);
  if (log == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                "a delete request takes a selector and line filters, not a metric query");
  }
  storage::DeleteRequest request;
  request.matchers = log->selector;
  request.query = query;
  for (const Stage& stage : log->stages) {
    const auto* filter = std::get_if<LineFilter>(&stage);
    if (filter == nullptr || filter->alternatives.size() != 1) {
      return fail(ErrorCode::kInvalidArgument,
                  "a delete request takes a selector and line filters without alternatives; other "
                  "stages can't decide what is deleted");
    }
    LIVEDATA_TRY(LineCondition condition,
                 LineCondition::make(op_of(filter->op), filter->alternatives.front()));
    request.lines.push_back(std::move(condition));
  }
  return request;
}

}  // namespace livedata::query::logql
