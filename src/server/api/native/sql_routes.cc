#include "server/api/native/sql_routes.h"

#include "query/sql/engine.h"
#include "server/api/native/query_response.h"
#include "server/api/native/sql_request.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

Response run(const Request& request, const ApiContext& context) {
  auto query = parse_sql_request(request, context.clock.now());
  if (!query) return query_error_response({query.error()});
  auto answer = context.sql->run(request.scope(), *query, request.deadline);
  if (!answer) return query_error_response(answer.error());
  return query_response(query->format, *std::move(answer));
}

std::string_view type_name(query::sql::ColumnType type) {
  using query::sql::ColumnType;
  switch (type) {
    case ColumnType::kTime:
      return "TIMESTAMP_NS";
    case ColumnType::kInteger:
      return "BIGINT";
    case ColumnType::kDouble:
      return "DOUBLE";
    case ColumnType::kBool:
      return "BOOLEAN";
    case ColumnType::kMap:
      return "MAP(VARCHAR, VARCHAR)";
    case ColumnType::kText:
      break;
  }
  return "VARCHAR";
}

Response schema(const Request& request, const ApiContext& context) {
  JsonWriter json;
  json.begin_object().key("tables").begin_array();
  for (const query::sql::Table& table : context.sql->tables(request.scope())) {
    json.begin_object().key("name").string(table.name).key("columns").begin_array();
    for (const query::sql::Column& column : table.columns) {
      json.begin_object().key("name").string(column.name);
      json.key("type").string(type_name(column.type)).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return Response::json(json.take());
}

}  // namespace

void add_sql_routes(const ApiContext& context, Router& router) {
  if (context.sql == nullptr) return;
  router.add(
      "GET|POST", "/api/v1/sql", [context](const Request& r) { return run(r, context); },
      Lane::kQuery);
  router.add(
      "GET", "/api/v1/sql/schema", [context](const Request& r) { return schema(r, context); },
      Lane::kQuery);
}

}  // namespace livedata::server::native
