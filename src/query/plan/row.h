#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "model/record_batch.h"
#include "query/plan/wanted_labels.h"

namespace livedata::query::plan {

constexpr std::string_view kErrorLabel = "__error__";
constexpr std::string_view kErrorDetailsLabel = "__error_details__";

/// One record on its way through a pipeline: its line, and its labels in three categories, as Loki
/// tells them apart: those of its stream, its fields (structured metadata) and what stages have
/// made. Where names clash the stream's label wins over the field, and both win over a parsed
/// value, which is then called name_extracted. Used again for row after row; one per thread.
class Row {
 public:
  enum class Category : unsigned char { kStream, kMetadata, kParsed };

  /// Parsers leave out what is not wanted; null (the default) wants everything. The names must
  /// outlive the row.
  void want(const WantedLabels* wanted) { wanted_ = wanted; }
  [[nodiscard]] const WantedLabels* wanted() const { return wanted_; }

  /// Starts over with a row of a batch, which must live as long as the row is used.
  void reset(const RecordBatch& batch, RowIndex row);

  [[nodiscard]] const RecordBatch& batch() const { return *batch_; }
  [[nodiscard]] RowIndex index() const { return row_; }
  [[nodiscard]] TimestampNs timestamp() const { return batch_->timestamps()[row_]; }
  [[nodiscard]] const Stream& stream() const { return batch_->stream(row_); }
  /// The line as the stages have left it; for a host metric, whose line is empty, its fields as
  /// logfmt.
  [[nodiscard]] std::string_view line();
  /// The text is copied.
  void set_line(std::string_view line) { line_ = arena_.keep(line); }

  /// The value a label has now, if it is there.
  [[nodiscard]] std::optional<FieldValue> find(std::string_view name) const;
  /// Whether the record itself brings the name, as a label of its stream or as a field.
  [[nodiscard]] bool is_own_label(std::string_view name) const;

  /// Adds a value that a parser found, unless an earlier one has set the name. Name and value must
  /// stay valid as long as the row's contents: parts of the line, or kept in the arena.
  void add_parsed(std::string_view name, std::string_view value);
  /// The same for a value that was asked for by name: it replaces an earlier one.
  void set_parsed(std::string_view name, std::string_view value);
  /// Sets a label whatever it was before, in its category. Copies the value.
  void set(Category category, std::string_view name, std::string_view value);
  /// Takes a label away, whatever its category.
  void remove(std::string_view name);
  /// The category of a label that is there.
  [[nodiscard]] std::optional<Category> category_of(std::string_view name) const;

  /// The first error stays.
  void set_error(std::string_view kind, std::string_view details);
  [[nodiscard]] bool has_error() const { return !error_.empty(); }
  [[nodiscard]] std::string_view error() const { return error_; }

  /// What is visible, by category; each sorted by name. Errors are among the parsed.
  [[nodiscard]] std::vector<Label> stream_labels() const;
  [[nodiscard]] std::vector<Label> metadata() const;
  [[nodiscard]] std::vector<Label> parsed() const;
  /// All of them.
  [[nodiscard]] std::vector<Label> all_labels() const;
  /// Whether the stream's labels are not as they were.
  [[nodiscard]] bool changes_stream() const;

  [[nodiscard]] TextArena& arena() { return arena_; }

 private:
  struct Entry {
    std::string_view name;
    std::string_view value;
    Category category = Category::kParsed;
  };

  [[nodiscard]] bool is_removed(std::string_view name) const;
  /// What the record itself brings under a name, whatever stages have done to it.
  [[nodiscard]] std::optional<FieldValue> own_value(std::string_view name) const;
  [[nodiscard]] std::optional<FieldValue> own_field(std::string_view name) const;
  [[nodiscard]] const Entry* find_entry(std::string_view name) const;
  Entry* find_entry(std::string_view name);
  [[nodiscard]] std::string_view unclashed(std::string_view name);
  void append_entries(Category category, std::vector<Label>& out) const;

  const WantedLabels* wanted_ = nullptr;
  const RecordBatch* batch_ = nullptr;
  RowIndex row_ = 0;
  std::optional<std::string_view> line_;   // set when it is not the batch's
  std::vector<Entry> entries_;             // what stages have set
  std::vector<std::string_view> removed_;  // names of the stream's labels and fields
  std::string_view error_;
  std::string_view error_details_;
  TextArena arena_;
};

/// Fields as `name=value` pairs with quotes where needed, sorted by name.
std::string render_logfmt(const std::vector<Field>& fields);

}  // namespace livedata::query::plan
