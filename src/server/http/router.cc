#include "server/http/router.h"

#include <algorithm>
#include <optional>

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

/// What the '*' stands for if the path meets the pattern; "" for a pattern without one.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos)
    return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  const std::string_view prefix = pattern.substr(0, star);
  const std::string_view suffix = pattern.substr(star + 1);
  if (path.size() <= prefix.size() + suffix.size() || !path.starts_with(prefix) ||
      !path.ends_with(suffix))
    return std::nullopt;
  const std::string_view middle =
      path.substr(prefix.size(), path.size() - prefix.size() - suffix.size());
  return middle.find('/') == std::string_view::npos ? std::optional(middle) : std::nullopt;
}

}  // namespace

void Router::add(std::string_view methods, std::string path, Handler handler, Lane lane) {
  add_wildcard(
      methods, std::move(path),
      [handler = std::move(handler)](const Request& request, std::string_view) {
        return handler(request);
      },
      lane);
}

void Router::add_wildcard(std::string_view methods, std::string path, WildcardHandler handler,
                          Lane lane) {
  routes_.push_back({split_methods(methods), std::move(path), std::move(handler), lane});
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
  for (const Route& route : routes_) {
    if (match(route.path, request.path)) return route.lane;
  }
  return Lane::kIngest;
}

Response Router::dispatch(const Request& request, std::string_view& route_path) const {
  const std::string_view method =
      request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::string allowed;
  for (const Route& route : routes_) {
    const auto wildcard = match(route.path, request.path);
    if (!wildcard) continue;
    route_path = route.path;
    for (const std::string& candidate : route.methods) {
      if (candidate == method) return route.handler(request, *wildcard);
      allowed += (allowed.empty() ? "" : ", ") + candidate;
    }
  }
  if (!allowed.empty()) {
    Response response = Response::text(405, "this path takes " + allowed + "\n");
    response.headers.emplace_back("Allow", allowed);
    return response;
  }
  const bool is_api = request.path.starts_with("/api/") || request.path.starts_with("/loki/") ||
                      request.path.starts_with("/prometheus/");
  if (fallback_ && method == "GET" && !is_api) return fallback_(request);
  return Response::text(404, "there is nothing at " + request.path + "\n");
}

void Router::count(std::string_view route_path, int status) const {
  metrics_
      .counter("livedata_http_requests_total", "HTTP requests answered",
               fmt::format("route=\"{}\",status=\"{}\"", route_path, status))
      .add();
}

Response Router::handle(const Request& request) const {
  std::string_view route_path = "other";
  Response response = dispatch(request, route_path);
  count(route_path, response.status);
  return response;
}

}  // namespace livedata::server
