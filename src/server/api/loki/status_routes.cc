// What clients look at to learn what the server is and what it allows.
#include <fmt/format.h>

#include "base/time_format.h"
#include "server/api/loki/routes.h"
#include "server/json/json_writer.h"

namespace livedata::server::loki {
namespace {

// Clients read a Loki version here to know what they may ask for.
constexpr std::string_view kLokiVersion = "3.5.0";

Response build_info(const ApiContext& context) {
  JsonWriter json;
  json.begin_object().key("version").string(kLokiVersion);
  json.key("revision").string("livedata-" + context.version);
  for (const char* key : {"branch", "buildUser", "buildDate", "goVersion"})
    json.key(key).string("");
  return Response::json(json.end_object().take());
}

std::string duration(std::chrono::nanoseconds value) { return format_duration(value.count()); }

std::uint64_t count(std::size_t value) { return value; }

/// The limits that Logs Drilldown asks for, with the names that Loki's limits_config has.
Response drilldown_limits(const ApiContext& context) {
  const Limits& limits = context.limits;
  JsonWriter json;
  json.begin_object().key("limits").begin_object();
  json.key("discover_log_levels").raw("true");
  json.key("discover_service_name").begin_array().string("service").string("app").end_array();
  json.key("log_level_fields").begin_array().string("level").string("severity").end_array();
  json.key("max_entries_limit_per_query").number(count(limits.max_entries));
  json.key("max_line_size_truncate").raw("false");
  json.key("max_query_bytes_read").string("0B").key("max_query_length").string("0s");
  json.key("max_query_lookback").string("0s").key("max_query_range").string("0s");
  json.key("max_query_series").number(count(limits.max_series));
  json.key("metric_aggregation_enabled").raw("false");
  json.key("pattern_persistence_enabled").raw("false");
  json.key("query_timeout").string(duration(limits.query_timeout));
  json.key("retention_period").string("0s").key("retention_stream").begin_array().end_array();
  json.key("volume_enabled").raw("true").key("volume_max_series").number(std::uint64_t{1000});
  json.end_object();
  json.key("pattern_ingester_enabled").raw("true").key("version").string(kLokiVersion);
  return Response::json(json.end_object().take());
}

Response yaml(std::string text) {
  Response response = Response::text(200, std::move(text));
  response.content_type = "text/plain; charset=utf-8";
  return response;
}

std::string limits_yaml(const Limits& limits, std::string_view indent) {
  std::string out;
  const auto line = [&](std::string_view key, const auto& value) {
    out += fmt::format("{}{}: {}\n", indent, key, value);
  };
  line("max_line_size", limits.max_line_bytes);
  line("max_label_names_per_series", limits.max_label_names);
  line("max_label_name_length", limits.max_label_name_bytes);
  line("max_label_value_length", limits.max_label_value_bytes);
  line("max_structured_metadata_entries_count", limits.max_fields);
  line("max_structured_metadata_size", limits.max_fields_bytes);
  line("creation_grace_period", duration(limits.max_future));
  line("reject_old_samples", limits.max_age.count() > 0);
  line("reject_old_samples_max_age", duration(limits.max_age));
  line("max_entries_limit_per_query", limits.max_entries);
  line("max_query_series", limits.max_series);
  line("query_timeout", duration(limits.query_timeout));
  line("allow_structured_metadata", true);
  line("volume_enabled", true);
  return out;
}

}  // namespace

void add_status_routes(const ApiContext& context, Router& router) {
  router.add("GET", "/loki/api/v1/status/buildinfo",
             [context](const Request&) { return build_info(context); });
  router.add("GET", "/loki/api/v1/drilldown-limits",
             [context](const Request&) { return drilldown_limits(context); });
  router.add("GET", "/config/tenant/v1/limits",
             [context](const Request&) { return yaml(limits_yaml(context.limits, "")); });
  router.add("GET", "/config", [context](const Request&) {
    return yaml("target: all\npattern_ingester:\n  enabled: true\nlimits_config:\n" +
                limits_yaml(context.limits, "  "));
  });
  // Grafana's alerting asks for these; there are no rules yet.
  router.add("GET", "/prometheus/api/v1/rules", [](const Request&) {
    return Response::json(R"({"status":"success","data":{"groups":[]}})");
  });
  router.add("GET", "/prometheus/api/v1/alerts", [](const Request&) {
    return Response::json(R"({"status":"success","data":{"alerts":[]}})");
  });
  router.add("GET", "/services", [](const Request&) {
    return Response::text(200,
                          "server => Running\nstore => Running\nquerier => Running\n"
                          "ingester => Running\ndistributor => Running\n");
  });
}

}  // namespace livedata::server::loki
