#pragma once

#include <vector>

#include "ingest/pipeline/captures.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stage.h"

namespace livedata::ingest::pipeline {

/// Tries regexes in their order; the groups of the first one that matches become fields.
class PatternStage final : public Stage {
 public:
  PatternStage(SourceText source, std::vector<CaptureRegex> patterns)
      : source_(std::move(source)), patterns_(std::move(patterns)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override;

 private:
  SourceText source_;
  std::vector<CaptureRegex> patterns_;
};

}  // namespace livedata::ingest::pipeline
