#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/record_batch.h"

namespace livedata::storage {

/// Which labels and fields the records of some streams have. Numbers of rows are of the places that
/// were looked at, and may count a record twice: they rank names, no more.
struct ColumnNames {
  std::uint64_t rows = 0;
  std::map<std::string, std::uint64_t> labels;                        ///< name -> rows
  std::map<std::pair<std::string, FieldType>, std::uint64_t> fields;  ///< name and type -> rows
};

/// The names by group of streams: "" for log streams, else the value of host metrics' label
/// `source`. Metrics without that label belong to no group.
struct ColumnCensus {
  std::map<std::string, ColumnNames> groups;

  void add(const ColumnCensus& other);
  [[nodiscard]] std::size_t size_bytes() const;
};

/// Takes the census of one source, whose streams have ordinals.
class CensusTaker {
 public:
  CensusTaker() = default;
  CensusTaker(const CensusTaker&) = delete;
  CensusTaker& operator=(const CensusTaker&) = delete;

  /// The stream of the next ordinal, which has so many rows.
  void add_stream(const Labels& labels, std::uint64_t rows);
  /// Whether all streams from first to last belong to the same group.
  [[nodiscard]] bool share_group(std::size_t first, std::size_t last) const;
  /// Rows of a stream, and of those that share its group, have the field.
  void add_field(std::size_t stream, const std::string& name, FieldType type, std::uint64_t rows);
  /// The same of a column whose rows may belong to several groups: `streams` are the ordinals of
  /// all rows of its batch, counted from first_stream.
  void add_field(const FieldColumn& column, std::span<const std::uint32_t> streams,
                 std::size_t first_stream);
  ColumnCensus take() { return std::move(census_); }

 private:
  static constexpr std::uint32_t kNoGroup = UINT32_MAX;
  std::uint32_t group_of(const Labels& labels);

  ColumnCensus census_;
  std::unordered_map<std::string, std::uint32_t> number_;
  std::vector<ColumnNames*> names_;  // into the census, by number
  std::vector<std::uint32_t> group_of_stream_;
};

/// Counts what a batch holds. Looks at the rows of fields only where streams of several groups are
/// in it.
ColumnCensus count_columns(const RecordBatch& batch);

}  // namespace livedata::storage
