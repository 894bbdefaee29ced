#include <deque>

#include "ingest/pipeline/label_values.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

/// One field that becomes a label.
struct Rule {
  Rule(std::string l, std::string f, std::size_t max_values)
      : label(std::move(l)), field(std::move(f)), values(max_values) {}
  std::string label;
  std::string field;
  LabelValues values;
  Counter own_refused;
  Counter* refused = &own_refused;
};

class LabelsStage final : public Stage {
 public:
  LabelsStage(Options::Pairs labels, std::size_t max_values, bool keep)
      : max_values_(max_values), keep_(keep) {
    for (auto& [label, field] : labels)
      rules_.emplace_back(std::move(label), std::move(field), max_values);
  }

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    bool all_fit = true;
    for (Rule& rule : rules_) all_fit = apply(rule, record, run) && all_fit;
    return all_fit ? StageOutcome::done()
                   : StageOutcome::failed("a label is longer, or there are more, than is allowed");
  }

  void report_to(const StageReport& report) override {
    logger_ = &report.logger;
    pipeline_ = report.pipeline;
    for (Rule& rule : rules_) {
      rule.refused = &report.metrics.counter(
          "livedata_pipeline_label_values_refused_total",
          "Values that stayed fields, as the label had too many values already",
          fmt::format("pipeline=\"{}\",label=\"{}\"", report.pipeline, rule.label));
    }
  }

 private:
  /// False if the record can't have the label.
  bool apply(Rule& rule, PipelineRecord& record, PipelineRun& run) const {
    const Field* field = record.find_field(rule.field);
    if (field == nullptr) return true;
    const std::string_view value = text_of(field->value, run.arena());
    if (value.empty()) return true;
    if (value.size() > record.limits().max_label_value_bytes) return false;
    switch (rule.values.admit(value, run.now())) {
      case LabelValues::Admission::kFirstRefused:
        if (logger_ != nullptr) {
          logger_->warn(
              "pipeline {}: the label {} has {} values today; more are kept as fields. Labels are "
              "for what has few values",
              pipeline_, rule.label, max_values_);
        }
        [[fallthrough]];
      case LabelValues::Admission::kRefused:
        rule.refused->add();
        // Under the label's name, so that the same filter finds it.
        if (rule.field != rule.label) record.rename_field(rule.field, rule.label);
        return true;
      case LabelValues::Admission::kKnown:
      case LabelValues::Admission::kNew:
        break;
    }
    if (!record.set_label(rule.label, value)) return false;
    if (!keep_) record.remove_field(rule.field);
    return true;
  }

  mutable std::deque<Rule> rules_;  // what it guards itself: the values
  std::size_t max_values_;
  bool keep_;
  Logger* logger_ = nullptr;
  std::string pipeline_;
};

}  // namespace

std::unique_ptr<Stage> make_labels(Options& options) {
  constexpr std::size_t kMaxValues = 10'000;
  options.require("fields", "'fields: [method]'");
  Options::Pairs labels = options.pairs_or_list("fields");
  for (const auto& [label, field] : labels) {
    if (!is_label_name(label) || label.starts_with("__"))
      options.mistake("fields", fmt::format("'{}' is no name for a label", label));
  }
  const std::size_t max_values = options.count("max_values", kMaxValues, 1, 1'000'000);
  return std::make_unique<LabelsStage>(std::move(labels), max_values, options.flag("keep", false));
}

}  // namespace livedata::ingest::pipeline
