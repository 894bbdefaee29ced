#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/label_matcher.h"
#include "storage/census/column_census.h"

namespace livedata::query::sql {

enum class ColumnType { kTime, kText, kInteger, kDouble, kBool, kMap };

/// Where a column's values come from.
enum class ColumnOrigin {
  kTime,
  kLine,
  kAttribute,  ///< the stream's label of a name, else the record's field of that name
  kLevel,      ///< the attribute detected_level
  kLabels,     ///< all labels of the stream
  kFields,     ///< all fields of the record, as text
};

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  ColumnOrigin origin = ColumnOrigin::kAttribute;
  std::string attribute = {};  ///< name of the label and field
  bool has_label = false;      ///< some stream has the label
  bool has_field = false;      ///< some record has the field

  /// Whether every value comes from the stream's labels, so that a condition on it is one on
  /// labels.
  [[nodiscard]] bool is_label_only() const {
    return origin == ColumnOrigin::kAttribute && has_label && !has_field;
  }
  bool operator==(const Column&) const = default;
};

/// What a table of SQL shows of a tenant's records.
struct Table {
  std::string name;
  std::vector<Column> columns;
  std::vector<LabelMatcher> streams;  ///< those whose records it has
  std::uint64_t rows = 0;             ///< about so many
};

/// Columns that a table has at most, beside the fixed ones; further labels and fields are in the
/// maps alone.
constexpr std::size_t kMaxColumns = 200;
/// Sources of host metrics that have a table of their own; the others are in `metrics` alone.
constexpr std::size_t kMaxSources = 200;

/// `logs`, `metrics`, and a table for each source of host metrics. Names that differ in case alone
/// are one name in SQL: the first one gets the column.
std::vector<Table> make_tables(const storage::ColumnCensus& census);

}  // namespace livedata::query::sql
