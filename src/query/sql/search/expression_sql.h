#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "query/spl/ast.h"
#include "query/spl/fault.h"
#include "query/sql/search/value.h"

namespace livedata::query::sql::search {

/// The SQL of eval's expressions. Texts that are numbers count as such; NULL goes through all
/// operators and most functions.
class ExpressionSql {
 public:
  using FieldLookup = std::function<Value(const std::string& name)>;

  ExpressionSql(Bindings& bindings, FieldLookup field, TimestampNs now)
      : bindings_(bindings), field_(std::move(field)), now_(now) {}

  spl::Parsed<Value> compile(const spl::Expression& expression);

  // For the functions.
  [[nodiscard]] Bindings& bindings() { return bindings_; }
  [[nodiscard]] TimestampNs now() const { return now_; }
  [[nodiscard]] const FieldLookup& fields() const { return field_; }
  Value text(std::string text);
  Value number(double number);
  /// With this name standing for an expression, as in mvfilter.
  spl::Parsed<Value> compile_with(const spl::Expression& expression, const std::string& name,
                                  const Value& value);

 private:
  spl::Parsed<Value> compile_any(const spl::Expression& expression);
  spl::Parsed<Value> compile_unary(const spl::Expression& expression);
  spl::Parsed<Value> compile_binary(const spl::Expression& expression);

  Bindings& bindings_;
  FieldLookup field_;
  const TimestampNs now_;
};

/// A call as the functions see it.
struct Call {
  ExpressionSql& sql;
  const spl::Expression& expression;
  std::vector<Value> arguments;

  [[nodiscard]] const Value& operator[](std::size_t i) const { return arguments[i]; }
  [[nodiscard]] std::size_t size() const { return arguments.size(); }
  /// What a constant text says; null: the argument is none.
  [[nodiscard]] const std::string* literal(std::size_t i) const {
    const auto& text = arguments[i].literal;
    return text ? &*text : nullptr;
  }
};

/// Null: there is no function of that name in this family.
using CompileCall = spl::Parsed<Value> (*)(Call&);
CompileCall find_number_function(std::string_view name);
CompileCall find_text_function(std::string_view name);
CompileCall find_choice_function(std::string_view name);
CompileCall find_list_function(std::string_view name);
CompileCall find_time_function(std::string_view name);

/// Its regex as RE2 reads it, or an error at the argument.
spl::Parsed<std::string> checked_regex(const std::string& regex, std::size_t offset);

/// One function of a family.
struct NamedFunction {
  std::string_view name;
  CompileCall compile;
};
template <class Table>
CompileCall find_in(const Table& table, std::string_view name) {
  for (const NamedFunction& function : table) {
    if (function.name == name) return function.compile;
  }
  return nullptr;
}

}  // namespace livedata::query::sql::search
