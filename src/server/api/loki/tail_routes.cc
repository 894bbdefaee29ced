#include <algorithm>

#include "server/api/loki/respond.h"
#include "server/api/loki/routes.h"
#include "server/api/parameters.h"

namespace livedata::server::loki {
namespace {

constexpr std::int64_t kMaxDelaySeconds = 5;

/// The last records before now, oldest first.
Result<std::vector<query::LogRow>> read_history(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(auto query,
               parse_range_query(request.parameters, context.clock.now(), context.limits));
  query.direction = Direction::kBackward;
  query.end = std::max(query.end, context.clock.now() + 1);
  LIVEDATA_TRY(query::QueryAnswer answer,
               context.engine.range(request.scope(), query,
                                    request.deadline.until(context.limits.query_timeout)));
  auto rows = std::move(std::get<query::LogRows>(answer.value).rows);
  std::reverse(rows.begin(), rows.end());
  return rows;
}

Result<std::shared_ptr<EventStream>> follow(const Request& request, const ApiContext& context) {
  if (!request.is_upgrade) {
    return fail(ErrorCode::kInvalidArgument,
                "tail is a WebSocket: the request lacks 'Upgrade: websocket'; for server-sent "
                "events ask for /api/v1/tail");
  }
  std::int64_t delay = 0;
  if (const std::string_view text = request.parameters.get("delay_for"); !text.empty()) {
    LIVEDATA_TRY(delay, parse_seconds_or_duration(text));
  }
  if (delay < 0 || delay > kMaxDelaySeconds * kNsPerSecond) {
    return fail(ErrorCode::kInvalidArgument, "delay_for can't be greater than {}",
                kMaxDelaySeconds);
  }
  LIVEDATA_TRY(const auto follower,
               context.live_tail.follow(request.scope(), request.parameters.get("query"),
                                        std::chrono::nanoseconds(delay), label_form(request)));
  LIVEDATA_TRY(auto history, read_history(request, context));
  return context.live_tail.start(follower, std::move(history));
}

}  // namespace

void add_tail_routes(const ApiContext& context, Router& router) {
  for (const char* path : {"/loki/api/v1/tail", "/api/prom/tail"}) {
    router.add(
        "GET", path,
        [context](const Request& request) {
          auto events = follow(request, context);
          if (!events) return Response::from(events.error());
          Response response;
          response.events = *std::move(events);
          return response;
        },
        Lane::kQuery);
  }
}

}  // namespace livedata::server::loki
