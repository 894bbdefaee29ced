#include "server/api/elastic/answer.h"
#include "server/api/elastic/client.h"
#include "server/api/elastic/routes.h"
#include "server/json/json_writer.h"

namespace livedata::server::elastic {
namespace {

constexpr std::string_view kName = "livedata";
// There is one cluster, and it has one node.
constexpr std::string_view kClusterId = "livedata-cluster-00000";
constexpr std::string_view kNodeId = "livedata-node-00000000";
constexpr std::string_view kLicenseId = "00000000-0000-4000-8000-000000000000";

Response info(const Request& request) {
  JsonWriter json;
  json.begin_object().key("name").string(kName).key("cluster_name").string(kName);
  json.key("cluster_uuid").string(kClusterId).key("version").begin_object();
  json.key("number").string(kVersion).key("build_flavor").string("default");
  json.key("build_type").string("tar").key("build_hash").string("unknown");
  json.key("build_date").string("2025-01-01T00:00:00.000Z").key("build_snapshot").raw("false");
  json.key("lucene_version").string("9.12.0");
  json.key("minimum_wire_compatibility_version").string("7.17.0");
  json.key("minimum_index_compatibility_version").string("7.0.0").end_object();
  // Clients of version 7 check this text.
  json.key("tagline").string("You Know, for Search").end_object();
  return answer(request, 200, json.take());
}

Response license(const Request& request) {
  JsonWriter json;
  json.begin_object().key("license").begin_object().key("status").string("active");
  json.key("uid").string(kLicenseId).key("type").string("basic");
  json.key("issue_date").string("2025-01-01T00:00:00.000Z");
  json.key("issue_date_in_millis").raw("1735689600000").key("max_nodes").raw("1000");
  json.key("max_resource_units").raw("null").key("issued_to").string(kName);
  json.key("issuer").string("elasticsearch").key("start_date_in_millis").raw("-1");
  return answer(request, 200, json.end_object().end_object().take());
}

Response xpack(const Request& request) {
  constexpr std::string_view kOn = R"({"available":true,"enabled":true})";
  constexpr std::string_view kOff = R"({"available":true,"enabled":false})";
  JsonWriter json;
  json.begin_object().key("build").raw(R"({"hash":"unknown","date":"2025-01-01T00:00:00.000Z"})");
  json.key("license").begin_object().key("uid").string(kLicenseId).key("type").string("basic");
  json.key("mode").string("basic").key("status").string("active").end_object();
  json.key("features").begin_object().key("data_streams").raw(kOn).key("ilm").raw(kOn);
  json.key("monitoring").raw(kOff).key("security").raw(kOff).end_object();
  json.key("tagline").string("You know, for X");
  return answer(request, 200, json.end_object().take());
}

Response nodes(const Request& request, const Limits& limits) {
  JsonWriter json;
  json.begin_object().key("_nodes").raw(R"({"total":1,"successful":1,"failed":0})");
  json.key("cluster_name").string(kName).key("nodes").begin_object();
  json.key(kNodeId).begin_object().key("name").string(kName);
  json.key("version").string(kVersion).key("build_flavor").string("default");
  json.key("roles").raw(R"(["data","ingest","master"])").key("http").begin_object();
  // Clients that look for all nodes go on with this address: the one that they reach us by.
  const std::string_view address = request.header("host");
  json.key("bound_address").begin_array().string(address).end_array();
  json.key("publish_address").string(address).key("max_content_length_in_bytes");
  json.number(static_cast<std::uint64_t>(limits.max_body_bytes)).end_object();
  return answer(request, 200, json.end_object().end_object().end_object().take());
}

Response health(const Request& request) {
  JsonWriter json;
  json.begin_object().key("cluster_name").string(kName).key("status").string("green");
  json.key("timed_out").raw("false").key("number_of_nodes").raw("1");
  json.key("number_of_data_nodes").raw("1").key("active_primary_shards").raw("1");
  json.key("active_shards").raw("1").key("relocating_shards").raw("0");
  json.key("initializing_shards").raw("0").key("unassigned_shards").raw("0");
  json.key("delayed_unassigned_shards").raw("0").key("number_of_pending_tasks").raw("0");
  json.key("number_of_in_flight_fetch").raw("0");
  json.key("task_max_waiting_in_queue_millis").raw("0");
  json.key("active_shards_percent_as_number").raw("100.0").end_object();
  return answer(request, 200, json.take());
}

/// Tables for people: one line where there is one of the kind, else none.
Response cat(const Request& request, std::string_view table, const Clock& clock) {
  const std::string_view name = table.substr(0, table.find('/'));
  if (request.query.get("format") == "json") {
    std::string rows = "[]";
    if (name == "health")
      rows = R"([{"cluster":"livedata","status":"green","node.total":"1","node.data":"1"}])";
    if (name == "nodes") rows = R"([{"ip":"127.0.0.1","node.role":"dim","name":"livedata"}])";
    return answer(request, 200, std::move(rows));
  }
  Response response = answer(request, 200, "");
  response.content_type = "text/plain; charset=UTF-8";
  const std::int64_t seconds = clock.now() / kNsPerSecond;
  response.body.clear();
  if (name == "health")
    response.body = fmt::format("{} livedata green 1 1 1 1 0 0 0 0 - 100.0%\n", seconds);
  if (name == "nodes") response.body = "127.0.0.1 dim * livedata\n";
  return response;
}

}  // namespace

void add_cluster_routes(const ApiContext& context, std::string_view prefix, Router& router) {
  const auto path = [prefix](std::string_view rest) { return std::string(prefix).append(rest); };
  if (prefix.empty()) {
    router.add_pattern(
        "GET", "/", [](const Request& r, const PathParts&) { return info(r); },
        [](const Request& r) { return !is_browser(r); });
  } else {
    for (const char* root : {"", "/"}) router.add("GET", path(root), info);
  }
  router.add("GET", path("/_license"), license);
  router.add("GET", path("/_xpack"), xpack);
  const auto answer_nodes = [context](const Request& request, const PathParts&) {
    return nodes(request, context.limits);
  };
  router.add_pattern("GET", path("/_nodes/**"), answer_nodes);
  router.add_pattern("GET", path("/_cluster/health/**"),
                     [](const Request& r, const PathParts&) { return health(r); });
  router.add_pattern("GET", path("/_cat/**"), [context](const Request& r, const PathParts& parts) {
    return cat(r, parts[0], context.clock);
  });
}

}  // namespace livedata::server::elastic
