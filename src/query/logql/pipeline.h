#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/logql/ast.h"
#include "query/plan/row.h"
#include "storage/scan/scan.h"

namespace livedata::query::logql {

/// The stages of a log expression, ready to run: regexes compiled, order kept. Immutable and
/// thread-safe; what changes is the row.
class Pipeline {
 public:
  static Result<Pipeline> compile(const std::vector<Stage>& stages);

  /// Runs the stages over the row; false when a filter refuses it.
  [[nodiscard]] bool run(plan::Row& row) const;

  /// Strings that every line that passes contains, as far as the stages tell before parsing: a scan
  /// may skip what lacks them.
  [[nodiscard]] const std::vector<std::string>& needles() const { return needles_; }
  /// Field values that every row that passes has, unless its stream has a label of that name; as
  /// far as the stages tell before parsing.
  [[nodiscard]] const std::vector<storage::ScanRequest::FieldValueCondition>& field_values() const {
    return field_values_;
  }
  /// Whether there is no stage at all.
  [[nodiscard]] bool empty() const { return steps_.empty(); }
  /// Whether a stage looks at the line.
  [[nodiscard]] bool reads_line() const { return reads_line_; }
  /// Names of the labels that filters look at.
  [[nodiscard]] const std::vector<std::string>& filtered_labels() const { return filtered_labels_; }
  /// Whether there is a stage that may add, hide or mark labels, so that they differ within a
  /// stream.
  [[nodiscard]] bool changes_labels() const { return changes_labels_; }

 private:
  using Step = std::function<bool(plan::Row&)>;

  Result<void> add(const LineFilter& filter);
  Result<void> add(const ParserStage& stage);
  Result<void> add(const LabelFilter& filter);
  Result<void> add(const DropKeep& stage);
  void note_labels(const LabelFilter& filter);
  void note_field_values(const LabelFilter& filter);

  std::vector<Step> steps_;
  std::vector<std::string> needles_;
  std::vector<storage::ScanRequest::FieldValueCondition> field_values_;
  std::vector<std::string> filtered_labels_;
  bool reads_line_ = false;
  bool changes_labels_ = false;
};

}  // namespace livedata::query::logql
