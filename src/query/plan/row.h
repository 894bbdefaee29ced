#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/record_batch.h"

namespace livedata::query::plan {

constexpr std::string_view kErrorLabel = "__error__";
constexpr std::string_view kErrorDetailsLabel = "__error_details__";

/// One record on its way through a pipeline: its labels are those of its stream, its fields and
/// whatever the stages have parsed. Where names clash the stream's label wins over the field, and
/// both win over a parsed value, which is then called name_extracted. Used again for row after row;
/// one per thread.
class Row {
 public:
  /// Starts over with a row of a batch, which must live as long as the row is used.
  void reset(const RecordBatch& batch, RowIndex row);

  [[nodiscard]] const RecordBatch& batch() const { return *batch_; }
  [[nodiscard]] RowIndex index() const { return row_; }
  [[nodiscard]] TimestampNs timestamp() const { return batch_->timestamps()[row_]; }
  [[nodiscard]] const Stream& stream() const { return batch_->stream(row_); }
  /// The record's line; for a host metric, whose line is empty, its fields as logfmt.
  [[nodiscard]] std::string_view line();

  /// The value a label has now, if it is there.
  [[nodiscard]] std::optional<FieldValue> find(std::string_view name) const;
  /// Adds a value that a parser found, unless an earlier one has set the name.
  void add_parsed(std::string_view name, std::string_view value);
  void set_error(std::string_view kind, std::string_view details);
  [[nodiscard]] bool has_error() const { return find(kErrorLabel).has_value(); }
  void hide(std::string_view name) { hidden_.emplace_back(name); }

  /// What is visible, by category; each sorted by name.
  [[nodiscard]] std::vector<Label> stream_labels() const;
  [[nodiscard]] std::vector<Label> metadata() const;
  [[nodiscard]] std::vector<Label> parsed() const;
  [[nodiscard]] bool hides_anything() const { return !hidden_.empty(); }
  /// Calls visit(name, value) for every visible label.
  [[nodiscard]] std::vector<Label> all_labels() const;

 private:
  [[nodiscard]] bool hidden(std::string_view name) const;
  [[nodiscard]] const std::string* find_parsed(std::string_view name) const;

  const RecordBatch* batch_ = nullptr;
  RowIndex row_ = 0;
  std::optional<std::string> rendered_;
  std::vector<std::pair<std::string, std::string>> parsed_;
  std::vector<std::string> hidden_;
};

/// Fields as `name=value` pairs with quotes where needed, sorted by name.
std::string render_logfmt(const std::vector<Field>& fields);

}  // namespace livedata::query::plan
