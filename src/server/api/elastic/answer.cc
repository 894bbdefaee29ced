#include "server/api/elastic/answer.h"

#include "server/api/elastic/filter_path.h"
#include "server/json/json_writer.h"

namespace livedata::server::elastic {
namespace {

constexpr std::string_view kVendorType = "application/vnd.elasticsearch+json";

std::string_view type_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kUnavailable:
      return "es_rejected_execution_exception";
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kTooLarge:
      return "illegal_argument_exception";
    default:
      return "exception";
  }
}

}  // namespace

Response answer(const Request& request, int status, std::string json) {
  const std::string_view filter_path = request.query.get("filter_path");
  const auto pretty_text = request.query.find("pretty");
  const bool pretty = pretty_text && *pretty_text != "false";
  if (!filter_path.empty() || pretty) json = filtered_json(json, filter_path, pretty);
  Response response = Response::json(std::move(json));
  response.status = status;
  response.headers.emplace_back("X-Elastic-Product", "Elasticsearch");
  // Clients of one version ask for that version's type, and want to see it in the answer.
  const std::string_view accepted = request.header("accept");
  if (accepted.starts_with(kVendorType)) {
    const std::size_t parameter = accepted.find("compatible-with=");
    const char version = parameter == std::string_view::npos || parameter + 16 >= accepted.size()
                             ? kVersion.front()
                             : accepted[parameter + 16];
    if (version >= '0' && version <= '9')
      response.content_type = fmt::format("{};compatible-with={}", kVendorType, version);
  }
  return response;
}

Response answer_error(const Request& request, int status, std::string_view type,
                      std::string_view reason) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.key("root_cause").begin_array().begin_object();
  json.key("type").string(type).key("reason").string(reason).end_object().end_array();
  json.key("type").string(type).key("reason").string(reason).end_object();
  json.key("status").number(static_cast<std::uint64_t>(status)).end_object();
  return answer(request, status, json.take());
}

Response answer_error(const Request& request, const Error& error) {
  const bool later =
      error.code == ErrorCode::kResourceExhausted || error.code == ErrorCode::kUnavailable;
  Response response =
      answer_error(request, later ? 429 : http_status(error.code), type_of(error), error.message);
  if (later) response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response answer_no_handler(const Request& request) {
  JsonWriter json;
  json.begin_object().key("error").string(
      fmt::format("no handler found for uri [{}] and method [{}]", request.path, request.method));
  json.key("status").number(std::uint64_t{400}).end_object();
  return answer(request, 400, json.take());
}

}  // namespace livedata::server::elastic
