#include "server/api/native/sql_request.h"

#include <array>

#include "ingest/values/json.h"
#include "server/api/parameters.h"
#include "server/http/client.h"

namespace livedata::server::native {
namespace {

namespace json = livedata_yyjson;
using query::sql::Format;
using query::sql::Parameter;
using query::sql::Query;

constexpr std::size_t kMaxParameters = 1000;

Result<Parameter> parameter_of(json::yyjson_val* value) {
  if (json::yyjson_is_null(value)) return Parameter();
  if (json::yyjson_is_bool(value)) return Parameter(json::yyjson_get_bool(value));
  if (json::yyjson_is_sint(value)) return Parameter(json::yyjson_get_sint(value));
  if (json::yyjson_is_num(value)) {
    const bool fits = json::yyjson_is_uint(value) && json::yyjson_get_uint(value) <= INT64_MAX;
    if (fits) return Parameter(static_cast<std::int64_t>(json::yyjson_get_uint(value)));
    return Parameter(json::yyjson_get_num(value));
  }
  if (json::yyjson_is_str(value)) return Parameter(std::string(ingest::json_string(value)));
  return fail(ErrorCode::kInvalidArgument,
              "params holds text, numbers, true, false and null, no arrays or objects");
}

Result<void> add_parameter(std::string name, json::yyjson_val* value, Query& query) {
  if (query.parameters.size() >= kMaxParameters)
    return fail(ErrorCode::kInvalidArgument, "there are more than {} params", kMaxParameters);
  LIVEDATA_TRY(Parameter parameter, parameter_of(value));
  query.parameters.emplace_back(std::move(name), std::move(parameter));
  return {};
}

Result<void> add_parameters(json::yyjson_val* params, Query& query) {
  if (json::yyjson_is_arr(params)) {
    std::size_t i = 0;
    std::size_t count = 0;
    json::yyjson_val* value = nullptr;
    yyjson_arr_foreach(params, i, count, value) {
      LIVEDATA_RETURN_IF_ERROR(add_parameter(std::to_string(i + 1), value, query));
    }
    return {};
  }
  if (!json::yyjson_is_obj(params))
    return fail(ErrorCode::kInvalidArgument, "params is an array, or an object of names");
  Result<void> status;
  ingest::JsonTree::for_each_member(params, [&](std::string_view name, json::yyjson_val* value) {
    status = add_parameter(std::string(name), value, query);
    return status.has_value();
  });
  return status;
}

/// A JSON body: its members join the parameters of the query string.
Result<void> read_json(std::string_view body, Query& query, Parameters& parameters) {
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(body));
  json::yyjson_val* root = json::yyjson_doc_get_root(document.get());
  if (!json::yyjson_is_obj(root))
    return fail(ErrorCode::kInvalidArgument, "the body is no JSON object with a member query");
  std::string pairs;
  Result<void> status;
  ingest::JsonTree::for_each_member(root, [&](std::string_view name, json::yyjson_val* value) {
    if (name == "params") {
      status = add_parameters(value, query);
    } else {
      const std::string text = json::yyjson_is_str(value) ? std::string(ingest::json_string(value))
                                                          : ingest::json_text(value);
      pairs += fmt::format("{}{}={}", pairs.empty() ? "" : "&", percent_encode(name),
                           percent_encode(text));
    }
    return status.has_value();
  });
  LIVEDATA_RETURN_IF_ERROR(status);
  parameters.append(Parameters::parse(pairs));
  return {};
}

Result<void> read_range(const Parameters& parameters, TimestampNs now, Query& query) {
  const std::string_view start = parameters.get("start");
  const std::string_view end = parameters.get("end");
  if (!end.empty()) {
    LIVEDATA_TRY(query.range.end, parse_time(end));
  }
  if (!start.empty()) {
    LIVEDATA_TRY(query.range.start, parse_time(start));
  } else if (const std::string_view since = parameters.get("since"); !since.empty()) {
    LIVEDATA_TRY(const std::int64_t back, parse_seconds_or_duration(since));
    query.range.start = (end.empty() ? now : query.range.end) - back;
  }
  if (query.range.empty())
    return fail(ErrorCode::kInvalidArgument, "the end is not behind the start");
  return {};
}

Result<Format> read_format(const Parameters& parameters, std::string_view accept) {
  if (const std::string_view name = parameters.get("format"); !name.empty())
    return query::sql::parse_format(name);
  for (const Format format : {Format::kNdjson, Format::kCsv, Format::kArrow, Format::kParquet}) {
    const std::string_view type = query::sql::content_type(format);
    if (accept.find(type.substr(0, type.find(';'))) != std::string_view::npos) return format;
  }
  return Format::kJson;
}

}  // namespace

Result<Query> parse_sql_request(const Request& request, TimestampNs now) {
  Query query;
  Parameters parameters = request.parameters;
  const bool is_json = request.header("content-type").starts_with("application/json");
  if (is_json && !request.body.empty())
    LIVEDATA_RETURN_IF_ERROR(read_json(request.body, query, parameters));
  query.text = parameters.get("query");
  if (query.text.empty() && !is_json) query.text = request.body;
  if (query.text.empty())
    return fail(ErrorCode::kInvalidArgument,
                "there is no query: send SQL as the body, or in the parameter query");
  LIVEDATA_RETURN_IF_ERROR(read_range(parameters, now, query));
  LIVEDATA_TRY(query.format, read_format(parameters, request.header("accept")));
  if (parameters.find("limit")) {
    LIVEDATA_TRY(query.limit, parse_limit(parameters, 0));
  }
  return query;
}

}  // namespace livedata::server::native
