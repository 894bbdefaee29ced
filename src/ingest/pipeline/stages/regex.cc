#include <re2/re2.h>

#include "ingest/pipeline/captures.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

class RegexStage final : public Stage {
 public:
  RegexStage(SourceText source, std::vector<CaptureRegex> patterns)
      : source_(std::move(source)), patterns_(std::move(patterns)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto text = source_.of(record, run);
    if (!text) return StageOutcome::failed(SourceText::kMissing);
    for (const CaptureRegex& pattern : patterns_) {
      switch (pattern.run(*text, record)) {
        case CaptureRegex::Match::kNo:
          continue;
        case CaptureRegex::Match::kYes:
          return StageOutcome::done();
        case CaptureRegex::Match::kTooManyFields:
          return StageOutcome::failed("more fields than a record may have");
      }
    }
    return StageOutcome::failed("no pattern matches");
  }

 private:
  SourceText source_;
  std::vector<CaptureRegex> patterns_;
};

std::vector<CaptureRegex::Group> groups_of(const re2::RE2& regex, const Options::Pairs& types) {
  std::vector<CaptureRegex::Group> groups;
  for (const auto& [index, name] : regex.CapturingGroupNames()) {
    ValueType type = ValueType::kText;
    for (const auto& [field, type_name] : types) {
      if (field == name) type = value_type(type_name).value_or(type);
    }
    groups.push_back({index, name, type});
  }
  return groups;
}

}  // namespace

std::unique_ptr<Stage> make_regex(Options& options) {
  SourceText source(options);
  const Options::Pairs types = options.pairs("types");
  for (const auto& [field, type] : types) {
    if (!value_type(type)) {
      options.mistake("types", fmt::format("'{}' can't be '{}'; {}", field, type,
                                           hint_of(type, {"string", "int", "float", "bool"})));
    }
  }
  options.require("patterns", "'patterns: [\"(?P<status>[0-9]+)\"]'");
  std::vector<CaptureRegex> patterns;
  for (const Options::Regex& regex : options.regexes("patterns")) {
    if (regex == nullptr) continue;
    std::vector<CaptureRegex::Group> groups = groups_of(*regex, types);
    if (groups.empty()) {
      options.mistake(
          "patterns",
          fmt::format("'{}' has no group with a name, such as (?P<status>\\d+)", regex->pattern()));
    }
    if (regex->NumberOfCapturingGroups() > kMaxGroups)
      options.mistake("patterns", fmt::format("a regex has more than {} groups", kMaxGroups));
    patterns.emplace_back(regex, std::move(groups));
  }
  return std::make_unique<RegexStage>(std::move(source), std::move(patterns));
}

}  // namespace livedata::ingest::pipeline
