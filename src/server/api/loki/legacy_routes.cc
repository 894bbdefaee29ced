// The query call of Loki before 1.0, /api/prom/query: log queries only, in a form of its own. The
// other calls of that time stand with the newer ones they are like.
#include "base/time_format.h"
#include "query/logql/printer.h"
#include "server/api/loki/answer.h"
#include "server/api/loki/respond.h"
#include "server/api/loki/routes.h"
#include "server/api/parameters.h"

namespace livedata::server::loki {
namespace {

/// Rows of one stream.
using StreamRows = std::pair<StreamRef, std::vector<const query::LogRow*>>;

std::vector<StreamRows> by_stream(const query::LogRows& rows) {
  std::vector<StreamRows> out;
  std::unordered_map<StreamId, std::size_t> index;
  for (const query::LogRow& row : rows.rows) {
    const auto [slot, is_new] = index.try_emplace(row.stream->id, out.size());
    if (is_new) out.emplace_back(row.stream, std::vector<const query::LogRow*>());
    out[slot->second].second.push_back(&row);
  }
  return out;
}

std::string encode(const query::QueryAnswer& answer) {
  JsonWriter json;
  json.begin_object().key("streams").begin_array();
  for (const auto& [stream, rows] : by_stream(std::get<query::LogRows>(answer.value))) {
    json.begin_object().key("labels").string(stream->labels.to_string());
    json.key("entries").begin_array();
    for (const query::LogRow* row : rows) {
      json.begin_object().key("ts").string(format_rfc3339(row->timestamp));
      json.key("line").string(row->line).end_object();
    }
    json.end_array().end_object();
  }
  return json.end_array().end_object().take();
}

Result<query::QueryAnswer> run(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(auto query,
               parse_range_query(request.parameters, context.clock.now(), context.limits));
  if (const std::string_view regex = request.parameters.get("regexp"); !regex.empty())
    query.text += fmt::format(" |~ {}", query::logql::quoted(regex));
  LIVEDATA_TRY(auto answer,
               context.engine.range(request.scope(), query,
                                    request.deadline.until(context.limits.query_timeout)));
  if (!std::holds_alternative<query::LogRows>(answer.value)) {
    return fail(ErrorCode::kInvalidArgument,
                "/api/prom/query takes log queries only; ask /loki/api/v1/query_range for metrics");
  }
  return answer;
}

}  // namespace

void add_legacy_routes(const ApiContext& context, Router& router) {
  router.add(
      "GET|POST", "/api/prom/query",
      [context](const Request& request) { return respond(run(request, context), encode); },
      Lane::kQuery);
}

}  // namespace livedata::server::loki
