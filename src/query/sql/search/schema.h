#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/sql/search/value.h"

namespace livedata::query::sql::search {

/// A field of rows, and the column of SQL that has its values.
struct Field {
  std::string name;
  Value value;
  /// Whether an answer shows it. A field that is only known, as others have it, is not shown until
  /// it is named.
  bool is_shown = true;
};

struct OrderKey {
  std::string column;
  bool falls = false;
};

/// Rows on their way through a search: where they come from, what they have, how they are ordered.
struct Rows {
  std::string from;  ///< the name of a step
  std::vector<Field> fields;
  std::vector<OrderKey> order;
  /// Whether the order is asked for; else it is that in which head and the like take rows.
  bool is_ordered = false;
  bool are_events = false;  ///< records, with _time and _raw

  [[nodiscard]] const Field* find(std::string_view name) const;
  /// Sets a field, a new one behind the others.
  void set(std::string_view name, Value value);
  void remove(std::string_view name);
  /// NULL for a field that is not there.
  [[nodiscard]] Value value(std::string_view name) const;
  /// "c1 DESC NULLS LAST, c2 NULLS LAST"; "" for no order.
  [[nodiscard]] std::string order_text() const;
  /// " ORDER BY ..." or "".
  [[nodiscard]] std::string order_clause() const;
};

}  // namespace livedata::query::sql::search
