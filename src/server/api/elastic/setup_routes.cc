// Senders set up templates, policies, pipelines and indices before they send. None of that means
// anything here: they are told that all of it is there already, so that they go on.
#include <array>

#include "server/api/elastic/answer.h"
#include "server/api/elastic/client.h"
#include "server/api/elastic/routes.h"
#include "server/json/json_writer.h"

namespace livedata::server::elastic {
namespace {

constexpr std::string_view kAcknowledged = R"({"acknowledged":true})";

/// One kind of thing that can be set up: below which path, and the JSON that describes one. In the
/// texts NAME stands for its name as a JSON string.
struct Kind {
  std::string_view path;
  std::string_view description;
};

constexpr std::array kKinds = {
    Kind{"/_template",
         R"({NAME:{"order":0,"index_patterns":[NAME],"settings":{},"mappings":{},"aliases":{}}})"},
    Kind{
        "/_index_template",
        R"({"index_templates":[{"name":NAME,"index_template":{"index_patterns":[NAME],"template":{},"composed_of":[],"priority":0,"data_stream":{"hidden":false}}}]})"},
    Kind{"/_component_template",
         R"({"component_templates":[{"name":NAME,"component_template":{"template":{}}}]})"},
    Kind{
        "/_ilm/policy",
        R"({NAME:{"version":1,"modified_date":"2025-01-01T00:00:00.000Z","policy":{"phases":{}}}})"},
    Kind{"/_ingest/pipeline", R"({NAME:{"description":"","processors":[]}})"},
    Kind{"/_alias", R"({NAME:{"aliases":{NAME:{"is_write_index":true}}}})"},
    Kind{
        "/_data_stream",
        R"({"data_streams":[{"name":NAME,"timestamp_field":{"name":"@timestamp"},"indices":[],"generation":1,"status":"GREEN","template":NAME}]})"},
};

std::string describe(std::string_view description, std::string_view name) {
  constexpr std::string_view kPlace = "NAME";
  const std::string quoted = JsonWriter().string(name).take();
  std::string out;
  for (;;) {
    const std::size_t at = description.find(kPlace);
    out += description.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += quoted;
    description.remove_prefix(at + kPlace.size());
  }
}

Response acknowledge(const Request& request) {
  return answer(request, 200, std::string(kAcknowledged));
}

void add_kind(const Kind& kind, const std::string& path, Router& router) {
  const auto handle = [kind](const Request& request, const PathParts& parts) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    return reads ? answer(request, 200, describe(kind.description, parts[0]))
                 : acknowledge(request);
  };
  router.add_pattern("GET|PUT|POST|DELETE", path + "/*", handle);
}

/// The privileges of a client that may do everything.
Response authenticate(const Request& request) {
  return answer(
      request, 200,
      R"({"username":"livedata","roles":["superuser"],"full_name":null,"email":null,"metadata":{},"enabled":true})");
}

Response has_privileges(const Request& request) {
  return answer(
      request, 200,
      R"({"username":"livedata","has_all_requested":true,"cluster":{},"index":{},"application":{}})");
}

/// An index: it is there, and may be created, opened or removed again, which changes nothing.
Response index(const Request& request, std::string_view name) {
  if (request.method == "GET" || request.method == "HEAD") {
    return answer(request, 200,
                  describe(R"({NAME:{"aliases":{},"mappings":{},"settings":{}}})", name));
  }
  return answer(request, 200,
                describe(R"({"acknowledged":true,"shards_acknowledged":true,"index":NAME})", name));
}

void add_index_routes(const std::string& prefix, Router& router) {
  // At the root the page's own paths look the same.
  const Condition condition = prefix.empty() ? Condition(is_elastic_client) : nullptr;
  router.add_pattern(
      "GET|HEAD|PUT", prefix + "/*",
      [](const Request& request, const PathParts& parts) { return index(request, parts[0]); },
      condition);
  const auto refresh = [](const Request& request, const PathParts&) {
    return answer(request, 200, R"({"_shards":{"total":1,"successful":1,"failed":0}})");
  };
  for (const char* pattern : {"/_refresh", "/*/_refresh", "/_flush", "/*/_flush"})
    router.add_pattern("GET|POST", prefix + pattern, refresh);
  for (const char* pattern : {"/*/_mapping", "/*/_settings", "/*/_alias/*", "/*/_aliases/*"}) {
    router.add_pattern("PUT|POST", prefix + pattern,
                       [](const Request& r, const PathParts&) { return acknowledge(r); });
  }
}

}  // namespace

void add_setup_routes(std::string_view prefix, Router& router) {
  const std::string root(prefix);
  for (const Kind& kind : kKinds) add_kind(kind, root + std::string(kind.path), router);
  router.add("GET", root + "/_ilm/status", [](const Request& request) {
    return answer(request, 200, R"({"operation_mode":"RUNNING"})");
  });
  router.add("GET", root + "/_security/_authenticate", authenticate);
  router.add("GET|POST", root + "/_security/user/_has_privileges", has_privileges);
  router.add("POST", root + "/_aliases", acknowledge);
  const auto no_handler = [](const Request& request, const PathParts&) {
    return answer_no_handler(request);
  };
  constexpr std::string_view kAll = "GET|HEAD|POST|PUT|DELETE";
  // What else begins with an underscore is Elasticsearch's, and below a prefix of its own all is.
  router.add_pattern(kAll, root + "/_*/**", no_handler);
  add_index_routes(root, router);
  if (!root.empty()) router.add_pattern(kAll, root + "/**", no_handler);
}

}  // namespace livedata::server::elastic
