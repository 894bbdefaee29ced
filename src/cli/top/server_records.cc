#include "cli/top/server_records.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "cli/client/server_request.h"
#include "ingest/values/json.h"

namespace livedata::cli::top {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr auto kTimeout = std::chrono::seconds(10);
constexpr std::size_t kMaxError = 300;

template <class Number>
Number number_of(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view value_in(const Pairs& pairs, std::string_view name) {
  for (const auto& [candidate, value] : pairs) {
    if (candidate == name) return value;
  }
  return {};
}

Pairs pairs_of(yyjson_val* object) {
  Pairs pairs;
  ingest::JsonTree::for_each_member(object, [&](std::string_view name, yyjson_val* value) {
    pairs.emplace_back(name, ingest::json_string(value));
    return true;
  });
  return pairs;
}

Result<yyjson_val*> result_of(const ingest::JsonDocument& document) {
  yyjson_val* const data = yyjson_obj_get(yyjson_doc_get_root(document.get()), "data");
  if (data == nullptr) return fail(ErrorCode::kInternal, "the server's answer is not understood");
  return data;
}

ServerRecord record_of(yyjson_val* entry, const Pairs& labels) {
  ServerRecord record;
  record.time = number_of<TimestampNs>(ingest::json_string(yyjson_arr_get(entry, 0)));
  record.line = ingest::json_string(yyjson_arr_get(entry, 1));
  record.labels = labels;
  yyjson_val* const more = yyjson_arr_get(entry, 2);
  if (yyjson_is_obj(more)) record.fields = pairs_of(yyjson_obj_get(more, "structuredMetadata"));
  return record;
}

}  // namespace

std::string_view ServerRecord::label(std::string_view name) const { return value_in(labels, name); }

std::string_view ServerRecord::field(std::string_view name) const { return value_in(fields, name); }

Result<std::vector<ServerRecord>> parse_records(std::string_view answer) {
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(answer));
  LIVEDATA_TRY(yyjson_val* const data, result_of(document));
  std::vector<ServerRecord> records;
  yyjson_arr_iter streams = yyjson_arr_iter_with(yyjson_obj_get(data, "result"));
  while (yyjson_val* stream = yyjson_arr_iter_next(&streams)) {
    const Pairs labels = pairs_of(yyjson_obj_get(stream, "stream"));
    yyjson_arr_iter values = yyjson_arr_iter_with(yyjson_obj_get(stream, "values"));
    while (yyjson_val* entry = yyjson_arr_iter_next(&values))
      records.push_back(record_of(entry, labels));
  }
  std::stable_sort(records.begin(), records.end(),
                   [](const ServerRecord& a, const ServerRecord& b) { return a.time < b.time; });
  return records;
}

Result<std::vector<HistoryPoint>> parse_minutes(std::string_view answer) {
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(answer));
  LIVEDATA_TRY(yyjson_val* const data, result_of(document));
  std::map<TimestampNs, double> points;
  yyjson_arr_iter series = yyjson_arr_iter_with(yyjson_obj_get(data, "result"));
  while (yyjson_val* one = yyjson_arr_iter_next(&series)) {
    yyjson_arr_iter values = yyjson_arr_iter_with(yyjson_obj_get(one, "values"));
    while (yyjson_val* entry = yyjson_arr_iter_next(&values)) {
      const auto time = static_cast<TimestampNs>(yyjson_get_num(yyjson_arr_get(entry, 0)) * 1e9);
      const auto value = number_of<double>(ingest::json_string(yyjson_arr_get(entry, 1)));
      double& point = points[time];
      point = std::max(point, value);
    }
  }
  std::vector<HistoryPoint> all;
  for (const auto& [time, value] : points) all.push_back({.time = time, .value = value});
  return all;
}

Result<std::vector<std::string>> parse_values(std::string_view answer) {
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(answer));
  std::vector<std::string> values;
  yyjson_arr_iter it =
      yyjson_arr_iter_with(yyjson_obj_get(yyjson_doc_get_root(document.get()), "data"));
  while (yyjson_val* value = yyjson_arr_iter_next(&it))
    values.emplace_back(ingest::json_string(value));
  return values;
}

Result<std::vector<HostChoice>> parse_remotes(std::string_view answer) {
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(answer));
  std::vector<HostChoice> hosts;
  yyjson_arr_iter it =
      yyjson_arr_iter_with(yyjson_obj_get(yyjson_doc_get_root(document.get()), "remotes"));
  while (yyjson_val* remote = yyjson_arr_iter_next(&it)) {
    const auto text = [remote](const char* key) {
      return std::string(ingest::json_string(yyjson_obj_get(remote, key)));
    };
    hosts.push_back({.name = text("name"), .note = text("state")});
  }
  return hosts;
}

Result<std::string> ServerRecords::get(const std::string& target) const {
  server::ClientRequest request;
  request.target = target;
  request.timeout = kTimeout;
  // Labels and fields apart, the latter for each record.
  request.headers = {{"X-Loki-Response-Encoding-Flags", "categorize-labels"}};
  LIVEDATA_TRY(server::ClientResponse response, send_to_server(address_, std::move(request)));
  if (response.status == 200) return std::move(response.body);
  std::string text = response.body.substr(0, std::min(response.body.find('\n'), kMaxError));
  return fail(ErrorCode::kUnavailable, "{} answers {}: {}", address_, response.status, text);
}

Result<std::vector<ServerRecord>> ServerRecords::records(std::string_view query, Span span,
                                                         int limit) const {
  LIVEDATA_TRY(const std::string answer,
               get(fmt::format(
                   "/loki/api/v1/query_range?query={}&start={}&end={}&limit={}&direction=backward",
                   server::percent_encode(query), span.from, span.to, limit)));
  return parse_records(answer);
}

Result<std::vector<HistoryPoint>> ServerRecords::minutes(std::string_view query, Span span) const {
  LIVEDATA_TRY(const std::string answer,
               get(fmt::format("/loki/api/v1/query_range?query={}&start={}&end={}&step=60",
                               server::percent_encode(query), span.from, span.to)));
  return parse_minutes(answer);
}

Result<std::vector<HostChoice>> ServerRecords::hosts(Span span) const {
  LIVEDATA_TRY(const std::string answer,
               get(fmt::format("/loki/api/v1/label/host/values?query={}&start={}&end={}",
                               server::percent_encode(R"({source="cpu"})"), span.from, span.to)));
  LIVEDATA_TRY(const std::vector<std::string> names, parse_values(answer));
  std::map<std::string, std::string> notes;
  for (const std::string& name : names) notes.emplace(name, "");
  // A server that does not know of remotes has none.
  if (const auto remotes = get("/api/v1/remotes")) {
    LIVEDATA_TRY(const std::vector<HostChoice> all, parse_remotes(*remotes));
    for (const HostChoice& remote : all) notes[remote.name] = remote.note;
  }
  std::vector<HostChoice> hosts;
  for (auto& [name, note] : notes) hosts.push_back({.name = name, .note = note});
  return hosts;
}

}  // namespace livedata::cli::top
