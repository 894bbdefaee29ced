#include "server/http/router.h"

#include <algorithm>
#include <array>

namespace livedata::server {
namespace {

std::vector<std::string> split_methods(std::string_view methods) {
  std::vector<std::string> out;
  while (!methods.empty()) {
    const std::string_view one = methods.substr(0, methods.find('|'));
    methods.remove_prefix(std::min(one.size() + 1, methods.size()));
    out.emplace_back(one);
  }
  return out;
}

// Below these there is no page, so that a client of an API never gets one for an answer.
constexpr std::array<std::string_view, 9> kApiPrefixes = {
    "/api/", "/loki/", "/prometheus/", "/elasticsearch/", "/insert/", "/services/", "/datadog/",
    "/v1/",  "/_"};

/// Takes the text up to the next slash, and the slash.
std::string_view take_part(std::string_view& path) {
  const std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(part.size() + 1, path.size()));
  return part;
}

/// One part of a path; what stood for its '*' is added to `parts`.
bool match_part(std::string_view pattern, std::string_view part, PathParts& parts) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == part;
  const std::string_view prefix = pattern.substr(0, star);
  const std::string_view suffix = pattern.substr(star + 1);
  if (part.size() <= prefix.size() + suffix.size() || !part.starts_with(prefix) ||
      !part.ends_with(suffix))
    return false;
  parts.push_back(part.substr(star, part.size() - prefix.size() - suffix.size()));
  return true;
}

bool match(std::string_view pattern, std::string_view path, PathParts& parts) {
  parts.clear();
  if (pattern.find('*') == std::string_view::npos) return pattern == path;
  while (pattern != "**") {
    const bool pattern_ends = pattern.find('/') == std::string_view::npos;
    const bool path_ends = path.find('/') == std::string_view::npos;
    if (!match_part(take_part(pattern), take_part(path), parts)) return false;
    if (pattern_ends || (path_ends && pattern != "**")) return pattern_ends && path_ends;
  }
  parts.push_back(path);
  return true;
}

}  // namespace

void Router::add(std::string_view methods, std::string path, Handler handler, Lane lane) {
  add_pattern(
      methods, std::move(path),
      [handler = std::move(handler)](const Request& request, const PathParts&) {
        return handler(request);
      },
      nullptr, lane);
}

void Router::add_wildcard(std::string_view methods, std::string path, WildcardHandler handler,
                          Lane lane) {
  add_pattern(
      methods, std::move(path),
      [handler = std::move(handler)](const Request& request, const PathParts& parts) {
        return handler(request, parts.front());
      },
      nullptr, lane);
}

void Router::add_pattern(std::string_view methods, std::string pattern, PatternHandler handler,
                         Condition condition, Lane lane) {
  routes_.push_back(
      {split_methods(methods), std::move(pattern), std::move(handler), std::move(condition), lane});
}

bool Router::takes(const Route& route, std::string_view method) {
  const auto has = [&route](std::string_view one) {
    return std::find(route.methods.begin(), route.methods.end(), one) != route.methods.end();
  };
  return has(method) || (method == "HEAD" && has("GET"));
}

bool Router::meets(const Route& route, const Request& request, PathParts& parts) {
  return match(route.path, request.path, parts) &&
         (route.condition == nullptr || route.condition(request));
}

void Router::add_stream(std::string path, BodySinkFactory open) {
  // For requests whose body is there already.
  add("POST", path, [open](const Request& request) {
    auto sink = open(request);
    if (!sink) return std::move(sink).error();
    if (const auto taken = (*sink)->take(request.body); !taken)
      return Response::from(taken.error());
    return (*sink)->finish();
  });
  streams_.push_back({std::move(path), std::move(open)});
}

const Router::StreamRoute* Router::find_stream(const Request& request) const {
  if (request.method != "POST") return nullptr;
  for (const StreamRoute& route : streams_) {
    if (route.path == request.path) return &route;
  }
  return nullptr;
}

Lane Router::lane(const Request& request) const {
  PathParts parts;
  for (const Route& route : routes_) {
    if (meets(route, request, parts)) return route.lane;
  }
  return Lane::kIngest;
}

Response Router::dispatch(const Request& request, std::string_view& route_path) const {
  PathParts parts;
  std::string allowed;
  for (const Route& route : routes_) {
    if (!meets(route, request, parts)) continue;
    route_path = route.path;
    if (takes(route, request.method)) return route.handler(request, parts);
    for (const std::string& method : route.methods)
      allowed += (allowed.empty() ? "" : ", ") + method;
  }
  if (!allowed.empty()) {
    Response response = Response::text(405, "this path takes " + allowed + "\n");
    response.headers.emplace_back("Allow", allowed);
    return response;
  }
  const bool is_api =
      std::any_of(kApiPrefixes.begin(), kApiPrefixes.end(),
                  [&](std::string_view prefix) { return request.path.starts_with(prefix); });
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (fallback_ && reads && !is_api) return fallback_(request);
  return Response::text(404, "there is nothing at " + request.path + "\n");
}

void Router::count(std::string_view route_path, int status) const {
  metrics_
      .counter("livedata_http_requests_total", "HTTP requests answered",
               fmt::format("route=\"{}\",status=\"{}\"", route_path, status))
      .add();
}

std::optional<Response> Router::admit(Request& request) const {
  if (gate_ == nullptr) return std::nullopt;
  PathParts parts;
  for (const Route& route : routes_) {
    if (!meets(route, request, parts) || !takes(route, request.method)) continue;
    std::optional<Response> refusal = gate_(request, route.path);
    if (refusal) {
      count(route.path, refusal->status);
      if (observer_ != nullptr) observer_(request, route.path, refusal->status);
    }
    return refusal;
  }
  return std::nullopt;  // what no route takes is told so, whoever asks
}

std::vector<Router::RouteName> Router::route_names() const {
  std::vector<RouteName> names;
  for (const Route& route : routes_) {
    for (const std::string& method : route.methods) names.push_back({method, route.path});
  }
  return names;
}

Response Router::handle(const Request& request) const {
  std::string_view route_path = "other";
  Response response = dispatch(request, route_path);
  count(route_path, response.status);
  if (observer_ != nullptr) observer_(request, route_path, response.status);
  return response;
}

}  // namespace livedata::server
