#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/record_batch.h"
#include "storage/census/column_census.h"

/// Which columns a Parquet file of ours has.
///
///   time          TIMESTAMP_NS                 in UTC
///   service       VARCHAR                      the label service_name
///   line          VARCHAR                      a byte that is no UTF-8 is U+FFFD
///   labels        MAP(VARCHAR, VARCHAR)        all labels
///   fields        MAP(VARCHAR, VARCHAR)        the string fields that have no column of their own
///   fields_int    MAP(VARCHAR, BIGINT)         the same of integers
///   fields_double MAP(VARCHAR, DOUBLE)         and of doubles
///   fields_bool   MAP(VARCHAR, BOOLEAN)        and of truth values
///   stream        INTEGER                      number of the label set within the file
///   exact         BLOB                         of few records: see archive/records/exact_record.h
///   ...           VARCHAR, BIGINT, ...         one per frequent label, and frequent field and type
///
/// Rows are sorted by service, labels and time where the writer says so.
namespace livedata::archive {

/// Rises when a reader of the last version could no longer read the file.
constexpr int kSchemaVersion = 1;

namespace column {
constexpr std::string_view kTime = "time";
constexpr std::string_view kService = "service";
constexpr std::string_view kLine = "line";
constexpr std::string_view kLabels = "labels";
constexpr std::string_view kStringFields = "fields";
constexpr std::string_view kIntegerFields = "fields_int";
constexpr std::string_view kDoubleFields = "fields_double";
constexpr std::string_view kBoolFields = "fields_bool";
constexpr std::string_view kStream = "stream";
constexpr std::string_view kExact = "exact";
}  // namespace column

/// A column for the values of one label, or of one field and type.
struct ValueColumn {
  std::string name;  ///< in the file
  bool is_label = false;
  std::string key = {};  ///< of the label or field
  FieldType type = FieldType::kString;
  bool operator==(const ValueColumn&) const = default;
};

/// Columns of values that a file has at most. Further labels and fields are in the maps alone.
constexpr std::size_t kMaxValueColumns = 200;

/// The most frequent labels and fields of the names. Names in SQL do not differ by case alone: what
/// has the name of another column gets `label_` or `field_` in front, or stays in the maps.
std::vector<ValueColumn> choose_columns(const storage::ColumnNames& names);

/// As JSON: [{"column": "status", "field": "status", "type": "int64"}, ...].
std::string encode_columns(const std::vector<ValueColumn>& columns);
/// kCorrupt for anything else.
Result<std::vector<ValueColumn>> decode_columns(std::string_view json);

/// The column's name as SQL writes it, in quotes.
std::string quoted_name(std::string_view name);
/// A text as SQL writes it, in quotes.
std::string quoted_text(std::string_view text);
/// "VARCHAR", "BIGINT", "DOUBLE" or "BOOLEAN".
std::string_view sql_type(FieldType type);

}  // namespace livedata::archive
