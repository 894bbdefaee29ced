// lookup and inputlookup: a lookup is one place holder, of which a step makes rows.
#include <algorithm>

#include <fmt/format.h>

#include "query/sql/search/planner.h"

namespace livedata::query::sql::search {

spl::Parsed<Rows> Planner::lookup_rows(const spl::Name& name) {
  std::string file = name.text;
  if (file.ends_with(".csv")) file.resize(file.size() - 4);
  if (!input_.load_lookup) return spl::mistake(name.offset, "there are no lookups here");
  auto known = lookups_.find(file);
  if (known == lookups_.end()) {
    auto loaded = input_.load_lookup(file);
    if (!loaded) return tl::unexpected(spl::Fault{std::move(loaded).error(), name.offset});
    std::string rows = bindings_.add(std::move(loaded->rows));
    known = lookups_.emplace(file, std::pair(std::move(loaded->columns), std::move(rows))).first;
  }
  const auto& [names, cells] = known->second;
  Rows rows;
  std::string select;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string column = new_column();
    select += fmt::format("nullif(cells[{}], '') AS {}, ", i + 1, column);
    rows.set(names[i], {column, Kind::kText});
  }
  const std::string place = new_column();
  rows.from =
      add_step(fmt::format("SELECT {}row_number() OVER () AS {} FROM (SELECT unnest(from_json({}, "
                           "'[[\"VARCHAR\"]]')) AS cells)",
                           select, place, cells));
  rows.order = {{place, false}};
  rows.is_ordered = true;
  return rows;
}

Planner::Done Planner::run(Rows& rows, const spl::InputlookupCommand& command) {
  LIVEDATA_TRY(Rows other, lookup_rows(command.table));
  if (command.where != nullptr) {
    LIVEDATA_TRY(const std::string condition, condition_of(other, *command.where));
    filter(other, condition);
  }
  if (command.max > 0)
    other.from = add_step(
        fmt::format("SELECT * FROM {}{} LIMIT {}", other.from, other.order_clause(), command.max));
  rows = joined(rows, other);
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::LookupCommand& command) {
  LIVEDATA_TRY(Rows table, lookup_rows(command.table));
  std::string on;
  std::string keys;
  for (const spl::RenameCommand::Pair& match : command.matches) {
    const Field* column = table.find(match.from.text);
    if (column == nullptr)
      return spl::mistake(match.from.offset, "the lookup has no column '{}'", match.from.text);
    on += fmt::format("{}{} = {}", on.empty() ? "" : " AND ", as_text(rows.value(match.to.text)),
                      column->value.sql);
    keys += (keys.empty() ? "" : ", ") + column->value.sql;
  }
  // Of several rows the first one counts.
  NewColumns columns(*this, table);
  const Value place =
      columns.add({fmt::format("row_number() OVER (PARTITION BY {}{})", keys, table.order_clause()),
                   Kind::kInteger});
  columns.done();
  filter(table, place.sql + " = 1");
  std::vector<spl::RenameCommand::Pair> outputs = command.outputs;
  if (outputs.empty()) {
    for (const Field& field : table.fields) {
      const bool is_key =
          std::any_of(command.matches.begin(), command.matches.end(),
                      [&](const auto& match) { return match.from.text == field.name; });
      if (!is_key) outputs.push_back({{field.name, 0}, {field.name, 0}});
    }
  }
  Rows out = rows;
  std::string select;
  for (const spl::RenameCommand::Pair& output : outputs) {
    const Field* column = table.find(output.from.text);
    if (column == nullptr)
      return spl::mistake(output.from.offset, "the lookup has no column '{}'", output.from.text);
    const Value old = rows.value(output.to.text);
    const std::string name = new_column();
    const std::string value = command.keeps_old && old.kind != Kind::kNull
                                  ? fmt::format("coalesce({}, {})", as_text(old), column->value.sql)
                                  : column->value.sql;
    select += fmt::format(", {} AS {}", value, name);
    out.set(output.to.text, {name, Kind::kText});
  }
  out.from = add_step(fmt::format("SELECT {0}.*{1} FROM {0} LEFT JOIN {2} ON {3}", rows.from,
                                  select, table.from, on));
  rows = std::move(out);
  return {};
}

}  // namespace livedata::query::sql::search
