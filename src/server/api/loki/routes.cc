#include "server/api/loki/routes.h"

#include <algorithm>
#include <map>
#include <set>

#include "ingest/content.h"
#include "ingest/loki/push.h"
#include "server/api/loki/answer.h"
#include "server/api/loki/deletes.h"
#include "server/api/parameters.h"

namespace livedata::server::loki {
namespace {

// Loki's label calls look back six hours where no range is given.
constexpr std::int64_t kDefaultLabelRange = 6 * 3600 * kNsPerSecond;

template <class T, class Encode>
Response respond(const Result<T>& result, const Encode& encode) {
  return result ? Response::json(encode(*result)) : Response::from(result.error());
}

LabelForm label_form(const Request& request) {
  const bool categorize =
      request.header("x-loki-response-encoding-flags").find("categorize-labels") !=
      std::string_view::npos;
  return categorize ? LabelForm::kCategorized : LabelForm::kFolded;
}

Deadline with_timeout(const Request& request, const Limits& limits) {
  return request.deadline.until(limits.query_timeout);
}

Result<ingest::Decoded> decode_push(const Request& request, const ApiContext& context) {
  const ingest::DecodeContext decode{context.limits, context.clock.now()};
  LIVEDATA_TRY(ingest::Encoding encoding,
               ingest::parse_content_encoding(request.header("content-encoding")));
  const bool protobuf = request.header("content-type").starts_with("application/x-protobuf");
  // Protobuf is always a snappy block, and clients do not say so.
  if (protobuf && encoding == ingest::Encoding::kIdentity) encoding = ingest::Encoding::kSnappy;
  if (encoding == ingest::Encoding::kIdentity)
    return ingest::loki::decode_json(request.body, decode);
  LIVEDATA_TRY(const std::string body,
               ingest::decompress(request.body, encoding, context.limits.max_expanded_body_bytes));
  return protobuf ? ingest::loki::decode_protobuf(body, decode)
                  : ingest::loki::decode_json(body, decode);
}

std::string describe(const std::vector<ingest::Rejection>& rejected) {
  std::string text;
  for (const ingest::Rejection& rejection : rejected) {
    text += fmt::format("{} records refused ({}): {}\n", rejection.count, rejection.reason,
                        rejection.message);
  }
  return text;
}

Response push(const Request& request, const ApiContext& context) {
  auto decoded = decode_push(request, context);
  if (!decoded) return Response::from(decoded.error());
  context.writer.count_rejected(decoded->rejected);
  if (auto written = context.writer.write(context.tenant, std::move(decoded->batch)); !written)
    return Response::from(written.error());
  // The good records are kept; the sender must hear of the others.
  return decoded->rejected.empty() ? Response::text(204, "")
                                   : Response::text(400, describe(decoded->rejected));
}

Response query_range(const Request& request, const ApiContext& context) {
  const auto run = [&]() -> Result<query::QueryAnswer> {
    LIVEDATA_TRY(const auto query,
                 parse_range_query(request.parameters, context.clock.now(), context.limits));
    return context.engine.range(context.tenant, query, with_timeout(request, context.limits));
  };
  return respond(run(), [&](const query::QueryAnswer& answer) {
    return encode_answer(answer, label_form(request));
  });
}

Response query_instant(const Request& request, const ApiContext& context) {
  const auto run = [&]() -> Result<query::QueryAnswer> {
    LIVEDATA_TRY(const auto query,
                 parse_instant_query(request.parameters, context.clock.now(), context.limits));
    return context.engine.instant(context.tenant, query, with_timeout(request, context.limits));
  };
  return respond(run(), [&](const query::QueryAnswer& answer) {
    return encode_answer(answer, label_form(request));
  });
}

Result<TimeRange> label_range(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(TimeRange range, parse_range(request.parameters, context.clock.now()));
  if (request.parameters.get("start").empty() && request.parameters.get("since").empty())
    range.start = range.end - kDefaultLabelRange;
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
  return context.store.streams(context.tenant, range, matchers);
}

Response labels(const Request& request, const ApiContext& context) {
  return respond(selected_streams(request, context), [](const std::vector<StreamRef>& streams) {
    std::set<std::string> names;
    for (const StreamRef& stream : streams) {
      for (const Label& label : stream->labels) names.insert(label.name);
    }
    return encode_strings({names.begin(), names.end()});
  });
}

Response label_values(const Request& request, std::string_view name, const ApiContext& context) {
  return respond(selected_streams(request, context), [name](const std::vector<StreamRef>& streams) {
    std::set<std::string> values;
    for (const StreamRef& stream : streams) {
      if (const std::string_view value = stream->labels.get(name); !value.empty())
        values.emplace(value);
    }
    return encode_strings({values.begin(), values.end()});
  });
}

Response series(const Request& request, const ApiContext& context) {
  const auto run = [&]() -> Result<std::vector<Labels>> {
    LIVEDATA_TRY(const TimeRange range, label_range(request, context));
    std::vector<std::string_view> selectors = request.parameters.all("match[]");
    for (const std::string_view more : request.parameters.all("match")) selectors.push_back(more);
    std::map<Labels, bool> found;
    const auto collect = [&](const std::vector<LabelMatcher>& matchers) -> Result<void> {
      LIVEDATA_TRY(const auto streams, context.store.streams(context.tenant, range, matchers));
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

Response build_info(const ApiContext& context) {
  JsonWriter json;
  // Clients read a Loki version here to know what they may ask for.
  json.begin_object()
      .key("version")
      .string("3.5.0")
      .key("revision")
      .string("livedata-" + context.version);
  json.key("branch")
      .string("")
      .key("buildUser")
      .string("")
      .key("buildDate")
      .string("")
      .key("goVersion")
      .string("");
  return Response::json(json.end_object().take());
}

}  // namespace

void add_routes(const ApiContext& context, Router& router) {
  const std::string base = "/loki/api/v1/";
  router.add("POST", base + "push", [context](const Request& r) { return push(r, context); });
  router.add("GET|POST", base + "query_range",
             [context](const Request& r) { return query_range(r, context); });
  router.add("GET|POST", base + "query",
             [context](const Request& r) { return query_instant(r, context); });
  router.add("GET|POST", base + "labels",
             [context](const Request& r) { return labels(r, context); });
  router.add("GET|POST", base + "label",
             [context](const Request& r) { return labels(r, context); });
  router.add_wildcard("GET|POST", base + "label/*/values",
                      [context](const Request& r, std::string_view name) {
                        return label_values(r, name, context);
                      });
  router.add("GET|POST", base + "series",
             [context](const Request& r) { return series(r, context); });
  router.add("GET", base + "status/buildinfo",
             [context](const Request&) { return build_info(context); });
  add_delete_routes(context, router);
}

}  // namespace livedata::server::loki
