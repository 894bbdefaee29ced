#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/record_batch.h"

/// Records as CSV (RFC 4180) that gives them back exactly. Columns: time, service, line, labels and
/// fields as JSON objects, and `exact` as record_json.h describes it.
namespace livedata::server::records {

/// With a line end.
std::string_view csv_header();
void append_csv(const RecordBatch& batch, std::string& out);

/// Reads CSV in pieces. Columns are found by the names in the header; others are passed over, and
/// `time` and `line` must be there. Not thread-safe.
class CsvReader {
 public:
  /// Appends the records that end in the next bytes. kInvalidArgument names the row.
  Result<void> add(std::string_view bytes, RecordBatch& batch);
  /// At the end of the input: the last row may have no line end.
  Result<void> finish(RecordBatch& batch);

 private:
  Result<void> end_row(RecordBatch& batch);
  Result<void> read_header();
  [[nodiscard]] std::string_view cell(std::size_t column) const;

  enum class State { kStart, kPlain, kQuoted, kQuoteInQuoted };
  static constexpr std::size_t kNoColumn = SIZE_MAX;

  State state_ = State::kStart;
  std::vector<std::string> cells_ = {""};
  std::size_t row_ = 0;
  bool has_header_ = false;
  std::size_t row_bytes_ = 0;
  // Which cell is which.
  std::size_t time_ = kNoColumn;
  std::size_t line_ = kNoColumn;
  std::size_t labels_ = kNoColumn;
  std::size_t fields_ = kNoColumn;
  std::size_t exact_ = kNoColumn;
};

}  // namespace livedata::server::records
