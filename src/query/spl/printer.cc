#include "query/spl/printer.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "query/spl/cursor.h"

namespace livedata::query::spl {
namespace {

/// A name that can stand by itself wherever a name is read.
std::string bare_or_quoted(std::string_view name) {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '*' ||
           c == '{' || c == '}';
  };
  constexpr std::array<std::string_view, 12> kWords = {
      "as", "by", "over", "output", "outputnew", "where", "and", "or", "not", "eval", "d", "desc"};
  const std::string low = lower(name);
  const bool is_word = std::find(kWords.begin(), kWords.end(), low) != kWords.end();
  const bool is_bare = !name.empty() && !is_word &&
                       std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
                       std::all_of(name.begin(), name.end(), is_plain);
  return is_bare ? std::string(name) : quoted(name);
}

std::string print_name(const Name& name) { return bare_or_quoted(name.text); }

template <class T, class Print>
std::string joined(const std::vector<T>& parts, std::string_view separator,
                   const Print& print_one) {
  std::string out;
  for (const T& part : parts) {
    if (!out.empty()) out += separator;
    out += print_one(part);
  }
  return out;
}

std::string print_names(const std::vector<Name>& names) { return joined(names, ", ", print_name); }

/// With a space in front, or nothing where there are none.
std::string print_by(const std::vector<Name>& names) {
  return names.empty() ? "" : " BY " + print_names(names);
}

std::string print_number(double number) { return fmt::format("{}", number); }

std::string print_field(std::string_view name) {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  constexpr std::array<std::string_view, 8> kWords = {"and",  "or", "xor", "not",
                                                      "like", "in", "as",  "by"};
  const bool is_bare = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
                       std::all_of(name.begin(), name.end(), is_plain) &&
                       std::find(kWords.begin(), kWords.end(), lower(name)) == kWords.end();
  return is_bare ? std::string(name) : quoted(name, '\'');
}

std::string_view symbol(Compare compare) {
  constexpr std::array<std::string_view, 6> kSymbols = {"=", "!=", "<", "<=", ">", ">="};
  return kSymbols[static_cast<std::size_t>(compare)];
}

/// A word that is read back as one.
bool is_bare_word(std::string_view word) {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-./:*@#$%&+~").find(c) != std::string_view::npos;
  };
  return !word.empty() && word != "*" && word != "AND" && word != "OR" && word != "NOT" &&
         word != "IN" && lower(word) != "search" && lower(word) != "where" &&
         std::all_of(word.begin(), word.end(), is_plain);
}

std::string print_aggregation(const Aggregation& made) {
  const std::string call = print_call(made);
  return made.name == call ? call : fmt::format("{} AS {}", call, bare_or_quoted(made.name));
}

std::string print_aggregations(const std::vector<Aggregation>& made) {
  return joined(made, ", ", print_aggregation);
}

std::string print_subsearch(const SearchPtr& search) { return "[" + print(*search) + "]"; }

std::string print_boundary(const ConditionPtr& condition) { return "(" + print(*condition) + ")"; }

struct PrintBody {
  std::string operator()(const SearchCommand& c) const { return "search " + print(*c.condition); }
  std::string operator()(const WhereCommand& c) const { return "where " + print(*c.condition); }
  std::string operator()(const FieldsCommand& c) const {
    return std::string("fields ") + (c.removes ? "- " : "") + print_names(c.names);
  }
  std::string operator()(const TableCommand& c) const { return "table " + print_names(c.names); }
  std::string operator()(const RenameCommand& c) const {
    return "rename " + joined(c.pairs, ", ", [](const RenameCommand::Pair& pair) {
             return print_name(pair.from) + " AS " + print_name(pair.to);
           });
  }
  std::string operator()(const EvalCommand& c) const {
    return "eval " + joined(c.assignments, ", ", [](const EvalCommand::Assignment& one) {
             return print_name(one.field) + " = " + print(*one.value);
           });
  }
  std::string operator()(const StatsCommand& c) const {
    constexpr std::array<std::string_view, 3> kNames = {"stats", "eventstats", "streamstats"};
    std::string out(kNames[static_cast<std::size_t>(c.kind)]);
    if (c.window) out += fmt::format(" window={}", *c.window);
    if (!c.includes_current) out += " current=false";
    return out + " " + print_aggregations(c.aggregations) + print_by(c.by);
  }
  std::string operator()(const ChartCommand& c) const {
    std::string out = c.is_over_time ? "timechart" : "chart";
    if (c.span) out += " span=" + c.span->text;
    if (c.limit != 10) out += fmt::format(" limit={}", c.limit);
    if (!c.uses_other) out += " useother=false";
    if (!c.uses_null) out += " usenull=false";
    if (!c.fills_gaps) out += " cont=false";
    out += " " + print_aggregations(c.aggregations);
    if (c.over) out += " OVER " + print_name(*c.over);
    if (c.by) out += " BY " + print_name(*c.by);
    return out;
  }
  std::string operator()(const TopCommand& c) const {
    std::string out = fmt::format("{} limit={}", c.is_rare ? "rare" : "top", c.limit);
    if (c.count_name != "count") out += " countfield=" + quoted(c.count_name);
    if (c.percent_name != "percent") out += " percentfield=" + quoted(c.percent_name);
    if (!c.shows_count) out += " showcount=false";
    if (!c.shows_percent) out += " showperc=false";
    return out + " " + print_names(c.fields) + print_by(c.by);
  }
  std::string operator()(const HeadCommand& c) const {
    if (c.while_true != nullptr) return "head " + std::string("(") + print(*c.while_true) + ")";
    return fmt::format("{} {}", c.is_tail ? "tail" : "head", c.count);
  }
  std::string operator()(const SortCommand& c) const {
    constexpr std::array<std::string_view, 4> kTypes = {"auto", "num", "str", "ip"};
    return fmt::format("sort {} ", c.limit) +
           joined(c.keys, ", ", [&](const SortCommand::Key& key) {
             const std::string out(key.falls ? "-" : "");
             if (key.by == SortCommand::By::kAuto) return out + print_name(key.field);
             return out + fmt::format("{}({})", kTypes[static_cast<std::size_t>(key.by)],
                                      print_name(key.field));
           });
  }
  std::string operator()(const DedupCommand& c) const {
    std::string out = fmt::format("dedup {} {}", c.keep, print_names(c.fields));
    if (c.keeps_empty) out += " keepempty=true";
    if (c.is_consecutive) out += " consecutive=true";
    return out;
  }
  std::string operator()(const RexCommand& c) const {
    std::string out = "rex";
    if (c.field.text != "_raw") out += " field=" + print_name(c.field);
    if (c.max_match != 1) out += fmt::format(" max_match={}", c.max_match);
    if (c.is_sed) out += " mode=sed";
    return out + " " + quoted(c.pattern);
  }
  std::string operator()(const RegexCommand& c) const {
    if (c.field.text == "_raw" && !c.is_negative) return "regex " + quoted(c.pattern);
    return fmt::format("regex {}{}={}", c.field.text, c.is_negative ? "!" : "", quoted(c.pattern));
  }
  std::string operator()(const BinCommand& c) const {
    std::string out = c.span ? "bin span=" + c.span->text : fmt::format("bin bins={}", c.bins);
    out += " " + print_name(c.field);
    return c.as ? out + " AS " + print_name(*c.as) : out;
  }
  std::string operator()(const SpathCommand& c) const {
    std::string out = "spath";
    if (c.input.text != "_raw") out += " input=" + print_name(c.input);
    if (c.output) out += " output=" + print_name(*c.output);
    return out + " path=" + print_name(c.path);
  }
  std::string operator()(const FillnullCommand& c) const {
    const std::string out = "fillnull value=" + quoted(c.value);
    return c.fields.empty() ? out : out + " " + print_names(c.fields);
  }
  std::string operator()(const MakemvCommand& c) const {
    std::string out = c.tokenizer.empty() ? "makemv delim=" + quoted(c.delimiter)
                                          : "makemv tokenizer=" + quoted(c.tokenizer);
    if (c.keeps_empty) out += " allowempty=true";
    return out + " " + print_name(c.field);
  }
  std::string operator()(const MvexpandCommand& c) const {
    const std::string out = "mvexpand " + print_name(c.field);
    return c.limit == 0 ? out : fmt::format("{} limit={}", out, c.limit);
  }
  std::string operator()(const TransactionCommand& c) const {
    std::string out = "transaction";
    const auto length = [](std::int64_t ns) { return fmt::format("{}us", ns / 1000); };
    if (!c.fields.empty()) out += " " + print_names(c.fields);
    if (c.max_span_ns) out += " maxspan=" + length(*c.max_span_ns);
    if (c.max_pause_ns) out += " maxpause=" + length(*c.max_pause_ns);
    if (c.max_events != 1000) out += fmt::format(" maxevents={}", c.max_events);
    if (c.starts_with != nullptr) out += " startswith=" + print_boundary(c.starts_with);
    if (c.ends_with != nullptr) out += " endswith=" + print_boundary(c.ends_with);
    return out;
  }
  std::string operator()(const JoinCommand& c) const {
    std::string out = fmt::format("join type={}", c.keeps_unmatched ? "left" : "inner");
    if (c.max != 1) out += fmt::format(" max={}", c.max);
    return out + " " + print_names(c.fields) + " " + print_subsearch(c.search);
  }
  std::string operator()(const AppendCommand& c) const {
    return "append " + print_subsearch(c.search);
  }
  std::string operator()(const LookupCommand& c) const {
    const auto pairs = [](const std::vector<RenameCommand::Pair>& all) {
      return joined(all, ", ", [](const RenameCommand::Pair& pair) {
        if (pair.from.text == pair.to.text) return print_name(pair.from);
        return print_name(pair.from) + " AS " + print_name(pair.to);
      });
    };
    std::string out = "lookup " + print_name(c.table) + " " + pairs(c.matches);
    if (!c.outputs.empty()) out += (c.keeps_old ? " OUTPUTNEW " : " OUTPUT ") + pairs(c.outputs);
    return out;
  }
  std::string operator()(const InputlookupCommand& c) const {
    std::string out = "inputlookup";
    if (c.appends) out += " append=true";
    if (c.max != 0) out += fmt::format(" max={}", c.max);
    out += " " + print_name(c.table);
    return c.where == nullptr ? out : out + " where " + print(*c.where);
  }
  std::string operator()(const AddtotalsCommand& c) const {
    std::string out = "addtotals";
    if (!c.sums_rows) out += " row=false";
    if (c.sums_columns) out += " col=true";
    if (c.field_name != "Total") out += " fieldname=" + quoted(c.field_name);
    if (c.label != "Total") out += " label=" + quoted(c.label);
    if (c.label_field) out += " labelfield=" + print_name(*c.label_field);
    return c.fields.empty() ? out : out + " " + print_names(c.fields);
  }
  std::string operator()(const DeltaCommand& c) const {
    std::string out = "delta " + print_name(c.field);
    if (c.as) out += " AS " + print_name(*c.as);
    return c.back == 1 ? out : fmt::format("{} p={}", out, c.back);
  }
};

/// A part of an AND, OR or NOT: what is joined itself stands in brackets.
std::string print_part(const ConditionPtr& part) {
  const bool is_joined = part->kind == Condition::Kind::kAnd || part->kind == Condition::Kind::kOr;
  return is_joined ? "(" + print(*part) + ")" : print(*part);
}

}  // namespace

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') out += '\\';
    out += c;
  }
  return out + quote;
}

std::string print_call(const Aggregation& made) {
  const bool is_percentile =
      made.function == "perc" || made.function == "exactperc" || made.function == "upperperc";
  std::string name = is_percentile ? made.function + print_number(made.percent) : made.function;
  if (made.argument == nullptr) return name;
  if (made.is_eval) return fmt::format("{}(eval({}))", name, print(*made.argument));
  return fmt::format("{}({})", name, bare_or_quoted(made.argument->text));
}

std::string print(const Expression& expression) {
  const auto argument = [&](std::size_t i) { return print(*expression.arguments[i]); };
  switch (expression.kind) {
    case Expression::Kind::kNumber:
      return print_number(expression.number);
    case Expression::Kind::kText:
      return quoted(expression.text);
    case Expression::Kind::kField:
      return print_field(expression.text);
    case Expression::Kind::kUnary:
      return expression.text == "-" ? "-(" + argument(0) + ")" : "(NOT " + argument(0) + ")";
    case Expression::Kind::kBinary:
      return fmt::format("({} {} {})", argument(0), expression.text, argument(1));
    case Expression::Kind::kCall:
      break;
  }
  return expression.text + "(" +
         joined(expression.arguments, ", ", [](const ExpressionPtr& e) { return print(*e); }) + ")";
}

std::string print(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kAll:
      return "*";
    case Condition::Kind::kAnd:
      return joined(condition.children, " AND ", print_part);
    case Condition::Kind::kOr:
      return joined(condition.children, " OR ", print_part);
    case Condition::Kind::kNot:
      return "NOT " + print_part(condition.children.front());
    case Condition::Kind::kWord:
      return is_bare_word(condition.values.front()) ? condition.values.front()
                                                    : quoted(condition.values.front());
    case Condition::Kind::kPhrase:
      return quoted(condition.values.front());
    case Condition::Kind::kCompare:
      return bare_or_quoted(condition.field.text) + std::string(symbol(condition.compare)) +
             quoted(condition.values.front());
    case Condition::Kind::kIn:
      return bare_or_quoted(condition.field.text) + " IN (" +
             joined(condition.values, ", ", [](const std::string& v) { return quoted(v); }) + ")";
    case Condition::Kind::kSubsearch:
      break;
  }
  return print_subsearch(condition.subsearch);
}

std::string print(const Command& command) { return std::visit(PrintBody(), command.body); }

std::string print(const Search& search) {
  std::string out;
  for (const Command& command : search.commands) {
    if (!out.empty()) {
      out += " | ";
    } else if (std::holds_alternative<InputlookupCommand>(command.body)) {
      out += "| ";
    }
    out += print(command);
    if (&command != &search.commands.front()) continue;
    if (search.earliest) out += " earliest=" + quoted(search.earliest->text);
    if (search.latest) out += " latest=" + quoted(search.latest->text);
  }
  return out;
}

}  // namespace livedata::query::spl
