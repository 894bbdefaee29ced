#include <algorithm>

#include "query/spl/command_parsers.h"
#include "query/spl/expression_parser.h"

namespace livedata::query::spl {
namespace {

/// `AS name`, if it stands there.
Parsed<std::optional<Name>> parse_as(Cursor& cursor) {
  if (!cursor.take_word("as")) return std::optional<Name>();
  LIVEDATA_TRY(Name name, cursor.take_name("a name"));
  return std::optional<Name>(std::move(name));
}

}  // namespace

Parsed<CommandBody> parse_fields(Cursor& cursor) {
  FieldsCommand command;
  command.removes = cursor.take("-");
  if (!command.removes) cursor.take("+");
  LIVEDATA_TRY(command.names, cursor.take_names("a field"));
  return command;
}

Parsed<CommandBody> parse_table(Cursor& cursor) {
  LIVEDATA_TRY(std::vector<Name> names, cursor.take_names("a field"));
  return TableCommand{std::move(names)};
}

Parsed<CommandBody> parse_rename(Cursor& cursor) {
  RenameCommand command;
  do {
    LIVEDATA_TRY(Name from, cursor.take_name("a field"));
    if (!cursor.take_word("as")) return cursor.unexpected("'AS'");
    LIVEDATA_TRY(Name to, cursor.take_name("a name"));
    const auto stars = [](const Name& name) {
      return std::count(name.text.begin(), name.text.end(), '*');
    };
    if (stars(from) != stars(to) || stars(from) > 1)
      return mistake(to.offset, "both names have the same number of *, one at most");
    command.pairs.push_back({std::move(from), std::move(to)});
    if (command.pairs.size() > kMaxListed)
      return mistake(cursor.offset(), "there are more than {} names", kMaxListed);
    cursor.take(",");
  } while (!cursor.at_end());
  return command;
}

Parsed<CommandBody> parse_eval(Cursor& cursor) {
  EvalCommand command;
  do {
    LIVEDATA_TRY(Name field, cursor.take_name("a field"));
    LIVEDATA_RETURN_IF_ERROR(cursor.expect("="));
    LIVEDATA_TRY(ExpressionPtr value, parse_expression(cursor));
    command.assignments.push_back({std::move(field), std::move(value)});
    if (command.assignments.size() > kMaxOperators)
      return mistake(cursor.offset(), "there are more than {} assignments", kMaxOperators);
  } while (cursor.take(","));
  return command;
}

Parsed<CommandBody> parse_rex(Cursor& cursor) {
  RexCommand command;
  for (;;) {
    if (cursor.take_option("field")) {
      LIVEDATA_TRY(command.field, cursor.take_name("a field"));
    } else if (cursor.take_option("max_match")) {
      LIVEDATA_TRY(command.max_match, cursor.take_count("a number of matches"));
    } else if (cursor.take_option("mode")) {
      const std::size_t at = cursor.skip_space();
      LIVEDATA_TRY(const std::string mode, cursor.take_value("sed"));
      if (mode != "sed") return mistake(at, "the only mode is sed, not '{}'", mode);
      command.is_sed = true;
    } else {
      LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, "rex", {"field", "max_match", "mode"}));
      if (!command.pattern.empty() || cursor.at_end()) break;
      command.offset = cursor.skip_space();
      if (!cursor.at_quote()) return cursor.unexpected("a regex in quotes");
      LIVEDATA_TRY(command.pattern, cursor.take_quoted());
    }
  }
  if (command.pattern.empty()) return cursor.unexpected("a regex in quotes");
  return command;
}

Parsed<CommandBody> parse_bin(Cursor& cursor) {
  BinCommand command;
  while (!cursor.at_end()) {
    if (cursor.take_option("span")) {
      LIVEDATA_TRY(command.span, parse_span(cursor));
    } else if (cursor.take_option("bins")) {
      LIVEDATA_TRY(command.bins, cursor.take_count("a number of bins"));
      if (command.bins < 1 || command.bins > 10000)
        return mistake(cursor.offset(), "there are 1 to 10000 bins");
    } else {
      LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, "bin", {"span", "bins"}));
      if (!command.field.text.empty()) {
        if (command.as) break;
        LIVEDATA_TRY(command.as, parse_as(cursor));
        if (!command.as) break;
        continue;
      }
      LIVEDATA_TRY(command.field, cursor.take_name("a field"));
    }
  }
  if (command.field.text.empty()) return cursor.unexpected("a field");
  return command;
}

Parsed<CommandBody> parse_spath(Cursor& cursor) {
  SpathCommand command;
  while (!cursor.at_end()) {
    if (cursor.take_option("input")) {
      LIVEDATA_TRY(command.input, cursor.take_name("a field"));
    } else if (cursor.take_option("output")) {
      LIVEDATA_TRY(command.output, cursor.take_name("a field"));
    } else {
      if (!cursor.take_option("path"))
        LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, "spath", {"input", "output", "path"}));
      if (!command.path.text.empty()) break;
      LIVEDATA_TRY(command.path, cursor.take_name("a path such as a.b{}.c"));
    }
  }
  if (command.path.text.empty())
    return cursor.unexpected("path=a.b: members are found where they are named, without spath too");
  return command;
}

Parsed<CommandBody> parse_fillnull(Cursor& cursor) {
  FillnullCommand command;
  if (cursor.take_option("value")) {
    LIVEDATA_TRY(command.value, cursor.take_value("a value"));
  }
  LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, "fillnull", {"value"}));
  if (cursor.at_end()) return command;
  LIVEDATA_TRY(command.fields, cursor.take_names("a field"));
  return command;
}

Parsed<CommandBody> parse_makemv(Cursor& cursor) {
  MakemvCommand command;
  command.offset = cursor.skip_space();
  while (!cursor.at_end()) {
    if (cursor.take_option("delim")) {
      LIVEDATA_TRY(command.delimiter, cursor.take_value("a text"));
      if (command.delimiter.empty()) return mistake(cursor.offset(), "delim can't be empty");
    } else if (cursor.take_option("tokenizer")) {
      LIVEDATA_TRY(command.tokenizer, cursor.take_value("a regex"));
    } else if (cursor.take_option("allowempty")) {
      LIVEDATA_TRY(command.keeps_empty, cursor.take_flag("allowempty"));
    } else {
      LIVEDATA_RETURN_IF_ERROR(
          refuse_option(cursor, "makemv", {"delim", "tokenizer", "allowempty"}));
      if (!command.field.text.empty()) break;
      LIVEDATA_TRY(command.field, cursor.take_name("a field"));
    }
  }
  if (command.field.text.empty()) return cursor.unexpected("a field");
  return command;
}

Parsed<CommandBody> parse_mvexpand(Cursor& cursor) {
  MvexpandCommand command;
  LIVEDATA_TRY(command.field, cursor.take_name("a field"));
  if (cursor.take_option("limit")) {
    LIVEDATA_TRY(command.limit, cursor.take_count("a number of values"));
  }
  return command;
}

Parsed<CommandBody> parse_addtotals(Cursor& cursor) {
  AddtotalsCommand command;
  while (!cursor.at_end()) {
    if (cursor.take_option("row")) {
      LIVEDATA_TRY(command.sums_rows, cursor.take_flag("row"));
    } else if (cursor.take_option("col")) {
      LIVEDATA_TRY(command.sums_columns, cursor.take_flag("col"));
    } else if (cursor.take_option("fieldname")) {
      LIVEDATA_TRY(command.field_name, cursor.take_value("a name"));
    } else if (cursor.take_option("label")) {
      LIVEDATA_TRY(command.label, cursor.take_value("a text"));
    } else if (cursor.take_option("labelfield")) {
      LIVEDATA_TRY(command.label_field, cursor.take_name("a field"));
    } else {
      LIVEDATA_RETURN_IF_ERROR(
          refuse_option(cursor, "addtotals", {"row", "col", "fieldname", "label", "labelfield"}));
      LIVEDATA_TRY(Name field, cursor.take_name("a field"));
      command.fields.push_back(std::move(field));
      cursor.take(",");
      if (command.fields.size() > kMaxListed)
        return mistake(cursor.offset(), "there are more than {} fields", kMaxListed);
    }
  }
  if (command.field_name.empty()) return mistake(cursor.offset(), "fieldname can't be empty");
  return command;
}

Parsed<CommandBody> parse_delta(Cursor& cursor) {
  DeltaCommand command;
  LIVEDATA_TRY(command.field, cursor.take_name("a field"));
  LIVEDATA_TRY(command.as, parse_as(cursor));
  if (cursor.take_option("p")) {
    LIVEDATA_TRY(command.back, cursor.take_count("a number of rows"));
    if (command.back == 0) return mistake(cursor.offset(), "p is 1 or more");
  }
  return command;
}

}  // namespace livedata::query::spl
