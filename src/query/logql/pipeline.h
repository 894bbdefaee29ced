#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/logql/ast.h"
#include "query/plan/row.h"

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

  std::vector<Step> steps_;
  std::vector<std::string> needles_;
  std::vector<std::string> filtered_labels_;
  bool reads_line_ = false;
  bool changes_labels_ = false;
};

}  // namespace livedata::query::logql
