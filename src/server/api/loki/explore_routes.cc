// What Grafana's query editor and Logs Drilldown ask for.
#include <algorithm>
#include <map>
#include <set>

#include "query/explore/detected_fields.h"
#include "query/explore/volume.h"
#include "query/plan/units.h"
#include "server/api/loki/answer.h"
#include "server/api/loki/respond.h"
#include "server/api/loki/routes.h"
#include "server/api/parameters.h"

namespace livedata::server::loki {
namespace {

constexpr std::size_t kDefaultVolumes = 100;
constexpr std::size_t kDefaultFields = 1000;
constexpr std::size_t kMaxVolumes = 5000;
constexpr std::size_t kSampledLines = 100;
constexpr std::int64_t kDefaultRangeSteps = 250;

Deadline with_timeout(const Request& request, const ApiContext& context) {
  return request.deadline.until(context.limits.query_timeout);
}

Result<TimeRange> inclusive_range(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(TimeRange range, parse_range(request.parameters, context.clock.now()));
  ++range.end;
  return range;
}

/// The selector of a log query; stages behind it are not looked at. `{}` and nothing mean all.
Result<std::vector<LabelMatcher>> parse_matchers(std::string_view text) {
  if (text.empty() || text == "{}") return std::vector<LabelMatcher>();
  return query::logql::selector_of(text);
}

Result<query::explore::VolumeTotal> index_stats(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(const TimeRange range, inclusive_range(request, context));
  LIVEDATA_TRY(const auto matchers, parse_matchers(request.parameters.get("query")));
  return query::explore::total_volume(context.store, request.scope(), range, matchers,
                                      with_timeout(request, context));
}

std::string encode_stats(const query::explore::VolumeTotal& total) {
  JsonWriter json;
  json.begin_object().key("streams").number(total.streams).key("chunks").number(total.blocks);
  json.key("bytes").number(total.bytes).key("entries").number(total.rows);
  return json.end_object().take();
}

/// What volumes are added up by.
struct VolumeGrouping {
  std::set<std::string> names;  ///< labels to group by
  bool by_names_only = false;   ///< aggregateBy=labels: how much has the label at all
  bool has_targets = false;
  bool by_all = false;  ///< no label is named: each stream by itself
};

VolumeGrouping parse_grouping(const Request& request, const std::vector<LabelMatcher>& matchers) {
  VolumeGrouping grouping;
  std::string_view targets = request.parameters.get("targetLabels");
  grouping.has_targets = !targets.empty();
  while (!targets.empty()) {
    const std::string_view name = targets.substr(0, targets.find(','));
    targets.remove_prefix(std::min(name.size() + 1, targets.size()));
    if (!name.empty()) grouping.names.emplace(name);
  }
  if (!grouping.has_targets) {
    for (const LabelMatcher& matcher : matchers) grouping.names.insert(matcher.name());
  }
  grouping.by_all = grouping.names.empty();
  grouping.by_names_only =
      request.parameters.get("aggregateBy") == "labels" && !grouping.has_targets;
  return grouping;
}

/// The series that a stream's bytes count for.
std::vector<Labels> groups_of(const Labels& labels, const VolumeGrouping& grouping) {
  std::vector<Labels> out;
  if (grouping.by_names_only) {
    for (const Label& label : labels)
      out.emplace_back(std::vector<Label>{{label.name, label.name}});
    return out;
  }
  if (grouping.by_all) return {labels};
  std::vector<Label> kept;
  for (const Label& label : labels) {
    if (grouping.names.contains(label.name)) kept.push_back(label);
  }
  if (!kept.empty()) out.emplace_back(std::move(kept));
  return out;
}

struct Volumes {
  VolumeGrouping grouping;
  /// By series: time of the step, bytes.
  std::vector<std::pair<Labels, std::map<TimestampNs, std::uint64_t>>> series;
};

/// Volumes with at most one sample per step; `step` 0 gives one at the range's end.
Result<Volumes> volumes(const Request& request, const ApiContext& context, bool as_range) {
  LIVEDATA_TRY(const TimeRange range, inclusive_range(request, context));
  LIVEDATA_TRY(const auto matchers, parse_matchers(request.parameters.get("query")));
  LIVEDATA_TRY(std::int64_t step, parse_step(request.parameters, "step"));
  LIVEDATA_TRY(const std::size_t limit, parse_limit(request.parameters, kDefaultVolumes));
  if (step == 0) {
    step = std::max(kNsPerSecond,
                    (range.end - range.start) / kDefaultRangeSteps / kNsPerSecond * kNsPerSecond);
  }
  Volumes out;
  out.grouping = parse_grouping(request, matchers);
  std::map<Labels, std::map<TimestampNs, std::uint64_t>> found;
  std::map<StreamId, std::vector<std::map<TimestampNs, std::uint64_t>*>> of_stream;
  LIVEDATA_RETURN_IF_ERROR(query::explore::for_volume(
      context.store, request.scope(), range, matchers, with_timeout(request, context),
      [&](const query::explore::VolumePart& part) {
        const auto [slot, is_new] = of_stream.try_emplace(part.stream->id);
        if (is_new) {
          for (const Labels& labels : groups_of(part.stream->labels, out.grouping))
            slot->second.push_back(&found[labels]);
        }
        const TimestampNs offset = std::clamp(part.time, range.start, range.end - 1) - range.start;
        const TimestampNs time = as_range ? range.start + offset / step * step : range.end - 1;
        for (auto* samples : slot->second) (*samples)[time] += part.bytes;
      }));
  for (auto& [labels, samples] : found) out.series.emplace_back(labels, std::move(samples));
  const auto total = [](const auto& series) {
    std::uint64_t sum = 0;
    for (const auto& [time, bytes] : series.second) sum += bytes;
    return sum;
  };
  std::stable_sort(out.series.begin(), out.series.end(),
                   [&](const auto& a, const auto& b) { return total(a) > total(b); });
  const std::size_t kept = std::min(limit, kMaxVolumes);
  if (out.series.size() > kept) out.series.resize(kept);
  return out;
}

std::string encode_volumes(const Volumes& volumes, bool as_range) {
  JsonWriter json;
  json.begin_object().key("status").string("success").key("data").begin_object();
  json.key("resultType").string(as_range ? "matrix" : "vector").key("result").begin_array();
  const auto write_sample = [&](TimestampNs time, std::uint64_t bytes) {
    const TimestampNs milliseconds = time / (kNsPerSecond / 1000);
    json.begin_array().number(static_cast<double>(milliseconds) / 1000);
    json.string(std::to_string(bytes)).end_array();
  };
  for (const auto& [labels, samples] : volumes.series) {
    json.begin_object().key("metric").begin_object();
    for (const Label& label : labels)
      json.key(label.name).string(volumes.grouping.by_names_only ? "" : label.value);
    json.end_object();
    if (as_range) {
      json.key("values").begin_array();
      for (const auto& [time, bytes] : samples) write_sample(time, bytes);
      json.end_array();
    } else if (!samples.empty()) {
      json.key("value");
      write_sample(samples.begin()->first, samples.begin()->second);
    }
    json.end_object();
  }
  json.end_array().key("stats").begin_object().end_object();
  return json.end_object().end_object().take();
}

Result<std::map<std::string, std::set<std::string>>> label_values(const Request& request,
                                                                  const ApiContext& context) {
  LIVEDATA_TRY(const TimeRange range, inclusive_range(request, context));
  LIVEDATA_TRY(const auto matchers, parse_matchers(request.parameters.get("query")));
  LIVEDATA_TRY(const auto streams, context.store.streams(request.scope(), range, matchers));
  std::map<std::string, std::set<std::string>> values;
  for (const StreamRef& stream : streams) {
    for (const Label& label : stream->labels) values[label.name].insert(label.value);
  }
  return values;
}

std::string encode_detected_labels(const std::map<std::string, std::set<std::string>>& values) {
  JsonWriter json;
  json.begin_object().key("detectedLabels").begin_array();
  for (const auto& [name, distinct] : values) {
    json.begin_object().key("label").string(name);
    json.key("cardinality").number(static_cast<std::uint64_t>(distinct.size())).end_object();
  }
  return json.end_array().end_object().take();
}

using Fields = std::map<std::string, query::explore::DetectedField>;

/// Fields of the newest lines that the query finds.
Result<Fields> detected_fields(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(auto query,
               parse_range_query(request.parameters, context.clock.now(), context.limits));
  query.limit = kSampledLines;
  if (const std::string_view lines = request.parameters.get("line_limit"); !lines.empty()) {
    Parameters line_limit;
    line_limit.append(Parameters::parse("limit=" + std::string(lines)));
    LIVEDATA_TRY(query.limit, parse_limit(line_limit, kSampledLines));
    query.limit = std::min(query.limit, context.limits.max_entries);
  }
  LIVEDATA_TRY(const auto answer,
               context.engine.range(request.scope(), query, with_timeout(request, context)));
  const auto* rows = std::get_if<query::LogRows>(&answer.value);
  if (rows == nullptr)
    return fail(ErrorCode::kInvalidArgument, "fields are detected in log queries, not in metrics");
  return query::explore::detect_fields(rows->rows);
}

void write_strings(const std::set<std::string>& values, JsonWriter& json) {
  json.begin_array();
  for (const std::string& value : values) json.string(value);
  json.end_array();
}

std::string encode_fields(const Fields& fields, std::size_t limit) {
  JsonWriter json;
  json.begin_object().key("fields").begin_array();
  std::size_t count = 0;
  for (const auto& [name, field] : fields) {
    if (count++ == limit) break;
    json.begin_object().key("label").string(name);
    json.key("type").string(query::explore::name(field.kind));
    json.key("cardinality").number(static_cast<std::uint64_t>(field.values.size()));
    json.key("parsers");
    if (field.parsers.empty()) {
      json.raw("null");
    } else {
      write_strings(field.parsers, json);
    }
    if (!field.json_path.empty()) {
      json.key("jsonPath").begin_array();
      for (const std::string& part : field.json_path) json.string(part);
      json.end_array();
    }
    json.end_object();
  }
  json.end_array().key("limit").number(static_cast<std::uint64_t>(limit));
  return json.end_object().take();
}

std::string encode_field_values(const Fields& fields, std::string_view name, std::size_t limit) {
  JsonWriter json;
  json.begin_object().key("values").begin_array();
  if (const auto found = fields.find(std::string(name)); found != fields.end()) {
    std::size_t count = 0;
    for (const std::string& value : found->second.values) {
      if (count++ == limit) break;
      json.string(value);
    }
  }
  json.end_array().key("limit").number(static_cast<std::uint64_t>(limit));
  return json.end_object().take();
}

/// The `limit` of field calls is of fields, so the query must not see it.
Result<std::size_t> field_limit(const Request& request) {
  return parse_limit(request.parameters, kDefaultFields);
}

void add_volume_routes(const ApiContext& context, const std::string& base, Router& router) {
  for (const bool as_range : {false, true}) {
    router.add(
        "GET|POST", base + (as_range ? "index/volume_range" : "index/volume"),
        [context, as_range](const Request& r) {
          return respond(volumes(r, context, as_range),
                         [as_range](const Volumes& v) { return encode_volumes(v, as_range); });
        },
        Lane::kQuery);
  }
}

}  // namespace

void add_explore_routes(const ApiContext& context, Router& router) {
  const std::string base = "/loki/api/v1/";
  router.add(
      "GET|POST", base + "index/stats",
      [context](const Request& r) { return respond(index_stats(r, context), encode_stats); },
      Lane::kQuery);
  add_volume_routes(context, base, router);
  router.add(
      "GET|POST", base + "detected_labels",
      [context](const Request& r) {
        return respond(label_values(r, context), encode_detected_labels);
      },
      Lane::kQuery);
  router.add(
      "GET|POST", base + "detected_fields",
      [context](const Request& r) {
        const auto limit = field_limit(r);
        if (!limit) return Response::from(limit.error());
        return respond(detected_fields(r, context),
                       [&](const Fields& fields) { return encode_fields(fields, *limit); });
      },
      Lane::kQuery);
  router.add_wildcard(
      "GET|POST", base + "detected_field/*/values",
      [context](const Request& r, std::string_view name) {
        const auto limit = field_limit(r);
        if (!limit) return Response::from(limit.error());
        return respond(detected_fields(r, context), [&](const Fields& fields) {
          return encode_field_values(fields, name, *limit);
        });
      },
      Lane::kQuery);
}

}  // namespace livedata::server::loki
