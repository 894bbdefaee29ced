#include "query/sql/scan_conditions.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <duckdb/planner/expression/bound_between_expression.hpp>
#include <duckdb/planner/expression/bound_cast_expression.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression/bound_comparison_expression.hpp>
#include <duckdb/planner/expression/bound_constant_expression.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>
#include <duckdb/planner/expression/bound_operator_expression.hpp>
#include <re2/re2.h>

#include "query/plan/required_literals.h"

namespace livedata::query::sql {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::LogicalTypeId;
using duckdb::Value;

constexpr std::size_t kMaxInList = 1000;

/// What a filter compares: a column, or an entry of a map.
struct Subject {
  const Column* column = nullptr;
  std::string key = {};  ///< of the map
  LogicalTypeId cast = LogicalTypeId::INVALID;

  [[nodiscard]] bool is(ColumnOrigin origin) const { return column->origin == origin; }
  /// The label whose value this is, whatever fields there are; nothing if it isn't one.
  [[nodiscard]] std::optional<std::string> label() const {
    if (cast != LogicalTypeId::INVALID) return std::nullopt;
    if (is(ColumnOrigin::kLabels)) return key;
    if (column->is_label_only()) return column->attribute;
    return std::nullopt;
  }
};

class Pusher {
 public:
  Pusher(const duckdb::LogicalGet& get, const Table& table, ScanConditions& conditions)
      : get_(get), table_(table), conditions_(conditions) {}

  bool push(const Expression& filter) {
    switch (filter.GetExpressionClass()) {
      case ExpressionClass::BOUND_COMPARISON:
        return push_comparison(filter.Cast<duckdb::BoundComparisonExpression>());
      case ExpressionClass::BOUND_BETWEEN:
        return push_between(filter.Cast<duckdb::BoundBetweenExpression>());
      case ExpressionClass::BOUND_OPERATOR:
        return push_operator(filter.Cast<duckdb::BoundOperatorExpression>());
      case ExpressionClass::BOUND_FUNCTION:
        return push_function(filter.Cast<duckdb::BoundFunctionExpression>());
      default:
        return false;
    }
  }

 private:
  [[nodiscard]] const Column* column_of(const Expression& expression) const {
    if (expression.GetExpressionClass() != ExpressionClass::BOUND_COLUMN_REF) return nullptr;
    const auto& reference = expression.Cast<duckdb::BoundColumnRefExpression>();
    const auto& ids = get_.GetColumnIds();
    if (reference.depth != 0 || reference.binding.table_index != get_.table_index ||
        reference.binding.column_index >= ids.size())
      return nullptr;
    const auto index = ids[reference.binding.column_index].GetPrimaryIndex();
    return index < table_.columns.size() ? &table_.columns[index] : nullptr;
  }

  [[nodiscard]] static const Value* constant_of(const Expression& expression) {
    if (expression.GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return nullptr;
    const Value& value = expression.Cast<duckdb::BoundConstantExpression>().value;
    return value.IsNull() ? nullptr : &value;
  }

  [[nodiscard]] static std::optional<std::string> text_of(const Expression& expression) {
    const Value* value = constant_of(expression);
    if (value == nullptr || value->type().id() != LogicalTypeId::VARCHAR) return std::nullopt;
    return duckdb::StringValue::Get(*value);
  }

  [[nodiscard]] std::optional<Subject> subject_of(const Expression& expression) const {
    if (const Column* column = column_of(expression)) {
      if (column->type == ColumnType::kMap) return std::nullopt;
      return Subject{column};
    }
    if (expression.GetExpressionClass() == ExpressionClass::BOUND_CAST) {
      const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
      const Column* column = column_of(*cast.child);
      if (cast.try_cast || column == nullptr || column->origin != ColumnOrigin::kTime)
        return std::nullopt;
      return Subject{column, "", cast.return_type.id()};
    }
    if (expression.GetExpressionClass() != ExpressionClass::BOUND_FUNCTION) return std::nullopt;
    const auto& function = expression.Cast<duckdb::BoundFunctionExpression>();
    const std::string& name = function.function.name;
    if (name != "map_extract_value" || function.children.size() != 2) return std::nullopt;
    const Column* column = column_of(*function.children[0]);
    const auto key = text_of(*function.children[1]);
    if (column == nullptr || !key || key->empty()) return std::nullopt;
    return Subject{column, *key};
  }

  bool push_comparison(const duckdb::BoundComparisonExpression& comparison) {
    auto type = comparison.GetExpressionType();
    const Expression* left = comparison.left.get();
    const Expression* right = comparison.right.get();
    if (constant_of(*left) != nullptr) {
      std::swap(left, right);
      type = duckdb::FlipComparisonExpression(type);
    }
    const auto subject = subject_of(*left);
    const Value* value = constant_of(*right);
    if (!subject || value == nullptr) return false;
    return push_compare(*subject, type, *value);
  }

  bool push_compare(const Subject& subject, ExpressionType type, const Value& value) {
    if (subject.is(ColumnOrigin::kTime)) return push_time(subject, type, value);
    if (value.type().id() != LogicalTypeId::VARCHAR) return false;
    const std::string& text = duckdb::StringValue::Get(value);
    if (type == ExpressionType::COMPARE_EQUAL) return push_equal(subject, {text});
    const auto label = subject.label();
    if (type != ExpressionType::COMPARE_NOTEQUAL || !label) return false;
    add_matcher(*label, MatchOp::kNotEqual, text);
    add_matcher(*label, MatchOp::kNotEqual, "");  // NULL is not unequal to anything
    return true;
  }

  bool push_between(const duckdb::BoundBetweenExpression& between) {
    const auto subject = subject_of(*between.input);
    const Value* lower = constant_of(*between.lower);
    const Value* upper = constant_of(*between.upper);
    if (!subject || !subject->is(ColumnOrigin::kTime) || lower == nullptr || upper == nullptr)
      return false;
    const bool has_lower = push_time(*subject, between.LowerComparisonType(), *lower);
    return push_time(*subject, between.UpperComparisonType(), *upper) && has_lower;
  }

  /// The first and the last nanosecond that a cast would turn into the value.
  static std::optional<std::pair<std::int64_t, std::int64_t>> nanoseconds_of(const Value& value) {
    const auto scaled =
        [](std::int64_t count,
           std::int64_t unit) -> std::optional<std::pair<std::int64_t, std::int64_t>> {
      std::int64_t first = 0;
      std::int64_t last = 0;
      if (__builtin_mul_overflow(count, unit, &first) ||
          __builtin_add_overflow(first, unit - 1, &last))
        return std::nullopt;
      return std::pair(first, last);
    };
    constexpr std::int64_t kDaySeconds = 86400;
    switch (value.type().id()) {
      case LogicalTypeId::TIMESTAMP_NS:
        return scaled(value.GetValueUnsafe<std::int64_t>(), 1);
      case LogicalTypeId::TIMESTAMP:
      case LogicalTypeId::TIMESTAMP_TZ:  // the session's zone is UTC
        return scaled(value.GetValueUnsafe<std::int64_t>(), 1000);
      case LogicalTypeId::TIMESTAMP_MS:
        return scaled(value.GetValueUnsafe<std::int64_t>(), 1'000'000);
      case LogicalTypeId::TIMESTAMP_SEC:
        return scaled(value.GetValueUnsafe<std::int64_t>(), kNsPerSecond);
      case LogicalTypeId::DATE:
        return scaled(value.GetValueUnsafe<std::int32_t>(), kDaySeconds * kNsPerSecond);
      default:
        return std::nullopt;
    }
  }

  bool push_time(const Subject& subject, ExpressionType type, const Value& value) {
    const auto bounds = nanoseconds_of(value);
    const bool is_same_type = subject.cast == LogicalTypeId::INVALID
                                  ? value.type().id() == LogicalTypeId::TIMESTAMP_NS
                                  : value.type().id() == subject.cast;
    // A cast to a coarser unit may round either way: one unit to each side is safe, and DuckDB
    // looks at the rows again.
    if (!bounds || !is_same_type) return false;
    const bool is_exact = subject.cast == LogicalTypeId::INVALID;
    const std::int64_t slack = is_exact ? 0 : bounds->second - bounds->first + 1;
    const std::int64_t first = saturated(bounds->first, -slack);
    const std::int64_t last = saturated(bounds->second, slack);
    switch (type) {
      case ExpressionType::COMPARE_EQUAL:
        start_at(first);
        end_at(saturated(last, 1));
        return is_exact;
      case ExpressionType::COMPARE_GREATERTHAN:
        start_at(is_exact ? saturated(last, 1) : first);
        return is_exact;
      case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
        start_at(first);
        return is_exact;
      case ExpressionType::COMPARE_LESSTHAN:
        end_at(is_exact ? first : saturated(last, 1));
        return is_exact;
      case ExpressionType::COMPARE_LESSTHANOREQUALTO:
        end_at(saturated(last, 1));
        return is_exact;
      default:
        return false;
    }
  }

  static std::int64_t saturated(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b > 0 ? std::numeric_limits<std::int64_t>::max()
                 : std::numeric_limits<std::int64_t>::min();
  }
  void start_at(TimestampNs time) {
    conditions_.range.start = std::max(conditions_.range.start, time);
  }
  void end_at(TimestampNs time) { conditions_.range.end = std::min(conditions_.range.end, time); }

  void add_matcher(const std::string& label, MatchOp op, const std::string& value) {
    if (auto made = LabelMatcher::make(label, op, value))
      conditions_.matchers.push_back(*std::move(made));
  }

  /// One of some texts.
  bool push_equal(const Subject& subject, const std::vector<std::string>& values) {
    const auto is_empty = [](const std::string& value) { return value.empty(); };
    // An absent label is NULL in SQL and "" for a matcher.
    if (values.empty() || std::any_of(values.begin(), values.end(), is_empty)) return false;
    if (const auto label = subject.label()) {
      if (values.size() == 1) {
        add_matcher(*label, MatchOp::kEqual, values.front());
      } else {
        std::string regex;
        for (const std::string& value : values)
          regex += (regex.empty() ? "" : "|") + re2::RE2::QuoteMeta(value);
        add_matcher(*label, MatchOp::kRegex, regex);
      }
      return true;
    }
    if (values.size() > 1) return push_equal_choice(subject, values);
    if (subject.is(ColumnOrigin::kLine)) {
      add_needle(values.front());
    } else if (subject.is(ColumnOrigin::kFields)) {
      conditions_.field_values.push_back({subject.key, values.front()});
    } else if (subject.column->has_field) {
      conditions_.field_values.push_back({subject.column->attribute, values.front()});
    }
    return false;
  }

  bool push_equal_choice(const Subject& subject, const std::vector<std::string>& values) {
    if (subject.is(ColumnOrigin::kLine)) add_choice(values);
    return false;
  }

  bool push_operator(const duckdb::BoundOperatorExpression& expression) {
    const auto& children = expression.children;
    const auto subject = subject_of(*children.front());
    if (!subject) return false;
    switch (expression.GetExpressionType()) {
      case ExpressionType::COMPARE_IN: {
        if (children.size() > kMaxInList) return false;
        std::vector<std::string> values;
        for (std::size_t i = 1; i < children.size(); ++i) {
          const auto text = text_of(*children[i]);
          if (!text) return false;
          values.push_back(*text);
        }
        return push_equal(*subject, values);
      }
      case ExpressionType::OPERATOR_IS_NOT_NULL:
      case ExpressionType::OPERATOR_IS_NULL: {
        const auto label = subject->label();
        if (!label) return false;
        const bool is_null = expression.GetExpressionType() == ExpressionType::OPERATOR_IS_NULL;
        add_matcher(*label, is_null ? MatchOp::kEqual : MatchOp::kNotEqual, "");
        return true;
      }
      default:
        return false;
    }
  }

  bool push_function(const duckdb::BoundFunctionExpression& function) {
    const auto& children = function.children;
    if (children.size() < 2) return false;
    const auto subject = subject_of(*children[0]);
    const auto text = text_of(*children[1]);
    if (!subject || !text || subject->cast != LogicalTypeId::INVALID) return false;
    const std::string& name = function.function.name;
    if (name == "contains") return push_contains(*subject, *text);
    if (name == "prefix" || name == "suffix" || name == "starts_with" || name == "ends_with") {
      const bool is_prefix = name == "prefix" || name == "starts_with";
      const std::string quoted = re2::RE2::QuoteMeta(*text);
      push_text(*subject, *text, is_prefix ? quoted + "(?s:.*)" : "(?s:.*)" + quoted);
      return false;
    }
    if (name == "~~" && children.size() == 2) return push_like(*subject, *text);
    if ((name == "regexp_matches" || name == "regexp_full_match") && children.size() == 2)
      push_regex(*subject, *text, name == "regexp_full_match");
    return false;
  }

  bool push_contains(const Subject& subject, const std::string& text) {
    if (subject.is(ColumnOrigin::kLine)) return add_needle(text);
    push_text(subject, text, "(?s:.*)" + re2::RE2::QuoteMeta(text) + "(?s:.*)");
    return false;
  }

  /// A text that holds `literal`; as a label it meets the regex.
  void push_text(const Subject& subject, const std::string& literal, const std::string& regex) {
    if (literal.empty()) return;
    if (subject.is(ColumnOrigin::kLine)) {
      add_needle(literal);
    } else if (const auto label = subject.label()) {
      add_matcher(*label, MatchOp::kRegex, regex);
    }
  }

  /// The literal parts of a pattern of LIKE.
  bool push_like(const Subject& subject, const std::string& pattern) {
    if (!subject.is(ColumnOrigin::kLine)) return false;
    std::string literal;
    for (const char c : pattern + "%") {
      if (c != '%' && c != '_') {
        literal += c;
        continue;
      }
      if (!literal.empty()) add_needle(literal);
      literal.clear();
    }
    return false;
  }

  void push_regex(const Subject& subject, const std::string& regex, bool is_full) {
    if (const auto label = subject.label(); label && is_full) {
      // An absent label is NULL in SQL and "" for a matcher: a row too many at most.
      add_matcher(*label, MatchOp::kRegex, regex);
    }
    if (!subject.is(ColumnOrigin::kLine)) return;
    const std::vector<std::string> choice = plan::literal_choice(regex);
    if (!choice.empty()) {
      add_choice(choice);
      return;
    }
    for (const std::string& literal : plan::required_literals(regex)) add_choice({literal});
  }

  /// Whether searching the stored bytes is the same as searching the text: one that has a U+FFFD
  /// may stand for bytes that are no UTF-8.
  static bool is_searchable(const std::string& text) {
    return !text.empty() && text.find("\xEF\xBF\xBD") == std::string::npos;
  }

  bool add_needle(const std::string& needle) {
    if (!is_searchable(needle)) return false;
    conditions_.needles.push_back(needle);
    conditions_.drops_empty_lines = true;
    return true;
  }

  void add_choice(const std::vector<std::string>& any_of) {
    if (std::all_of(any_of.begin(), any_of.end(), is_searchable))
      conditions_.needle_choices.push_back({any_of});
  }

  const duckdb::LogicalGet& get_;
  const Table& table_;
  ScanConditions& conditions_;
};

}  // namespace

bool push_condition(const duckdb::LogicalGet& get, const Table& table,
                    const duckdb::Expression& filter, ScanConditions& conditions) {
  return Pusher(get, table, conditions).push(filter);
}

}  // namespace livedata::query::sql
