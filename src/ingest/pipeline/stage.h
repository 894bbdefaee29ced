#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/logger.h"
#include "base/metric.h"
#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"
#include "ingest/pipeline/settings/options.h"

namespace livedata::ingest::pipeline {

/// What a stage did with a record.
struct StageOutcome {
  enum class Kind {
    kDone,
    kFailed,   ///< the record is as it was, or has what could be had
    kDropped,  ///< the record is not to be kept
  };
  Kind kind = Kind::kDone;
  /// Why it failed or was dropped. Never a part of the record, which may hold secrets; lives as
  /// long as the stage.
  std::string_view reason = {};

  static StageOutcome done() { return {}; }
  static StageOutcome failed(std::string_view reason) { return {Kind::kFailed, reason}; }
  static StageOutcome dropped(std::string_view reason) { return {Kind::kDropped, reason}; }
};

constexpr std::string_view kTooManyFields = "more fields than a record may have";

/// Where a stage tells of what it keeps count of itself.
struct StageReport {
  MetricRegistry& metrics;
  Logger& logger;
  std::string_view pipeline;
};

/// One step of a pipeline. Thread-safe; what it remembers between records it guards itself.
class Stage {
 public:
  Stage() = default;
  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  virtual StageOutcome run(PipelineRecord& record, PipelineRun& run) const = 0;

  /// Called once, before the first record, or not at all.
  virtual void report_to(const StageReport& report) { static_cast<void>(report); }
  /// Whether it ever drops records, and why: "" or the reason that counters name.
  [[nodiscard]] virtual std::string_view drop_reason() const { return {}; }
  /// Whether it may make a line that is over the limit short enough.
  [[nodiscard]] virtual bool shortens_lines() const { return false; }
};

/// A stage is made of its options, which are finish()ed by the caller.
using StageFactory = std::unique_ptr<Stage> (*)(Options& options);

}  // namespace livedata::ingest::pipeline
