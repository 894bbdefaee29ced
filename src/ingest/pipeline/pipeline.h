#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/logger.h"
#include "base/metric.h"
#include "base/result.h"
#include "ingest/pipeline/multi_line.h"
#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"
#include "ingest/pipeline/stage.h"
#include "model/label_matcher.h"

namespace re2 {
class RE2;
}

namespace livedata::ingest::pipeline {

/// The doors that records come through, as `match: {source: ...}` names them.
const std::vector<std::string_view>& sources();

/// What became of a record.
struct Outcome {
  bool kept = true;
  std::size_t stage = 0;         ///< the one that dropped it
  std::string_view reason = {};  ///< why
};

/// Which records a pipeline is for; all of what is given must hold.
struct Match {
  std::vector<std::string> sources = {};  ///< none: all
  std::vector<LabelMatcher> labels = {};
  std::vector<std::shared_ptr<const re2::RE2>> files = {};  ///< one must match; none: all
};

/// Stages that records of some streams go through one after the other. Thread-safe.
class Pipeline {
 public:
  struct Step {
    std::string name;
    std::unique_ptr<Stage> stage;
    bool optional = false;  ///< a failure is nothing to tell of
    Counter* failed = nullptr;
    Counter* dropped = nullptr;
  };

  Pipeline(std::string name, Match match, std::optional<MultiLineRules> multi_line,
           std::vector<Step> steps);

  /// Works on a record until it is done or dropped. Nothing but dropping stages loses a record:
  /// where one fails, the record gets kErrorField and goes on.
  Outcome run(PipelineRecord& record, PipelineRun& run) const;

  /// One stage alone, for who wants to watch.
  StageOutcome run_step(std::size_t step, PipelineRecord& record, PipelineRun& run) const;

  [[nodiscard]] bool matches(std::string_view source, const Labels& labels,
                             std::string_view file) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  /// How lines are joined before the stages see them; null: each stands alone.
  [[nodiscard]] const MultiLineRules* multi_line() const {
    return multi_line_ ? &*multi_line_ : nullptr;
  }
  [[nodiscard]] bool shortens_lines() const { return shortens_lines_; }

  /// Not thread-safe; see Pipelines::report_to().
  void report_to(MetricRegistry& metrics, Logger& logger);

 private:
  std::string name_;
  Match match_;
  std::optional<MultiLineRules> multi_line_;
  std::vector<Step> steps_;
  bool shortens_lines_ = false;
  std::deque<Counter> own_counters_;  // until there is a registry
  Counter* records_ = nullptr;
};

/// The pipelines of a configuration, in its order. Thread-safe once report_to() was called, or will
/// not be.
class Pipelines {
 public:
  Pipelines() = default;
  explicit Pipelines(std::vector<std::unique_ptr<Pipeline>> pipelines)
      : pipelines_(std::move(pipelines)) {}

  /// The first one that matches, or null. `file` is "" for what comes from no file.
  [[nodiscard]] const Pipeline* find(std::string_view source, const Labels& labels,
                                     std::string_view file) const;
  [[nodiscard]] const Pipeline* find_by_name(std::string_view name) const;
  [[nodiscard]] const std::vector<std::unique_ptr<Pipeline>>& all() const { return pipelines_; }
  [[nodiscard]] bool empty() const { return pipelines_.empty(); }

  /// Counts into `metrics` from now on, and tells the logger what an operator must know. Both must
  /// outlive the pipelines. To be called before other threads see them.
  void report_to(MetricRegistry& metrics, Logger& logger);

 private:
  std::vector<std::unique_ptr<Pipeline>> pipelines_;
};

}  // namespace livedata::ingest::pipeline
