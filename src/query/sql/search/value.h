#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/spl/ast.h"
#include "query/sql/query.h"

namespace livedata::query::sql::search {

/// What an SQL expression is of, as far as a search tells values apart. A text may be a number.
enum class Kind { kNull, kTime, kInteger, kDouble, kText, kBool, kList, kMap };

/// A piece of SQL of our own making: names come out of a counter or through quoted_identifier(),
/// values through Bindings.
struct Value {
  std::string sql;
  Kind kind = Kind::kText;
  /// Of a constant text what it says.
  std::optional<std::string> literal = {};

  [[nodiscard]] bool is_number() const {
    return kind == Kind::kInteger || kind == Kind::kDouble || kind == Kind::kTime ||
           kind == Kind::kBool;
  }
};

/// Values that a user wrote, as place holders of the statement.
class Bindings {
 public:
  /// Its place holder.
  std::string add(Parameter value);
  /// Those whose place holders stand in a text: DuckDB takes no others.
  [[nodiscard]] std::vector<std::pair<std::string, Parameter>> used_in(std::string_view sql) const;

 private:
  std::vector<std::pair<std::string, Parameter>> values_;
};

/// The only way that a name which is not ours gets into SQL.
std::string quoted_identifier(std::string_view name);

/// A number that the text is as a whole.
std::optional<double> number_in(std::string_view text);

// A value as one of another kind; NULL where it is none.

/// DOUBLE or BIGINT. Of a time its seconds since 1970.
std::string as_number(const Value& value);
/// VARCHAR. A number has no zeros behind its point; a list is joined by line ends.
std::string as_text(const Value& value);
std::string as_bool(const Value& value);
/// TIMESTAMP_NS; of a number as seconds since 1970.
std::string as_time(const Value& value);
/// VARCHAR[]
std::string as_list(const Value& value);
/// As a kind.
std::string as_kind(const Value& value, Kind kind);

/// The kind that can hold the values of both.
Kind common_kind(Kind a, Kind b);

/// Two values compared: as numbers if both are, else as texts.
std::string compare(const Value& a, spl::Compare op, const Value& b);

std::string_view sql_symbol(spl::Compare op);

}  // namespace livedata::query::sql::search
