#include "server/api/native/around_routes.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "query/around/around.h"
#include "server/api/native/around_answer.h"
#include "server/api/parameters.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

namespace around = query::around;
using std::chrono::hours;
using std::chrono::nanoseconds;

constexpr nanoseconds kLongest = hours(24 * 31);
constexpr std::size_t kMaxLines = 5000;

Result<std::string> required(const Parameters& parameters, std::string_view name) {
  std::string value(parameters.get(name));
  if (value.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "the parameter '{}' is missing; such as {}=web1 (see /api/v1/hosts)", name, name);
  }
  return value;
}

Result<nanoseconds> parse_span(const Parameters& parameters, std::string_view name,
                               nanoseconds otherwise) {
  LIVEDATA_TRY(const std::int64_t span, parse_step(parameters, name));
  if (span > kLongest.count())
    return fail(ErrorCode::kInvalidArgument, "'{}' is longer than 31 days", name);
  return span == 0 ? otherwise : nanoseconds(span);
}

Result<std::size_t> parse_count(const Parameters& parameters, std::string_view name,
                                std::size_t otherwise) {
  const std::string_view text = parameters.get(name);
  if (text.empty()) return otherwise;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > kMaxLines) {
    return fail(ErrorCode::kInvalidArgument, "'{}' must be a number up to {}, not '{}'", name,
                kMaxLines, text);
  }
  return value;
}

Result<std::optional<std::int64_t>> parse_pid(const Parameters& parameters) {
  const std::string_view text = parameters.get("pid");
  if (text.empty()) return std::optional<std::int64_t>();
  std::int64_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || end != text.data() + text.size() || pid <= 0)
    return fail(ErrorCode::kInvalidArgument, "'pid' must be a process id, not '{}'", text);
  return std::optional(pid);
}

struct SpikesQuestion {
  std::string host;
  TimeRange range;
  nanoseconds history = hours(1);
  std::size_t limit = 20;
};

Result<around::Question> parse_around(const Parameters& parameters, TimestampNs now) {
  around::Question out;
  LIVEDATA_TRY(out.host, required(parameters, "host"));
  out.at = now;
  if (const auto time = parameters.get("time"); !time.empty()) {
    LIVEDATA_TRY(out.at, parse_time(time));
  }
  LIVEDATA_TRY(out.window, parse_span(parameters, "window", out.window));
  LIVEDATA_TRY(out.history, parse_span(parameters, "history", out.history));
  // So that no sum of them overflows.
  constexpr TimestampNs kFarthest = INT64_MAX - 3 * kLongest.count();
  if (out.at < 0 || out.at > kFarthest)
    return fail(ErrorCode::kInvalidArgument, "'time' must lie between 1970 and 2262");
  LIVEDATA_TRY(out.choice.pid, parse_pid(parameters));
  out.choice.name = parameters.get("process");
  out.choice.unit = parameters.get("unit");
  LIVEDATA_TRY(out.max_lines, parse_count(parameters, "lines", out.max_lines));
  LIVEDATA_TRY(out.max_events, parse_count(parameters, "events", out.max_events));
  LIVEDATA_TRY(out.max_processes, parse_count(parameters, "processes", out.max_processes));
  return out;
}

Result<SpikesQuestion> parse_spikes(const Parameters& parameters, TimestampNs now) {
  SpikesQuestion out;
  LIVEDATA_TRY(out.host, required(parameters, "host"));
  LIVEDATA_TRY(out.range, parse_range(parameters, now));
  if (out.range.empty() || out.range.end - out.range.start > kLongest.count()) {
    return fail(ErrorCode::kInvalidArgument,
                "the range must be longer than nothing and at most 31 days");
  }
  LIVEDATA_TRY(out.history, parse_span(parameters, "history", out.history));
  LIVEDATA_TRY(out.limit, parse_count(parameters, "limit", out.limit));
  return out;
}

Result<std::string> answer_around(const around::Context& context, const Parameters& parameters,
                                  TimestampNs now, const Limits& limits) {
  LIVEDATA_TRY(auto question, parse_around(parameters, now));
  question.max_lines = std::min(question.max_lines, limits.max_entries);
  LIVEDATA_TRY(const auto answer, around::ask(context, question));
  return encode_around(question, answer);
}

Result<std::string> answer_spikes(const around::Context& context, const Parameters& parameters,
                                  TimestampNs now, const Limits& /*limits*/) {
  LIVEDATA_TRY(const auto question, parse_spikes(parameters, now));
  LIVEDATA_TRY(const auto spikes, around::spikes_in(context, question.host, question.range,
                                                    question.history, question.limit));
  return encode_spikes(spikes);
}

Result<std::string> answer_hosts(const around::Context& context, const Parameters& parameters,
                                 TimestampNs now, const Limits& /*limits*/) {
  LIVEDATA_TRY(const TimeRange range, parse_range(parameters, now));
  LIVEDATA_TRY(const auto hosts, around::hosts_in(context, range));
  JsonWriter json;
  json.begin_object().key("hosts").begin_array();
  for (const std::string& host : hosts) json.begin_object().key("name").string(host).end_object();
  json.end_array().end_object();
  return json.take();
}

using Answer = Result<std::string> (*)(const around::Context&, const Parameters&, TimestampNs,
                                       const Limits&);
struct Route {
  std::string_view path;
  Answer answer;
};
constexpr std::array<Route, 3> kRoutes = {{{"/api/v1/around", answer_around},
                                           {"/api/v1/spikes", answer_spikes},
                                           {"/api/v1/hosts", answer_hosts}}};

}  // namespace

Result<std::string> answer_about_hosts(const around::Context& context, std::string_view request,
                                       TimestampNs now, const Limits& limits) {
  const std::string_view path = request.substr(0, request.find('?'));
  const auto parameters = Parameters::parse(
      path.size() < request.size() ? request.substr(path.size() + 1) : std::string_view());
  for (const Route& route : kRoutes) {
    if (route.path == path) return route.answer(context, parameters, now, limits);
  }
  return fail(ErrorCode::kNotFound, "there is no {}", path);
}

void add_around_routes(const ApiContext& context, Router& router) {
  for (const Route& route : kRoutes) {
    router.add(
        "GET", std::string(route.path),
        [context, answer = route.answer](const Request& request) {
          const Deadline deadline = request.deadline.until(context.limits.query_timeout);
          auto json = answer({context.store, context.engine, request.scope(), deadline},
                             request.parameters, context.clock.now(), context.limits);
          return json ? Response::json(*std::move(json)) : Response::from(json.error());
        },
        Lane::kQuery);
  }
}

}  // namespace livedata::server::native
