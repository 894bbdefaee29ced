#include "server/api/native/remote_routes.h"

#include "base/time_format.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

using collect::remote::RemoteStatus;

void write_time(JsonWriter& json, std::string_view key, TimestampNs time) {
  if (time != 0) json.key(key).string(format_rfc3339(time));
}

void write_text(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.key(key).string(text);
}

void write_status(JsonWriter& json, const RemoteStatus& status) {
  json.begin_object().key("name").string(status.name);
  json.key("destination").string(status.destination).key("state").string(status.state);
  write_text(json, "reason", status.reason);
  write_text(json, "message", status.message);
  write_text(json, "notice", status.notice);
  write_text(json, "logs", status.logs);
  write_time(json, "connectedSince", status.connected_since);
  write_time(json, "lastData", status.last_data);
  write_time(json, "nextTry", status.next_try);
  json.key("sessions").number(status.sessions).key("failures").number(status.failures);
  json.key("bytes").number(status.bytes).key("entries").number(status.entries);
  json.key("samples").number(status.samples).key("gaps").number(status.gaps);
  json.key("clockAheadSeconds").number(status.clock_ahead_seconds);
  json.key("clockUncertaintySeconds").number(status.clock_uncertainty_seconds);
  json.key("roundTripSeconds").number(status.round_trip_seconds).end_object();
}

}  // namespace

void add_remote_routes(std::function<std::vector<RemoteStatus>()> status, Router& router) {
  router.add("GET", "/api/v1/remotes", [status = std::move(status)](const Request& /*request*/) {
    JsonWriter json;
    json.begin_object().key("remotes").begin_array();
    for (const RemoteStatus& each : status()) write_status(json, each);
    json.end_array().end_object();
    return Response::json(json.take());
  });
}

}  // namespace livedata::server::native
