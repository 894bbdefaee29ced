#pragma once

#include <functional>
#include <string>

#include "query/spl/ast.h"
#include "query/spl/fault.h"
#include "query/sql/search/value.h"

namespace livedata::query::sql::search {

/// The SQL of the command search's conditions. Texts are compared without case, numbers as numbers,
/// a list if one of its values does.
class ConditionSql {
 public:
  struct Lookup {
    /// The value of a field; kNull for none.
    std::function<Value(const std::string& name)> field;
    /// Fields of a line are found in this column: a text that a field must have is looked for in
    /// the line first. Empty: there is none.
    std::function<std::string(const std::string& name)> line_of;
    /// A condition that one of the rows of a subsearch is met.
    std::function<spl::Parsed<std::string>(const spl::Search& search, std::size_t offset)>
        subsearch;
  };

  ConditionSql(Bindings& bindings, Lookup lookup)
      : bindings_(bindings), lookup_(std::move(lookup)) {}

  spl::Parsed<std::string> compile(const spl::Condition& condition);

 private:
  spl::Parsed<std::string> join(const spl::Condition& condition, std::string_view word);
  std::string compare_field(const std::string& field, spl::Compare op, const std::string& value);
  std::string compare_value(const Value& subject, spl::Compare op, const std::string& value,
                            const std::string& line);
  std::string equals(const Value& subject, const std::string& value, const std::string& line);
  std::string contains_words(const std::string& words);

  Bindings& bindings_;
  const Lookup lookup_;
};

}  // namespace livedata::query::sql::search
