#include <re2/re2.h>

#include "ingest/pipeline/record_matcher.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

struct DropRules {
  RecordMatcher match;
  Options::Regex line = nullptr;
  std::string contains = {};
  std::chrono::nanoseconds older_than{0};  ///< 0: any age
  std::size_t longer_than = 0;             ///< 0: any size
  std::string reason = {};
};

class DropStage final : public Stage {
 public:
  explicit DropStage(DropRules rules) : rules_(std::move(rules)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const std::string_view line = record.line();
    if (rules_.longer_than != 0 && line.size() <= rules_.longer_than) return StageOutcome::done();
    if (rules_.older_than.count() != 0 &&
        record.timestamp() >= run.now() - rules_.older_than.count())
      return StageOutcome::done();
    if (!rules_.match.matches(record)) return StageOutcome::done();
    if (line.find(rules_.contains) == std::string_view::npos) return StageOutcome::done();
    if (rules_.line != nullptr &&
        !re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *rules_.line))
      return StageOutcome::done();
    return StageOutcome::dropped(rules_.reason);
  }

  [[nodiscard]] std::string_view drop_reason() const override { return rules_.reason; }
  [[nodiscard]] bool shortens_lines() const override { return rules_.longer_than != 0; }

 private:
  DropRules rules_;
};

}  // namespace

std::unique_ptr<Stage> make_drop(Options& options) {
  DropRules rules{.match = RecordMatcher(options)};
  rules.line = options.regex("line");
  rules.contains = options.text("contains");
  rules.older_than = options.duration("older_than", rules.older_than);
  rules.longer_than = options.bytes("longer_than", 0, 1, 1U << 30U);
  rules.reason = options.name("reason", "drop");
  if (rules.match.matches_all() && rules.line == nullptr && rules.contains.empty() &&
      rules.older_than.count() == 0 && rules.longer_than == 0) {
    options.mistake_at(options.whole(),
                       "a condition is missing: 'match', 'line', 'contains', 'older_than' or "
                       "'longer_than'");
  }
  return std::make_unique<DropStage>(std::move(rules));
}

}  // namespace livedata::ingest::pipeline
