#include "query/sql/search/condition_sql.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <re2/re2.h>

#include "query/spl/cursor.h"

namespace livedata::query::sql::search {
namespace {

using spl::Compare;
using spl::Condition;

bool has_letters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalpha(c) != 0 || (c & 0x80U) != 0; });
}

/// A regex for text in which * stands for `anything`.
std::string pattern_of(std::string_view text, std::string_view anything) {
  std::string out;
  while (!text.empty()) {
    const std::size_t star = std::min(text.find('*'), text.size());
    out += re2::RE2::QuoteMeta(std::string(text.substr(0, star)));
    if (star == text.size()) break;
    out += anything;
    text.remove_prefix(star + 1);
  }
  return out;
}

bool is_word_end(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// The longest piece without letters, which stands in a line just as it is written.
std::string caseless_piece(std::string_view words) {
  std::string_view best;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= words.size(); ++i) {
    if (i < words.size() && words[i] != '*' && !has_letters(words.substr(i, 1))) continue;
    if (i - start > best.size()) best = words.substr(start, i - start);
    start = i + 1;
  }
  constexpr std::size_t kWorthIt = 3;
  return best.size() < kWorthIt ? std::string() : std::string(best);
}

/// A value that JSON and logfmt write in one way, but for \u and the like.
bool is_written_plainly(std::string_view value) {
  constexpr std::size_t kWorthIt = 3;
  return value.size() >= kWorthIt &&
         value.find_first_not_of("0123456789.:-_") == std::string_view::npos;
}

}  // namespace

spl::Parsed<std::string> ConditionSql::join(const Condition& condition, std::string_view word) {
  std::string out;
  for (const spl::ConditionPtr& child : condition.children) {
    LIVEDATA_TRY(const std::string part, compile(*child));
    if (!out.empty()) out += word;
    out += part;
  }
  return "(" + out + ")";
}

spl::Parsed<std::string> ConditionSql::compile(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kAll:
      return "TRUE";
    case Condition::Kind::kAnd:
      return join(condition, " AND ");
    case Condition::Kind::kOr:
      return join(condition, " OR ");
    case Condition::Kind::kNot: {
      LIVEDATA_TRY(const std::string child, compile(*condition.children.front()));
      return fmt::format("(NOT coalesce({}, FALSE))", child);
    }
    case Condition::Kind::kWord:
    case Condition::Kind::kPhrase:
      return contains_words(condition.values.front());
    case Condition::Kind::kCompare:
      return compare_field(condition.field.text, condition.compare, condition.values.front());
    case Condition::Kind::kIn: {
      std::string out;
      for (const std::string& value : condition.values) {
        if (!out.empty()) out += " OR ";
        out += compare_field(condition.field.text, Compare::kEqual, value);
      }
      return "(" + out + ")";
    }
    case Condition::Kind::kSubsearch:
      break;
  }
  if (!lookup_.subsearch) return spl::mistake(condition.offset, "a subsearch can't stand here");
  return lookup_.subsearch(*condition.subsearch, condition.offset);
}

std::string ConditionSql::contains_words(const std::string& words) {
  const Value raw = lookup_.field("_raw");
  if (raw.kind == Kind::kNull) return "FALSE";
  std::string regex = "(?i)";
  if (is_word_end(words.front())) regex += R"((?:^|[^\pL\pN]))";
  regex += pattern_of(words, R"(\S*)");
  if (is_word_end(words.back())) regex += R"((?:$|[^\pL\pN]))";
  const std::string text = as_text(raw);
  std::string exact = fmt::format("regexp_matches({}, {})", text, bindings_.add(std::move(regex)));
  const std::string piece = caseless_piece(words);
  if (piece.empty()) return exact;
  return fmt::format("(contains({}, {}) AND {})", text, bindings_.add(piece), exact);
}

std::string ConditionSql::compare_field(const std::string& field, Compare op,
                                        const std::string& value) {
  const Value subject = lookup_.field(field);
  if (subject.kind == Kind::kNull) return "FALSE";
  const std::string line = lookup_.line_of ? lookup_.line_of(field) : std::string();
  if (subject.kind != Kind::kList) return compare_value(subject, op, value, line);
  const std::string one = compare_value({"element", Kind::kText}, op, value, "");
  return fmt::format("(len(list_filter({}, lambda element: {})) > 0)", subject.sql, one);
}

std::string ConditionSql::compare_value(const Value& subject, Compare op, const std::string& value,
                                        const std::string& line) {
  if (op == Compare::kEqual) return equals(subject, value, line);
  if (op == Compare::kNotEqual) return fmt::format("(NOT {})", equals(subject, value, ""));
  const auto number = number_in(value);
  if (number)
    return fmt::format("({} {} {})", as_number(subject), sql_symbol(op), bindings_.add(*number));
  return fmt::format("({} {} {})", as_text(subject), sql_symbol(op), bindings_.add(value));
}

std::string ConditionSql::equals(const Value& subject, const std::string& value,
                                 const std::string& line) {
  if (value == "*") return fmt::format("({} IS NOT NULL)", subject.sql);
  if (value.find('*') != std::string::npos) {
    return fmt::format("regexp_full_match({}, {})", as_text(subject),
                       bindings_.add("(?is)" + pattern_of(value, ".*")));
  }
  const auto number = number_in(value);
  if (number && subject.is_number() && subject.kind != Kind::kBool)
    return fmt::format("({} = {})", as_number(subject), bindings_.add(*number));
  if (has_letters(value)) {
    return fmt::format("regexp_full_match({}, {})", as_text(subject),
                       bindings_.add("(?is)" + re2::RE2::QuoteMeta(value)));
  }
  std::string exact = fmt::format("({} = {})", as_text(subject), bindings_.add(value));
  if (line.empty() || !is_written_plainly(value)) return exact;
  return fmt::format("(regexp_matches({}, {}) AND {})", line,
                     bindings_.add(re2::RE2::QuoteMeta(value) + R"(|\\u)"), exact);
}

}  // namespace livedata::query::sql::search
