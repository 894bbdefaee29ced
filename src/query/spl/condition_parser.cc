#include "query/spl/condition_parser.h"

#include <array>
#include <utility>

namespace livedata::query::spl {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

ConditionPtr make(Condition condition) {
  return std::make_shared<const Condition>(std::move(condition));
}

ConditionPtr make_all(std::size_t offset) {
  Condition condition;
  condition.offset = offset;
  return make(std::move(condition));
}

ConditionPtr make_joined(Condition::Kind kind, std::vector<ConditionPtr> children,
                         std::size_t offset) {
  Condition condition;
  condition.kind = kind;
  condition.children = std::move(children);
  condition.offset = offset;
  return make(std::move(condition));
}

struct Operator {
  std::string_view text;
  Compare compare;
};
constexpr std::array<Operator, 7> kOperators = {{{"==", Compare::kEqual},
                                                 {"!=", Compare::kNotEqual},
                                                 {"<=", Compare::kLessEqual},
                                                 {">=", Compare::kGreaterEqual},
                                                 {"=", Compare::kEqual},
                                                 {"<", Compare::kLess},
                                                 {">", Compare::kGreater}}};

/// One of several, or the only one.
ConditionPtr joined(Condition::Kind kind, std::vector<ConditionPtr> parts, std::size_t offset) {
  if (parts.size() == 1) return std::move(parts.front());
  return make_joined(kind, std::move(parts), offset);
}

}  // namespace

bool ConditionParser::at_keyword(std::string_view word) {
  return cursor_.at(word) && cursor_.at_word(lower(word));
}

bool ConditionParser::take_keyword(std::string_view word) {
  return at_keyword(word) && cursor_.take(word);
}

Parsed<ConditionPtr> ConditionParser::parse() {
  const std::size_t at = cursor_.skip_space();
  if (cursor_.at_end()) return make_all(at);
  LIVEDATA_TRY(ConditionPtr all, parse_and(0));
  if (all == nullptr) return make_all(at);  // nothing but time modifiers
  return all;
}

Parsed<ConditionPtr> ConditionParser::parse_and(int depth) {
  const Cursor::Nesting nesting(cursor_);
  LIVEDATA_RETURN_IF_ERROR(nesting.check());
  const std::size_t at = cursor_.skip_space();
  std::vector<ConditionPtr> parts;
  do {
    LIVEDATA_TRY(ConditionPtr part, parse_or(depth));
    if (part != nullptr) parts.push_back(std::move(part));
  } while (take_keyword("AND") || (!cursor_.at_end() && !cursor_.at(")")));
  if (parts.empty()) return ConditionPtr();
  return joined(Condition::Kind::kAnd, std::move(parts), at);
}

Parsed<ConditionPtr> ConditionParser::parse_or(int depth) {
  const std::size_t at = cursor_.skip_space();
  LIVEDATA_TRY(ConditionPtr first, parse_not(depth));
  if (!at_keyword("OR")) return first;
  std::vector<ConditionPtr> parts;
  if (first == nullptr) return mistake(at, "a time modifier stands by itself, not in an OR");
  parts.push_back(std::move(first));
  while (take_keyword("OR")) {
    LIVEDATA_TRY(ConditionPtr part, parse_not(depth + 1));
    parts.push_back(std::move(part));
  }
  return joined(Condition::Kind::kOr, std::move(parts), at);
}

Parsed<ConditionPtr> ConditionParser::parse_not(int depth) {
  const std::size_t at = cursor_.skip_space();
  if (!take_keyword("NOT")) return parse_term(depth);
  const Cursor::Nesting nesting(cursor_);
  LIVEDATA_RETURN_IF_ERROR(nesting.check());
  LIVEDATA_TRY(ConditionPtr child, parse_not(depth + 1));
  return make_joined(Condition::Kind::kNot, {std::move(child)}, at);
}

std::string_view ConditionParser::take_bare_word() {
  const std::string_view text = cursor_.text();
  const std::size_t start = cursor_.skip_space();
  std::size_t end = start;
  while (end < text.size() && kSpace.find(text[end]) == std::string_view::npos &&
         std::string_view("()[]|\"=<>,").find(text[end]) == std::string_view::npos &&
         !text.substr(end).starts_with("!="))
    ++end;
  cursor_.go_back(end);
  return text.substr(start, end - start);
}

Parsed<ConditionPtr> ConditionParser::parse_term(int depth) {
  const std::size_t at = cursor_.skip_space();
  if (++terms_ > kMaxOperators)
    return mistake(at, "the search has more than {} terms", kMaxOperators);
  for (const std::string_view word : {"AND", "OR"}) {
    if (at_keyword(word)) return cursor_.unexpected("a word or field=value");
  }
  if (cursor_.take("(")) {
    LIVEDATA_TRY(ConditionPtr inner, parse_and(depth + 1));
    LIVEDATA_RETURN_IF_ERROR(cursor_.expect(")"));
    return inner;
  }
  if (cursor_.at("[")) {
    if (!parse_subsearch_) return mistake(at, "a subsearch can't stand here");
    LIVEDATA_TRY(SearchPtr subsearch, parse_subsearch_(cursor_));
    Condition condition;
    condition.kind = Condition::Kind::kSubsearch;
    condition.subsearch = std::move(subsearch);
    condition.offset = at;
    return make(std::move(condition));
  }
  const bool is_quoted = cursor_.at_quote();
  std::string word;
  if (is_quoted) {
    LIVEDATA_TRY(word, cursor_.take_quoted());
  } else {
    if (cursor_.at("`")) return mistake(at, "macros are not there");
    word = take_bare_word();
  }
  if (word.empty()) {
    if (is_quoted) return mistake(at, "a phrase can't be empty");
    return cursor_.unexpected("a word or field=value");
  }
  for (const Operator& known : kOperators) {
    if (cursor_.at(known.text)) return parse_compare({std::move(word), at}, depth);
  }
  if (at_keyword("IN")) {
    const std::size_t here = cursor_.offset();
    cursor_.take("IN");
    if (cursor_.at("(")) return parse_in({std::move(word), at});
    cursor_.go_back(here);
  }
  if (word == "*") return make_all(at);
  Condition condition;
  condition.kind = is_quoted ? Condition::Kind::kPhrase : Condition::Kind::kWord;
  condition.values.push_back(std::move(word));
  condition.offset = at;
  return make(std::move(condition));
}

Parsed<std::string> ConditionParser::take_value(bool is_listed) {
  if (cursor_.at_quote()) return cursor_.take_quoted();
  const std::string_view word = cursor_.take_until(is_listed ? "()[]|\"," : "()[]|\"");
  if (word.empty()) return cursor_.unexpected("a value");
  return std::string(word);
}

Parsed<ConditionPtr> ConditionParser::parse_compare(Name field, int depth) {
  Condition condition;
  condition.kind = Condition::Kind::kCompare;
  condition.offset = field.offset;
  for (const Operator& known : kOperators) {
    if (!cursor_.take(known.text)) continue;
    condition.compare = known.compare;
    break;
  }
  const std::size_t at = cursor_.skip_space();
  LIVEDATA_TRY(std::string value, take_value(false));
  const std::string name = lower(field.text);
  if (bounds_ != nullptr && (name == "earliest" || name == "latest")) {
    if (depth > 0 || condition.compare != Compare::kEqual) {
      return mistake(field.offset, "{}= stands by itself, not within OR, NOT or brackets", name);
    }
    (name == "earliest" ? bounds_->earliest : bounds_->latest) = Name{std::move(value), at};
    return ConditionPtr();
  }
  condition.field = std::move(field);
  condition.values.push_back(std::move(value));
  return make(std::move(condition));
}

Parsed<ConditionPtr> ConditionParser::parse_in(Name field) {
  Condition condition;
  condition.kind = Condition::Kind::kIn;
  condition.offset = field.offset;
  LIVEDATA_RETURN_IF_ERROR(cursor_.expect("("));
  do {
    LIVEDATA_TRY(std::string value, take_value(true));
    condition.values.push_back(std::move(value));
    if (condition.values.size() > kMaxListed)
      return mistake(field.offset, "there are more than {} values", kMaxListed);
  } while (cursor_.take(","));
  LIVEDATA_RETURN_IF_ERROR(cursor_.expect(")"));
  condition.field = std::move(field);
  return make(std::move(condition));
}

}  // namespace livedata::query::spl
