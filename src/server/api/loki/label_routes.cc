#include <map>
#include <set>

#include "server/api/loki/answer.h"
#include "server/api/loki/respond.h"
#include "server/api/loki/routes.h"
#include "server/api/parameters.h"

namespace livedata::server::loki {
namespace {

// Loki's label calls look back six hours where no range is given.
constexpr std::int64_t kDefaultLabelRange = 6 * 3600 * kNsPerSecond;

/// How a list of names or values is answered: the older API has another form.
using Encode = std::string (*)(const std::vector<std::string>&);

std::string encode_values(const std::vector<std::string>& values) {
  JsonWriter json;
  json.begin_object().key("values").begin_array();
  for (const std::string& value : values) json.string(value);
  return json.end_array().end_object().take();
}

Result<TimeRange> label_range(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(TimeRange range,
               parse_range(request.parameters, context.clock.now(), kDefaultLabelRange));
  ++range.end;  // Loki's label calls include the end
  return range;
}

/// Streams of the request's range that meet its optional `query` selector.
Result<std::vector<StreamRef>> selected_streams(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(const TimeRange range, label_range(request, context));
  std::vector<LabelMatcher> matchers;
  if (const std::string_view selector = request.parameters.get("query"); !selector.empty()) {
    LIVEDATA_TRY(matchers, query::logql::parse_selector(selector));
  }
  return context.store.streams(request.scope(), range, matchers);
}

Response labels(const Request& request, const ApiContext& context, Encode encode) {
  return respond(selected_streams(request, context),
                 [encode](const std::vector<StreamRef>& streams) {
                   std::set<std::string> names;
                   for (const StreamRef& stream : streams) {
                     for (const Label& label : stream->labels) names.insert(label.name);
                   }
                   return encode({names.begin(), names.end()});
                 });
}

Response label_values(const Request& request, std::string_view name, const ApiContext& context,
                      Encode encode) {
  return respond(selected_streams(request, context),
                 [name, encode](const std::vector<StreamRef>& streams) {
                   std::set<std::string> values;
                   for (const StreamRef& stream : streams) {
                     if (const std::string_view value = stream->labels.get(name); !value.empty())
                       values.emplace(value);
                   }
                   return encode({values.begin(), values.end()});
                 });
}

Response series(const Request& request, const ApiContext& context) {
  const auto run = [&]() -> Result<std::vector<Labels>> {
    LIVEDATA_TRY(const TimeRange range, label_range(request, context));
    std::vector<std::string_view> selectors = request.parameters.all("match[]");
    for (const std::string_view more : request.parameters.all("match")) selectors.push_back(more);
    std::map<Labels, bool> found;
    const auto collect = [&](const std::vector<LabelMatcher>& matchers) -> Result<void> {
      LIVEDATA_TRY(const auto streams, context.store.streams(request.scope(), range, matchers));
      for (const StreamRef& stream : streams) found.emplace(stream->labels, true);
      return {};
    };
    for (const std::string_view selector : selectors) {
      if (selector == "{}" || selector.empty()) {  // Grafana's way to ask for all
        LIVEDATA_RETURN_IF_ERROR(collect({}));
        continue;
      }
      LIVEDATA_TRY(const auto matchers, query::logql::parse_selector(selector));
      LIVEDATA_RETURN_IF_ERROR(collect(matchers));
    }
    if (selectors.empty()) LIVEDATA_RETURN_IF_ERROR(collect({}));
    std::vector<Labels> sets;
    sets.reserve(found.size());
    for (const auto& [labels, unused] : found) sets.push_back(labels);
    return sets;
  };
  return respond(run(), encode_label_sets);
}

}  // namespace

void add_label_routes(const ApiContext& context, Router& router) {
  const auto add = [&](const std::string& base, Encode encode) {
    for (const char* name : {"label", "labels"}) {
      router.add(
          "GET|POST", base + name,
          [context, encode](const Request& r) { return labels(r, context, encode); }, Lane::kQuery);
    }
    router.add_wildcard(
        "GET|POST", base + "label/*/values",
        [context, encode](const Request& r, std::string_view name) {
          return label_values(r, name, context, encode);
        },
        Lane::kQuery);
    router.add(
        "GET|POST", base + "series", [context](const Request& r) { return series(r, context); },
        Lane::kQuery);
  };
  add("/loki/api/v1/", encode_strings);
  add("/api/prom/", encode_values);
}

}  // namespace livedata::server::loki
