// Commands that leave out rows, or choose among fields.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "query/sql/search/planner.h"

namespace livedata::query::sql::search {

Planner::Done Planner::run(Rows& rows, const spl::SearchCommand& command) {
  LIVEDATA_TRY(const std::string condition, condition_of(rows, *command.condition));
  filter(rows, condition);
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::WhereCommand& command) {
  LIVEDATA_TRY(const Value condition, expression_of(rows, *command.condition));
  filter(rows, as_bool(condition));
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::FieldsCommand& command) {
  const std::vector<std::string> names = expand(rows, command.names);
  const auto is_named = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (command.removes) {
    std::erase_if(rows.fields, [&](const Field& field) { return is_named(field.name); });
    return {};
  }
  Rows out = rows;
  out.fields.clear();
  // What Splunk calls internal stays.
  for (const char* name : {"_time", "_raw"}) {
    const Field* field = rows.find(name);
    if (field != nullptr && rows.are_events) out.fields.push_back(*field);
  }
  for (const std::string& name : names) {
    if (rows.find(name) != nullptr) out.set(name, rows.value(name));
  }
  rows = std::move(out);
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::TableCommand& command) {
  Rows out = rows;
  out.fields.clear();
  for (const std::string& name : expand(rows, command.names)) out.set(name, rows.value(name));
  out.are_events = false;
  rows = std::move(out);
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::RenameCommand& command) {
  for (const spl::RenameCommand::Pair& pair : command.pairs) {
    for (const std::string& name : expand(rows, {pair.from})) {
      if (rows.find(name) == nullptr) continue;
      std::string to = pair.to.text;
      if (const std::size_t star = pair.from.text.find('*'); star != std::string::npos) {
        const std::size_t tail = pair.from.text.size() - star - 1;
        to.replace(to.find('*'), 1, name.substr(star, name.size() - star - tail));
      }
      if (to == name) continue;
      rows.remove(to);
      for (Field& field : rows.fields) {
        if (field.name != name) continue;
        field.name = to;
        field.is_shown = true;
        break;
      }
    }
  }
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::HeadCommand& command) {
  if (command.while_true != nullptr) {
    LIVEDATA_TRY(const Value condition, expression_of(rows, *command.while_true));
    number_rows(rows);
    NewColumns columns(*this, rows);
    const Value holds =
        columns.add({fmt::format("bool_and(coalesce({}, FALSE)) OVER ({} ROWS UNBOUNDED PRECEDING)",
                                 as_bool(condition), rows.order_clause()),
                     Kind::kBool});
    columns.done();
    filter(rows, holds.sql);
    rows.is_ordered = true;
    return {};
  }
  if (command.is_tail) {
    // As in Splunk, the last row comes first.
    if (rows.order.empty()) number_rows(rows);
    for (OrderKey& key : rows.order) key.falls = !key.falls;
  }
  rows.from = add_step(
      fmt::format("SELECT * FROM {}{} LIMIT {}", rows.from, rows.order_clause(), command.count));
  rows.is_ordered = true;
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::SortCommand& command) {
  std::vector<OrderKey> order;
  NewColumns columns(*this, rows);
  for (const spl::SortCommand::Key& key : command.keys) {
    const Value value = rows.value(key.field.text);
    if (value.kind == Kind::kNull) continue;
    const auto add = [&](const Value& by) { order.push_back({columns.add(by).sql, key.falls}); };
    using By = spl::SortCommand::By;
    const bool is_plain =
        key.by == By::kAuto && value.kind != Kind::kText && value.kind != Kind::kList;
    if (is_plain) {
      add(value);
      continue;
    }
    if (key.by == By::kAuto || key.by == By::kNumber) add({as_number(value), Kind::kDouble});
    if (key.by == By::kAddress) {
      // Numbers of an address with as many digits each.
      add({fmt::format("list_transform(string_split({}, '.'), lambda part: lpad(part, 3, '0'))",
                       as_text(value)),
           Kind::kList});
    }
    if (key.by == By::kAuto || key.by == By::kText) add({as_text(value), Kind::kText});
  }
  columns.done();
  constexpr std::size_t kMostKeys = 100;
  for (const OrderKey& key : rows.order) {
    if (order.size() < kMostKeys) order.push_back(key);
  }
  rows.order = std::move(order);
  rows.is_ordered = true;
  if (command.limit > 0)
    rows.from = add_step(
        fmt::format("SELECT * FROM {}{} LIMIT {}", rows.from, rows.order_clause(), command.limit));
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::DedupCommand& command) {
  number_rows(rows);
  std::string keys;
  std::string are_there;
  for (const spl::Name& name : command.fields) {
    const Value value = rows.value(name.text);
    const std::string key = value.kind == Kind::kMap ? as_text(value) : value.sql;
    keys += (keys.empty() ? "" : ", ") + key;
    are_there += (are_there.empty() ? "" : " AND ") + key + " IS NOT NULL";
  }
  NewColumns columns(*this, rows);
  if (command.is_consecutive) {
    // A row is kept that differs from the one before.
    const Value before = columns.add(
        {fmt::format("coalesce(row({0}) IS NOT DISTINCT FROM lag(row({0})) OVER ({1}), FALSE)",
                     keys, rows.order_clause()),
         Kind::kBool});
    columns.done();
    filter(rows, fmt::format("NOT {}", before.sql));
  } else {
    const Value place = columns.add(
        {fmt::format("row_number() OVER (PARTITION BY {}{})", keys, rows.order_clause()),
         Kind::kInteger});
    columns.done();
    filter(rows, command.keeps_empty
                     ? fmt::format("({} <= {} OR NOT ({}))", place.sql, command.keep, are_there)
                     : fmt::format("{} <= {}", place.sql, command.keep));
  }
  if (!command.keeps_empty) filter(rows, are_there);
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::RegexCommand& command) {
  LIVEDATA_TRY(std::string regex, checked_regex(command.pattern, command.offset));
  const Value value = rows.value(command.field.text);
  const std::string matches =
      fmt::format("regexp_matches({}, {})", as_text(value), bindings_.add(std::move(regex)));
  // What a row does not have does not match.
  filter(rows, command.is_negative ? fmt::format("NOT coalesce({}, FALSE)", matches) : matches);
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::MvexpandCommand& command) {
  // As long as the values of a row have a place among themselves.
  const bool is_list = rows.value(command.field.text).kind == Kind::kList;
  if (is_list) expand_list(rows, command.field.text, command.limit);
  return {};
}

}  // namespace livedata::query::sql::search
