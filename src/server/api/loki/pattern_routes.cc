#include <algorithm>

#include "query/patterns/pattern_miner.h"
#include "server/api/loki/respond.h"
#include "server/api/loki/routes.h"
#include "server/api/parameters.h"
#include "server/json/json_writer.h"

namespace livedata::server::loki {
namespace {

using query::patterns::Pattern;

constexpr std::string_view kLevelLabel = "detected_level";
constexpr std::size_t kMaxPatterns = 300;
constexpr std::size_t kMaxLines =
    1'000'000;  // more are not looked at, so that the answer comes soon
constexpr std::int64_t kSteps = 250;
constexpr std::int64_t kMinStep = 10 * kNsPerSecond;
constexpr std::size_t kMaxSteps = 11'000;

/// Patterns of the lines that a log query finds, with counts per step.
Result<std::vector<Pattern>> mine(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(const TimeRange range, parse_range(request.parameters, context.clock.now()));
  LIVEDATA_TRY(std::int64_t step, parse_step(request.parameters, "step"));
  const std::int64_t length = range.end - range.start;
  if (step == 0) step = length / kSteps / kNsPerSecond * kNsPerSecond;
  step = std::max({step, kMinStep, length / static_cast<std::int64_t>(kMaxSteps)});
  query::patterns::PatternMiner miner({.step_ns = step});
  LIVEDATA_RETURN_IF_ERROR(context.engine.visit_rows(
      request.scope(), request.parameters.get("query"), range, kMaxLines,
      [&](query::plan::Row& row, std::uint64_t weight) {
        const auto level = row.find(kLevelLabel);
        miner.add(row.line(), level ? to_string(*level) : std::string(), row.timestamp(), weight);
      },
      request.deadline.until(context.limits.query_timeout)));
  std::vector<Pattern> patterns = miner.finish(kMaxPatterns);
  // What says nothing of a line is of no use in a list of patterns.
  std::erase_if(patterns, [](const Pattern& p) { return p.pattern.empty() || p.pattern == "<_>"; });
  return patterns;
}

std::string encode(const std::vector<Pattern>& patterns) {
  JsonWriter json;
  json.begin_object().key("status").string("success").key("data").begin_array();
  for (const Pattern& pattern : patterns) {
    json.begin_object().key("pattern").string(pattern.pattern).key("level").string(pattern.level);
    json.key("samples").begin_array();
    for (const auto& [time, count] : pattern.samples) {
      json.begin_array().number(static_cast<std::uint64_t>(time / kNsPerSecond)).number(count);
      json.end_array();
    }
    json.end_array().end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace

void add_pattern_routes(const ApiContext& context, Router& router) {
  router.add(
      "GET|POST", "/loki/api/v1/patterns",
      [context](const Request& request) { return respond(mine(request, context), encode); },
      Lane::kQuery);
}

}  // namespace livedata::server::loki
