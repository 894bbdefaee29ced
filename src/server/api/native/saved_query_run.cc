#include "server/api/native/saved_query_run.h"

#include "base/time_format.h"
#include "query/logql/engine.h"
#include "query/saved/recorded_rows.h"
#include "query/sql/engine.h"
#include "server/api/native/search_request.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

using query::saved::Language;
using query::saved::SavedQuery;

constexpr std::size_t kMaxAnswerBytes = 32_MiB;

/// All of an answer.
Result<std::string> rows_of(query::sql::Outcome<std::unique_ptr<query::sql::AnswerStream>> answer) {
  if (!answer) {
    const auto& failure = answer.error();
    return fail(failure.line == 0 ? failure.error
                                  : Error(failure.error)
                                        .with_context(fmt::format("line {}, column {}",
                                                                  failure.line, failure.column)));
  }
  std::string out;
  for (;;) {
    auto piece = (*answer)->next();
    if (!piece) return fail(std::move(piece).error().error);
    if (piece->empty()) return out;
    out += *piece;
    if (out.size() > kMaxAnswerBytes)
      return fail(ErrorCode::kTooLarge, "the answer has more than {} MiB", kMaxAnswerBytes >> 20U);
  }
}

Result<std::string> run_sql(const ApiContext& context, const TenantScope& scope,
                            const SavedQuery& saved, const TimeRange& range,
                            const Deadline& deadline) {
  const query::sql::Query query{.text = saved.text,
                                .range = range,
                                .format = query::sql::Format::kNdjson,
                                .limit = query::saved::kMaxRecordedRows + 1};
  return rows_of(context.sql->run(scope, query, deadline));
}

Result<std::string> run_search(const ApiContext& context, const TenantScope& scope,
                               const SavedQuery& saved, const TimeRange& range,
                               const Deadline& deadline) {
  const query::sql::search::SearchQuery search{.text = saved.text,
                                               .range = range,
                                               .now = range.end,
                                               .format = query::sql::Format::kNdjson,
                                               .limit = query::saved::kMaxRecordedRows + 1,
                                               .load_lookup = loader_of(context.lookups)};
  return rows_of(query::sql::search::run_search(*context.sql, scope, search, deadline));
}

void write_labels(JsonWriter& json, const std::vector<Label>& labels) {
  for (const Label& label : labels) json.key(label.name).string(label.value);
}

std::string rows_of(const query::LogRows& rows) {
  std::string out;
  for (const query::LogRow& row : rows.rows) {
    JsonWriter json;
    json.begin_object().key("time").string(format_rfc3339(row.timestamp));
    json.key("line").string(row.line);
    for (const auto& [name, value] : row.stream->labels) json.key(name).string(value);
    write_labels(json, row.metadata);
    write_labels(json, row.parsed);
    out += json.end_object().take() + "\n";
  }
  return out;
}

std::string rows_of(const query::Vector& vector) {
  std::string out;
  for (const query::Series& series : vector.series) {
    JsonWriter json;
    json.begin_object();
    for (const auto& [name, value] : series.labels) json.key(name).string(value);
    json.key("value").number(series.samples.front().value);
    out += json.end_object().take() + "\n";
  }
  return out;
}

std::string rows_of(const query::Scalar& scalar) {
  JsonWriter json;
  json.begin_object().key("value").number(scalar.sample.value).end_object();
  return json.take() + "\n";
}

/// Not what an instant query answers.
std::string rows_of(const query::Matrix& /*matrix*/) { return {}; }

Result<std::string> run_logql(const ApiContext& context, const TenantScope& scope,
                              const SavedQuery& saved, const TimeRange& range,
                              const Deadline& deadline) {
  Result<query::QueryAnswer> answer;
  if (query::logql::selector_of(saved.text)) {
    answer = context.engine.range(scope,
                                  {.text = saved.text,
                                   .start = range.start,
                                   .end = range.end,
                                   .limit = context.limits.max_entries},
                                  deadline);
  } else {
    answer = context.engine.instant(scope, {.text = saved.text, .time = range.end}, deadline);
  }
  if (!answer) return fail(std::move(answer).error());
  return std::visit([](const auto& value) { return rows_of(value); }, answer->value);
}

}  // namespace

Result<std::string> run_saved_query(const ApiContext& context, const TenantScope& scope,
                                    const SavedQuery& query, const TimeRange& range,
                                    const Deadline& deadline) {
  switch (query.language) {
    case Language::kLogql:
      return run_logql(context, scope, query, range, deadline);
    case Language::kSql:
      return run_sql(context, scope, query, range, deadline);
    case Language::kSearch:
      break;
  }
  return run_search(context, scope, query, range, deadline);
}

}  // namespace livedata::server::native
