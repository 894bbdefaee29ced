#include "ingest/pipeline/stages/pattern_stage.h"

namespace livedata::ingest::pipeline {

StageOutcome PatternStage::run(PipelineRecord& record, PipelineRun& run) const {
  const auto text = source_.of(record, run);
  if (!text) return StageOutcome::failed(SourceText::kMissing);
  for (const CaptureRegex& pattern : patterns_) {
    switch (pattern.run(*text, record)) {
      case CaptureRegex::Match::kNo:
        continue;
      case CaptureRegex::Match::kYes:
        return StageOutcome::done();
      case CaptureRegex::Match::kNotAllFit:
        return StageOutcome::failed(kTooManyFields);
    }
  }
  return StageOutcome::failed("no pattern matches");
}

}  // namespace livedata::ingest::pipeline
