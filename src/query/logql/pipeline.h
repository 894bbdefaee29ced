#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/logql/ast.h"
#include "query/logql/steps.h"
#include "query/plan/row.h"
#include "query/plan/wanted_labels.h"
#include "storage/scan/scan.h"

namespace livedata::query::logql {

/// Rows that came to a step and that went on, for explanations.
struct StepCount {
  std::uint64_t rows_in = 0;
  std::uint64_t rows_out = 0;
};

/// The stages of a log expression, ready to run: regexes compiled, line filters before what does
/// not change the line, the cheaper ones first. Immutable and thread-safe; what changes is the row.
/// `distinct` is not run here, since it looks at many rows: distinct_labels() tells of it.
class Pipeline {
 public:
  static Result<Pipeline> compile(const std::vector<Stage>& stages, const StepContext& context);

  /// Runs the stages over the row; false when a filter refuses it.
  [[nodiscard]] bool run(plan::Row& row) const;
  /// The same, and counts. Precondition: as many counts as there are steps.
  [[nodiscard]] bool run_counted(plan::Row& row, std::vector<StepCount>& counts) const;
  /// The steps in the order in which they run, as text.
  [[nodiscard]] const std::vector<std::string>& step_texts() const { return step_texts_; }

  /// Strings that every line that passes contains, as far as the stages tell before they change the
  /// line: a scan may skip what lacks them.
  [[nodiscard]] const std::vector<std::string>& needles() const { return needles_; }
  /// Field values that every row that passes has, unless its stream has a label of that name; as
  /// far as the stages tell before parsing.
  [[nodiscard]] const std::vector<storage::ScanRequest::FieldValueCondition>& field_values() const {
    return field_values_;
  }
  /// Byte strings of which a line that passes contains one: choices of line filters, and values
  /// that a parser must have found in the line.
  [[nodiscard]] const std::vector<storage::ScanRequest::NeedleChoice>& needle_choices() const {
    return needle_choices_;
  }
  /// Whether there is no stage at all.
  [[nodiscard]] bool empty() const { return steps_.empty() && distinct_labels_.empty(); }
  /// Whether a stage looks at the line.
  [[nodiscard]] bool reads_line() const { return reads_line_; }
  /// The labels that stages look at; nothing when they look at all of them.
  [[nodiscard]] const std::optional<plan::WantedLabels>& labels_read() const {
    return labels_read_;
  }
  /// Whether there is a stage that may add, hide or mark labels, so that they differ within a
  /// stream.
  [[nodiscard]] bool changes_labels() const { return changes_labels_; }
  [[nodiscard]] const std::vector<std::string>& distinct_labels() const { return distinct_labels_; }

 private:
  Result<void> add(const Stage& stage, const StepContext& context);
  Result<void> add(const LineFilter& filter, bool sees_original_line);
  void note_needles(const LineFilter& filter);
  void note(const Stage& stage);
  void note_label_filter(const LabelFilter& filter);
  void note_field_values(const LabelFilter& filter);
  void note_parsed_values(const LabelFilter& filter);
  void note_template(std::string_view text);
  void read_label(std::string_view name) {
    if (labels_read_) labels_read_->add(name);
  }

  std::vector<Step> steps_;
  std::vector<std::string> step_texts_;
  std::vector<std::string> needles_;
  std::vector<storage::ScanRequest::FieldValueCondition> field_values_;
  std::vector<storage::ScanRequest::NeedleChoice> needle_choices_;
  std::optional<plan::WantedLabels> labels_read_ = plan::WantedLabels();
  std::vector<std::string> distinct_labels_;
  bool reads_line_ = false;
  bool only_parsed_ = true;  // labels have come from parsers of the original line alone
  bool changes_labels_ = false;
};

}  // namespace livedata::query::logql
