#include "ingest/level/level_detection.h"
#include "ingest/pipeline/name_list.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

class KeepStage final : public Stage {
 public:
  explicit KeepStage(NameList fields) : fields_(std::move(fields)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun&) const override {
    record.remove_fields_if([this](const Field& field) {
      return field.name != kErrorField && field.name != kDetectedLevelField &&
             !fields_.contains(field.name);
    });
    return StageOutcome::done();
  }

 private:
  NameList fields_;
};

class RemoveStage final : public Stage {
 public:
  RemoveStage(NameList fields, std::vector<std::string> labels)
      : fields_(std::move(fields)), labels_(std::move(labels)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun&) const override {
    record.remove_fields_if([this](const Field& field) { return fields_.contains(field.name); });
    for (const std::string& label : labels_) static_cast<void>(record.set_label(label, {}));
    return StageOutcome::done();
  }

 private:
  NameList fields_;
  std::vector<std::string> labels_;
};

}  // namespace

std::unique_ptr<Stage> make_keep(Options& options) {
  options.require("fields", "'fields: [status, path]'");
  return std::make_unique<KeepStage>(NameList(options, "fields"));
}

std::unique_ptr<Stage> make_remove(Options& options) {
  NameList fields(options, "fields");
  std::vector<std::string> labels = options.names("labels");
  if (fields.empty() && labels.empty())
    options.mistake_at(options.whole(),
                       "'fields' or 'labels' is missing, such as 'fields: [debug]'");
  return std::make_unique<RemoveStage>(std::move(fields), std::move(labels));
}

}  // namespace livedata::ingest::pipeline
