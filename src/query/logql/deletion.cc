#include "query/logql/deletion.h"

#include "query/logql/parser.h"

namespace livedata::query::logql {
namespace {

using storage::LineCondition;

std::optional<LineCondition::Op> op_of(LineOp op) {
  switch (op) {
    case LineOp::kContains:
      return LineCondition::Op::kContains;
    case LineOp::kContainsNot:
      return LineCondition::Op::kContainsNot;
    case LineOp::kMatches:
      return LineCondition::Op::kMatches;
    case LineOp::kMatchesNot:
      return LineCondition::Op::kMatchesNot;
    default:
      return std::nullopt;
  }
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
    const auto op = filter == nullptr ? std::nullopt : op_of(filter->op);
    if (!op || filter->alternatives.size() != 1 || filter->alternatives.front().is_ip) {
      return fail(ErrorCode::kInvalidArgument,
                  "a delete request takes a selector and line filters without alternatives; other "
                  "stages can't decide what is deleted");
    }
    LIVEDATA_TRY(LineCondition condition,
                 LineCondition::make(*op, filter->alternatives.front().text));
    request.lines.push_back(std::move(condition));
  }
  return request;
}

}  // namespace livedata::query::logql
