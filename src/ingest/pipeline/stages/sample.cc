#include <cmath>

#include "base/hash.h"
#include "ingest/pipeline/record_matcher.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

/// Keeps a share of the records, and of equal lines or values all or none, on every machine.
class SampleStage final : public Stage {
 public:
  SampleStage(RecordMatcher match, double rate, std::string by, std::string reason)
      : match_(std::move(match)), rate_(rate), by_(std::move(by)), reason_(std::move(reason)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    if (!match_.matches(record)) return StageOutcome::done();
    std::string_view key = record.line();
    if (!by_.empty()) {
      const Field* field = record.find_field(by_);
      key = field == nullptr ? record.label(by_) : text_of(field->value, run.arena());
    }
    constexpr double kHashes = 18446744073709551616.0;  // 2^64
    return static_cast<double>(hash64(key)) < rate_ * kHashes ? StageOutcome::done()
                                                              : StageOutcome::dropped(reason_);
  }

  [[nodiscard]] std::string_view drop_reason() const override { return reason_; }

 private:
  RecordMatcher match_;
  double rate_;
  std::string by_;
  std::string reason_;
};

}  // namespace

std::unique_ptr<Stage> make_sample(Options& options) {
  options.require("rate", "'rate: 0.1'");
  RecordMatcher match(options);
  const double rate = options.number("rate", 1, 0, 1);
  return std::make_unique<SampleStage>(std::move(match), rate, options.name("by"),
                                       options.name("reason", "sample"));
}

}  // namespace livedata::ingest::pipeline
