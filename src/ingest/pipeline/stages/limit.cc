#include "base/hash.h"
#include "ingest/pipeline/rate_limiter.h"
#include "ingest/pipeline/record_matcher.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

/// Drops what comes faster than a stream may.
class LimitStage final : public Stage {
 public:
  LimitStage(RecordMatcher match, double rate, double burst, bool by_stream, std::string reason)
      : match_(std::move(match)),
        limiter_(rate, burst),
        by_stream_(by_stream),
        reason_(std::move(reason)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    if (!match_.matches(record)) return StageOutcome::done();
    return limiter_.take(by_stream_ ? stream_key(record) : 1, run.now())
               ? StageOutcome::done()
               : StageOutcome::dropped(reason_);
  }

  [[nodiscard]] std::string_view drop_reason() const override { return reason_; }

 private:
  /// Of the labels as they came, with what was changed of them.
  static std::uint64_t stream_key(const PipelineRecord& record) {
    std::uint64_t key = 1;
    for (const Label& label : record.labels_before())
      key = hash64(label.value, hash64(label.name, key));
    for (const LabelChange& change : record.label_changes())
      key = hash64(change.value, hash64(change.name, key));
    return key;
  }

  RecordMatcher match_;
  mutable RateLimiter limiter_;
  bool by_stream_;
  std::string reason_;
};

}  // namespace

std::unique_ptr<Stage> make_limit(Options& options) {
  options.require("rate", "'rate: 100', records in a second");
  RecordMatcher match(options);
  const double rate = options.number("rate", 1, 0.001, 1e9);
  const double burst = options.number("burst", std::max(rate, 1.0), 1, 1e9);
  const bool by_stream = options.word("by", {"stream", "pipeline"}) == "stream";
  return std::make_unique<LimitStage>(std::move(match), rate, burst, by_stream,
                                      options.name("reason", "limit"));
}

}  // namespace livedata::ingest::pipeline
