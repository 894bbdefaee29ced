#include "query/sql/search/search.h"

#include <yyjson.hpp>

#include "query/spl/parser.h"

namespace livedata::query::sql::search {
namespace {

namespace json = livedata_yyjson;

QueryError error_of(const spl::Fault& fault, std::string_view text) {
  QueryError error{fault.error};
  if (fault.offset == spl::Fault::kNowhere) return error;
  const spl::Place place = spl::place_of(text, fault.offset);
  error.line = place.line;
  error.column = place.column;
  return error;
}

Outcome<std::string> whole_answer(const Engine& engine, const TenantScope& scope,
                                  const Query& query, const Deadline& deadline) {
  auto stream = engine.run(scope, query, deadline);
  if (!stream) return tl::unexpected(std::move(stream).error());
  std::string out;
  for (;;) {
    auto piece = (*stream)->next();
    if (!piece) return tl::unexpected(std::move(piece).error());
    if (piece->empty()) return out;
    out += *piece;
  }
}

/// The texts of {"name": "text"}, one per line.
std::vector<std::string> names_in(std::string_view lines) {
  std::vector<std::string> names;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    json::yyjson_doc* document = json::yyjson_read(line.data(), line.size(), 0);
    json::yyjson_val* name = json::yyjson_obj_get(json::yyjson_doc_get_root(document), "name");
    if (json::yyjson_is_str(name))
      names.emplace_back(json::yyjson_get_str(name), json::yyjson_get_len(name));
    json::yyjson_doc_free(document);
  }
  return names;
}

}  // namespace

Outcome<std::unique_ptr<AnswerStream>> run_search(const Engine& engine, const TenantScope& scope,
                                                  const SearchQuery& search,
                                                  const Deadline& deadline) {
  const auto parsed = spl::parse(search.text);
  if (!parsed) return tl::unexpected(error_of(parsed.error(), search.text));
  const auto ask = [&](Query query) -> spl::Parsed<std::vector<std::string>> {
    query.format = Format::kNdjson;
    const auto answer = whole_answer(engine, scope, query, deadline);
    if (!answer) return tl::unexpected(spl::Fault{answer.error().error, spl::Fault::kNowhere});
    return names_in(*answer);
  };
  const PlanInput input{.tables = engine.tables(scope),
                        .now = search.now,
                        .range = search.range,
                        .load_lookup = search.load_lookup,
                        .ask = ask,
                        .limit = search.limit};
  auto plan = Planner(input).plan(*parsed);
  if (!plan) return tl::unexpected(error_of(plan.error(), search.text));
  Query query;
  query.text = std::move(plan->sql);
  query.parameters = std::move(plan->parameters);
  query.format = search.format;
  query.limit = search.limit;
  query.is_generated = true;
  query.told_range = plan->range;
  if (search.explains) query.plan = std::move(plan->steps);
  return engine.run(scope, query, deadline);
}

}  // namespace livedata::query::sql::search
