#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metric.h"
#include "server/http/body_sink.h"
#include "server/http/message.h"

namespace livedata::server {

using Handler = std::function<Response(const Request&)>;
/// Gets the text that stood for the pattern's '*'.
using WildcardHandler = std::function<Response(const Request&, std::string_view)>;
/// What stood for the wildcards of a pattern, from left to right.
using PathParts = std::vector<std::string_view>;
using PatternHandler = std::function<Response(const Request&, const PathParts&)>;
/// Whether a route is for this request at all. Must not depend on more than its headers.
using Condition = std::function<bool(const Request&)>;

/// Where a route's handler runs: on the threads that also take what comes in, or on those of
/// queries, in turn with those of other tenants.
enum class Lane { kIngest, kQuery };

/// Finds the handler of a request by method and path. Filled at start, constant afterwards, then
/// thread-safe.
class Router {
 public:
  explicit Router(MetricRegistry& metrics) : metrics_(metrics) {}

  /// `methods` such as "GET|POST"; HEAD goes with GET where it is not named itself. `path` is
  /// exact. Of several routes that take a request, the first one added gets it.
  void add(std::string_view methods, std::string path, Handler handler, Lane lane = Lane::kIngest);
  /// `path` holds one '*' that stands for one or more characters other than '/'.
  void add_wildcard(std::string_view methods, std::string path, WildcardHandler handler,
                    Lane lane = Lane::kIngest);
  /// `pattern` may hold a '*' in each of its parts between slashes, which stands for one or more
  /// characters, and end with "/**", which stands for any number of further parts. Requests that
  /// `condition` refuses are looked at as if the route were not there.
  void add_pattern(std::string_view methods, std::string pattern, PatternHandler handler,
                   Condition condition = nullptr, Lane lane = Lane::kIngest);
  /// A POST route whose body is not bounded: it goes piece by piece to a sink that `open` makes.
  void add_stream(std::string path, BodySinkFactory open);
  /// Decides before anything else of a request is looked at whether it is let in to a route, and
  /// who asks; nullopt, or the answer that refuses it. May take a while, and is called on any
  /// thread.
  using Gate = std::function<std::optional<Response>(Request&, std::string_view route_path)>;
  void set_gate(Gate gate) { gate_ = std::move(gate); }
  [[nodiscard]] bool has_gate() const { return gate_ != nullptr; }
  /// Asks the gate, where there is one and a route that takes the request. Counts what is refused.
  [[nodiscard]] std::optional<Response> admit(Request& request) const;
  /// Is told of every request that was answered or refused.
  using Observer = std::function<void(const Request&, std::string_view route_path, int status)>;
  void set_observer(Observer observer) { observer_ = std::move(observer); }
  struct RouteName {
    std::string method;
    std::string path;
  };
  /// All there are, in the order in which they were added.
  [[nodiscard]] std::vector<RouteName> route_names() const;

  /// Answers GET requests that no route takes.
  void set_fallback(Handler handler) { fallback_ = std::move(handler); }

  [[nodiscard]] Lane lane(const Request& request) const;
  /// 404 and 405 included. Counts the request by route and status.
  [[nodiscard]] Response handle(const Request& request) const;

  struct StreamRoute {
    std::string path;
    BodySinkFactory open;
  };
  /// The route that takes the request's body as a stream; nullptr if there is none.
  [[nodiscard]] const StreamRoute* find_stream(const Request& request) const;
  /// Counts a request that was answered without handle().
  void count(std::string_view route_path, int status) const;

 private:
  struct Route {
    std::vector<std::string> methods;
    std::string path;
    PatternHandler handler;
    Condition condition;
    Lane lane;
  };

  static bool takes(const Route& route, std::string_view method);
  static bool meets(const Route& route, const Request& request, PathParts& parts);
  [[nodiscard]] Response dispatch(const Request& request, std::string_view& route_path) const;

  MetricRegistry& metrics_;
  std::vector<Route> routes_;
  std::vector<StreamRoute> streams_;
  Handler fallback_;
  Gate gate_;
  Observer observer_;
};

}  // namespace livedata::server
