#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/spl/ast.h"
#include "query/spl/fault.h"
#include "query/sql/search/schema.h"

namespace livedata::query::sql::search {

/// One function of stats in SQL, with places for what may stand behind an aggregate.
class Aggregate {
 public:
  Aggregate(std::string text, Kind kind) : text_(std::move(text)), kind_(kind) {}

  [[nodiscard]] Kind kind() const { return kind_; }
  /// Over a group.
  [[nodiscard]] Value grouped() const { return filled("", ""); }
  /// Over those of a group that meet a condition.
  [[nodiscard]] Value filtered(std::string_view condition) const { return filled(condition, ""); }
  /// Over a window, such as "OVER w".
  [[nodiscard]] Value over(std::string_view window) const { return filled("", window); }

 private:
  [[nodiscard]] Value filled(std::string_view condition, std::string_view window) const;

  std::string text_;
  Kind kind_;
};

struct AggregateInput {
  std::optional<Value> argument = {};  ///< none: rows are counted
  Value time = {"NULL", Kind::kNull};  ///< _time of the rows
  std::string order = {};              ///< " ORDER BY ..." of the rows; "" in a window
  std::string number = {};             ///< in a window the column with the rows' numbers
  std::optional<double> seconds = {};  ///< of a step of timechart
};

spl::Parsed<Aggregate> make_aggregate(const spl::Aggregation& made, const AggregateInput& input);

}  // namespace livedata::query::sql::search
