#include "ingest/pipeline/pipeline.h"

#include <algorithm>

#include <re2/re2.h>

namespace livedata::ingest::pipeline {
namespace {

constexpr std::size_t kMaxErrorBytes = 512;

/// Adds "stage: reason" to what went wrong with the record before.
void note_error(std::string_view stage, std::string_view reason, PipelineRecord& record,
                PipelineRun& run) {
  std::string_view before;
  if (const Field* field = record.find_field(kErrorField)) {
    if (const auto* text = std::get_if<std::string_view>(&field->value)) before = *text;
  }
  const std::size_t size = before.size() + stage.size() + reason.size() + 4;
  if (size > kMaxErrorBytes) return;
  char* out = run.arena().reserve(size);
  char* end = out;
  const auto put = [&end](std::string_view text) { end += text.copy(end, text.size()); };
  put(before);
  if (!before.empty()) put("; ");
  put(stage);
  put(": ");
  put(reason);
  record.set_error(run.arena().commit(static_cast<std::size_t>(end - out)));
}

}  // namespace

const std::vector<std::string_view>& sources() {
  static const std::vector<std::string_view> kSources = {
      "loki", "native", "syslog", "otlp", "bulk", "hec", "datadog", "forward", "journal", "file"};
  return kSources;
}

Pipeline::Pipeline(std::string name, Match match, std::optional<MultiLineRules> multi_line,
                   std::vector<Step> steps)
    : name_(std::move(name)),
      match_(std::move(match)),
      multi_line_(std::move(multi_line)),
      steps_(std::move(steps)) {
  records_ = &own_counters_.emplace_back();
  for (Step& step : steps_) {
    step.failed = &own_counters_.emplace_back();
    step.dropped = &own_counters_.emplace_back();
    shortens_lines_ = shortens_lines_ || step.stage->shortens_lines();
  }
}

StageOutcome Pipeline::run_step(std::size_t number, PipelineRecord& record,
                                PipelineRun& run) const {
  const Step& step = steps_[number];
  const StageOutcome outcome = step.stage->run(record, run);
  if (outcome.kind == StageOutcome::Kind::kDone) return outcome;
  if (outcome.kind == StageOutcome::Kind::kDropped) {
    step.dropped->add();
  } else if (!step.optional) {
    step.failed->add();
    note_error(step.name, outcome.reason, record, run);
  }
  return outcome;
}

Outcome Pipeline::run(PipelineRecord& record, PipelineRun& run) const {
  records_->add();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const StageOutcome outcome = run_step(i, record, run);
    if (outcome.kind == StageOutcome::Kind::kDropped) return {false, i, outcome.reason};
  }
  return {};
}

bool Pipeline::matches(std::string_view source, const Labels& labels, std::string_view file) const {
  if (!match_.sources.empty() &&
      std::find(match_.sources.begin(), match_.sources.end(), source) == match_.sources.end())
    return false;
  const auto names_it = [file](const std::shared_ptr<const re2::RE2>& glob) {
    return re2::RE2::FullMatch(re2::StringPiece(file.data(), file.size()), *glob);
  };
  if (!match_.files.empty() &&
      (file.empty() || std::none_of(match_.files.begin(), match_.files.end(), names_it)))
    return false;
  return matches_all(match_.labels, labels);
}

void Pipeline::report_to(MetricRegistry& metrics, Logger& logger) {
  const std::string own = fmt::format("pipeline=\"{}\"", name_);
  records_ = &metrics.counter("livedata_pipeline_records_total",
                              "Records that went through a pipeline", own);
  for (Step& step : steps_) {
    step.failed = &metrics.counter("livedata_pipeline_failures_total",
                                   "Records that a stage could not work on; they were kept",
                                   fmt::format("{},stage=\"{}\"", own, step.name));
    if (const std::string_view reason = step.stage->drop_reason(); !reason.empty()) {
      step.dropped = &metrics.counter(
          "livedata_pipeline_dropped_total", "Records that a stage dropped, as it was told to",
          fmt::format("{},stage=\"{}\",reason=\"{}\"", own, step.name, reason));
    }
    step.stage->report_to({metrics, logger, name_});
  }
}

const Pipeline* Pipelines::find(std::string_view source, const Labels& labels,
                                std::string_view file) const {
  for (const std::unique_ptr<Pipeline>& pipeline : pipelines_) {
    if (pipeline->matches(source, labels, file)) return pipeline.get();
  }
  return nullptr;
}

const Pipeline* Pipelines::find_by_name(std::string_view name) const {
  for (const std::unique_ptr<Pipeline>& pipeline : pipelines_) {
    if (pipeline->name() == name) return pipeline.get();
  }
  return nullptr;
}

void Pipelines::report_to(MetricRegistry& metrics, Logger& logger) {
  for (const std::unique_ptr<Pipeline>& pipeline : pipelines_) pipeline->report_to(metrics, logger);
}

}  // namespace livedata::ingest::pipeline
