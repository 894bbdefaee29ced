#include "server/api/native/sql_routes.h"

#include "query/sql/engine.h"
#include "server/api/native/sql_request.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

using query::sql::QueryError;

Response error_response(const QueryError& failure) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.key("code").string(name(failure.error.code)).key("message").string(failure.error.message);
  if (failure.line > 0) {
    json.key("line").number(static_cast<std::uint64_t>(failure.line));
    json.key("column").number(static_cast<std::uint64_t>(failure.column));
  }
  json.end_object().end_object();
  Response response = Response::from(failure.error);
  response.content_type = "application/json";
  response.body = json.take() + "\n";
  return response;
}

class AnswerSource : public BodySource {
 public:
  explicit AnswerSource(std::unique_ptr<query::sql::AnswerStream> answer)
      : answer_(std::move(answer)) {}
  Result<std::string> next() override {
    auto piece = answer_->next();
    if (!piece) return fail(std::move(piece).error().error);
    return *std::move(piece);
  }

 private:
  std::unique_ptr<query::sql::AnswerStream> answer_;
};

Response run(const Request& request, const ApiContext& context) {
  auto query = parse_sql_request(request, context.clock.now());
  if (!query) return error_response({query.error()});
  auto answer = context.sql->run(request.scope(), *query, request.deadline);
  if (!answer) return error_response(answer.error());
  Response response;
  response.content_type = query::sql::content_type(query->format);
  response.source = std::make_shared<AnswerSource>(*std::move(answer));
  return response;
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
