// Commands that make fields of other fields, row by row.
#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

#include "query/sql/search/json_path.h"
#include "query/sql/search/planner.h"

namespace livedata::query::sql::search {
namespace {

/// Both as the kind that holds both; the first wins where it is there.
Value first_of(const Value& a, const Value& b) {
  const Kind kind = common_kind(a.kind, b.kind);
  if (kind == Kind::kNull || b.kind == Kind::kNull) return a;
  return {fmt::format("coalesce({}, {})", as_kind(a, kind), as_kind(b, kind)), kind};
}

/// s/regex/replacement/flags or y/these/those/ with any character for the slash.
struct Sed {
  bool is_translation = false;
  std::string pattern;
  std::string replacement;
  std::string flags;
};

std::optional<Sed> parse_sed(std::string_view text) {
  if (text.size() < 4 || (text[0] != 's' && text[0] != 'y')) return std::nullopt;
  const char delimiter = text[1];
  std::vector<std::string> parts(1);
  for (std::size_t i = 2; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == delimiter) {
      parts.back() += text[++i];
    } else if (text[i] == delimiter && parts.size() < 3) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  if (parts.size() != 3 || parts[2].find_first_not_of("gi") != std::string::npos)
    return std::nullopt;
  return Sed{text[0] == 'y', std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
}

}  // namespace

Planner::Done Planner::run(Rows& rows, const spl::EvalCommand& command) {
  for (const spl::EvalCommand::Assignment& one : command.assignments) {
    LIVEDATA_TRY(const Value value, expression_of(rows, *one.value));
    NewColumns columns(*this, rows);
    const bool is_null = value.kind == Kind::kNull;
    rows.set(one.field.text,
             is_null ? columns.add({"CAST(NULL AS VARCHAR)", Kind::kText}) : columns.add(value));
    columns.done();
    LIVEDATA_RETURN_IF_ERROR(check_size(one.field.offset));
  }
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::RexCommand& command) {
  const Value subject = rows.value(command.field.text);
  const std::string text = as_text(subject);
  NewColumns columns(*this, rows);
  if (command.is_sed) {
    const auto sed = parse_sed(command.pattern);
    if (!sed)
      return spl::mistake(command.offset, "a sed expression is s/regex/text/g or y/abc/xyz/");
    if (sed->is_translation) {
      rows.set(command.field.text,
               columns.add({fmt::format("translate({}, {}, {})", text, bindings_.add(sed->pattern),
                                        bindings_.add(sed->replacement)),
                            Kind::kText}));
    } else {
      LIVEDATA_TRY(std::string regex, checked_regex(sed->pattern, command.offset));
      const std::string_view flags = sed->flags == "g"    ? ", 'g'"
                                     : sed->flags.empty() ? ""
                                     : sed->flags == "i"  ? ", 'i'"
                                                          : ", 'gi'";
      rows.set(command.field.text, columns.add({fmt::format("regexp_replace({}, {}, {}{})", text,
                                                            bindings_.add(std::move(regex)),
                                                            bindings_.add(sed->replacement), flags),
                                                Kind::kText}));
    }
    columns.done();
    return {};
  }
  LIVEDATA_TRY(const std::string regex, checked_regex(command.pattern, command.offset));
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 compiled(regex, options);
  if (compiled.NamedCapturingGroups().empty())
    return spl::mistake(command.offset, "the regex has no group with a name, as in (?<user>\\w+)");
  const std::string place = bindings_.add(regex);
  for (const auto& [group, name] : compiled.CapturingGroupNames()) {
    if (command.max_match == 1) {
      const Value found{fmt::format("nullif(regexp_extract({}, {}, {}), '')", text, place, group),
                        Kind::kText};
      rows.set(name, columns.add(first_of(found, rows.value(name))));
    } else {
      std::string all = fmt::format("regexp_extract_all({}, {}, {})", text, place, group);
      if (command.max_match > 1) all = fmt::format("list_slice({}, 1, {})", all, command.max_match);
      rows.set(name, columns.add({fmt::format("nullif({}, [])", all), Kind::kList}));
    }
  }
  columns.done();
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::BinCommand& command) {
  const Value value = rows.value(command.field.text);
  if (value.kind == Kind::kNull) return {};
  const std::string& name = command.as ? command.as->text : command.field.text;
  if (command.span) {
    const bool is_time = command.span->unit != spl::Span::Unit::kNumber;
    if (is_time && value.kind != Kind::kTime)
      return spl::mistake(command.field.offset, "'{}' is no time; its span is a number",
                          command.field.text);
    NewColumns columns(*this, rows);
    rows.set(name, columns.add(binned(value, *command.span)));
    columns.done();
    return {};
  }
  NewColumns columns(*this, rows);
  if (value.kind == Kind::kTime) {
    rows.set(name, columns.add(binned(value, default_span())));
  } else {
    // The power of ten that makes at most so many bins.
    const std::string number = fmt::format("CAST({} AS DOUBLE)", as_number(value));
    const Value width = columns.add(
        {fmt::format(
             "pow(10, ceil(log10(greatest((max({0}) OVER () - min({0}) OVER ()) / {1}, 1e-9))))",
             number, command.bins),
         Kind::kDouble});
    columns.done();
    rows.set(name, columns.add(
                       {fmt::format("floor({0} / {1}) * {1}", number, width.sql), Kind::kDouble}));
  }
  columns.done();
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::SpathCommand& command) {
  const std::string input = as_text(rows.value(command.input.text));
  const std::string& path = command.path.text;
  const bool is_list = path.find('{') != std::string::npos;
  NewColumns columns(*this, rows);
  const Value value =
      is_list ? Value{fmt::format("(CASE WHEN json_valid({0}) THEN nullif(json_extract_string({0}, "
                                  "{1}), []) END)",
                                  input, bindings_.add(json_path(path))),
                      Kind::kList}
              : Value{fmt::format("line_field({}, {})", input, bindings_.add(path)), Kind::kText};
  rows.set(command.output ? command.output->text : path, columns.add(value));
  columns.done();
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::FillnullCommand& command) {
  std::vector<std::string> names = expand(rows, command.fields);
  if (command.fields.empty()) {
    for (const Field& field : rows.fields) {
      const bool is_filled =
          field.is_shown && field.value.kind != Kind::kMap && field.value.kind != Kind::kTime;
      if (is_filled && field.name != "_raw") names.push_back(field.name);
    }
  }
  const auto number = number_in(command.value);
  NewColumns columns(*this, rows);
  for (const std::string& name : names) {
    const Value value = rows.value(name);
    const bool is_number = (value.kind == Kind::kInteger || value.kind == Kind::kDouble) && number;
    const bool is_whole = is_number && value.kind == Kind::kInteger &&
                          *number == static_cast<double>(static_cast<std::int64_t>(*number));
    Value filled;
    if (is_whole) {
      filled = {fmt::format("coalesce({}, {})", value.sql,
                            bindings_.add(static_cast<std::int64_t>(*number))),
                value.kind};
    } else if (is_number) {
      filled = {fmt::format("coalesce(CAST({} AS DOUBLE), {})", value.sql, bindings_.add(*number)),
                Kind::kDouble};
    } else {
      filled = {fmt::format("coalesce({}, {})", as_text(value), bindings_.add(command.value)),
                Kind::kText};
    }
    rows.set(name, columns.add(filled));
  }
  columns.done();
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::MakemvCommand& command) {
  const std::string text = as_text(rows.value(command.field.text));
  std::string list;
  if (!command.tokenizer.empty()) {
    LIVEDATA_TRY(std::string regex, checked_regex(command.tokenizer, command.offset));
    const re2::RE2 compiled(regex, re2::RE2::Quiet);
    const int group = compiled.NumberOfCapturingGroups() > 0 ? 1 : 0;
    list =
        fmt::format("regexp_extract_all({}, {}, {})", text, bindings_.add(std::move(regex)), group);
  } else {
    list = fmt::format("string_split({}, {})", text, bindings_.add(command.delimiter));
  }
  if (!command.keeps_empty)
    list = fmt::format("nullif(list_filter({}, lambda element: element <> ''), [])", list);
  NewColumns columns(*this, rows);
  rows.set(command.field.text, columns.add({list, Kind::kList}));
  columns.done();
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::AddtotalsCommand& command) {
  std::vector<std::string> names = expand(rows, command.fields);
  if (command.fields.empty()) {
    for (const Field& field : rows.fields) {
      const bool is_number =
          field.value.kind == Kind::kInteger || field.value.kind == Kind::kDouble;
      if (field.is_shown && is_number && !field.name.starts_with('_')) names.push_back(field.name);
    }
  }
  if (command.sums_rows) {
    std::string sum = "0.0";
    for (const std::string& name : names)
      sum += fmt::format(" + coalesce(CAST({} AS DOUBLE), 0)", as_number(rows.value(name)));
    NewColumns columns(*this, rows);
    rows.set(command.field_name, columns.add({sum, Kind::kDouble}));
    columns.done();
    names.push_back(command.field_name);
  }
  if (!command.sums_columns) return {};
  Rows total;
  std::string select;
  for (const std::string& name : names) {
    const Kind kind = rows.value(name).kind == Kind::kInteger ? Kind::kInteger : Kind::kDouble;
    const std::string column = new_column();
    select += fmt::format("{}CAST(sum(CAST({} AS DOUBLE)) AS {}) AS {}", select.empty() ? "" : ", ",
                          as_number(rows.value(name)), kind == Kind::kInteger ? "BIGINT" : "DOUBLE",
                          column);
    total.fields.push_back({name, {column, kind}, true});
  }
  if (command.label_field) {
    const std::string column = new_column();
    select +=
        fmt::format("{}{} AS {}", select.empty() ? "" : ", ", bindings_.add(command.label), column);
    total.fields.push_back({command.label_field->text, {column, Kind::kText}, true});
  }
  if (select.empty()) return {};
  rows.from = add_step("SELECT * FROM " + rows.from, true);  // it is read twice
  total.from = add_step(fmt::format("SELECT {} FROM {}", select, rows.from));
  rows = joined(rows, total);
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::DeltaCommand& command) {
  number_rows(rows);
  const std::string number =
      fmt::format("CAST({} AS DOUBLE)", as_number(rows.value(command.field.text)));
  NewColumns columns(*this, rows);
  rows.set(command.as ? command.as->text : fmt::format("delta({})", command.field.text),
           columns.add({fmt::format("{0} - lag({0}, {1}) OVER ({2})", number, command.back,
                                    rows.order_clause()),
                        Kind::kDouble}));
  columns.done();
  return {};
}

}  // namespace livedata::query::sql::search
