#include "server/api/native/diff_routes.h"

#include <cmath>

#include "base/time_format.h"
#include "query/diff/diff.h"
#include "server/api/parameters.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

namespace diff = query::diff;

constexpr std::int64_t kDefaultLength = 15 * 60 * kNsPerSecond;
constexpr std::size_t kMaxFindings = 1000;

/// The range that is compared with: as long as the other one, and `against` earlier or directly
/// before it; or as it is told.
Result<TimeRange> parse_before(const Parameters& parameters, const TimeRange& after) {
  const std::string_view start = parameters.get("before_start");
  const std::string_view end = parameters.get("before_end");
  if (start.empty() != end.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "'before_start' and 'before_end' go together; one of them is missing");
  }
  if (!start.empty()) {
    TimeRange range;
    LIVEDATA_TRY(range.start, parse_time(start));
    LIVEDATA_TRY(range.end, parse_time(end));
    return range;
  }
  LIVEDATA_TRY(std::int64_t earlier, parse_step(parameters, "against"));
  if (earlier == 0) earlier = after.end - after.start;
  return TimeRange{after.start - earlier, after.end - earlier};
}

Result<diff::Question> parse_question(const Parameters& parameters, TimestampNs now) {
  diff::Question question;
  if (const auto query = parameters.get("query"); !query.empty()) question.query = query;
  question.selection = parameters.get("selection");
  LIVEDATA_TRY(question.after, parse_range(parameters, now, kDefaultLength));
  LIVEDATA_TRY(question.before, parse_before(parameters, question.after));
  if (question.after.empty() || question.before.empty())
    return fail(ErrorCode::kInvalidArgument, "a range ends before it starts");
  LIVEDATA_TRY(question.limit, parse_limit(parameters, question.limit));
  question.limit = std::min(question.limit, kMaxFindings);
  return question;
}

void write_side(JsonWriter& json, std::string_view key, const TimeRange& range, double records) {
  json.key(key).begin_object();
  json.key("start").string(format_rfc3339(range.start));
  json.key("end").string(format_rfc3339(range.end));
  json.key("records").number(static_cast<std::uint64_t>(std::llround(records))).end_object();
}

std::string encode(const diff::Question& question, const diff::Answer& answer) {
  const bool is_of_time = answer.against == diff::Against::kTime;
  JsonWriter json;
  json.begin_object().key("query").string(question.query);
  if (!is_of_time) json.key("selection").string(question.selection);
  write_side(json, is_of_time ? "before" : "rest", is_of_time ? question.before : question.after,
             answer.records_before);
  write_side(json, is_of_time ? "after" : "selected", question.after, answer.records_after);
  json.key("sampled").raw(answer.is_sample ? "true" : "false");
  json.key("findings").begin_array();
  for (const diff::Finding& finding : answer.findings) {
    json.begin_object().key("kind").string(diff::name(finding.kind));
    json.key("change").string(diff::name(finding.change));
    json.key("name").string(finding.name).key("value").string(finding.value);
    json.key("before").number(finding.before).key("after").number(finding.after);
    json.key("score").number(finding.score);
    if (!finding.query.empty()) json.key("query").string(finding.query);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace

Result<std::string> answer_diff(const query::around::Context& context, const Parameters& parameters,
                                TimestampNs now) {
  LIVEDATA_TRY(const diff::Question question, parse_question(parameters, now));
  LIVEDATA_TRY(const diff::Answer answer, diff::compare(context, question));
  return encode(question, answer);
}

void add_diff_routes(const ApiContext& context, Router& router) {
  router.add(
      "GET", "/api/v1/diff",
      [context](const Request& request) {
        const Deadline deadline = request.deadline.until(context.limits.query_timeout);
        auto json = answer_diff({context.store, context.engine, request.scope(), deadline},
                                request.parameters, context.clock.now());
        return json ? Response::json(*std::move(json)) : Response::from(json.error());
      },
      Lane::kQuery);
}

}  // namespace livedata::server::native
