#include <re2/re2.h>

#include "ingest/pipeline/stages/factories.h"
#include "ingest/pipeline/stages/pattern_stage.h"

namespace livedata::ingest::pipeline {
namespace {

std::vector<CaptureRegex::Group> groups_of(const re2::RE2& regex, const FieldTypes& types) {
  std::vector<CaptureRegex::Group> groups;
  for (const auto& [index, name] : regex.CapturingGroupNames())
    groups.push_back({index, name, types.of(name)});
  return groups;
}

}  // namespace

std::unique_ptr<Stage> make_regex(Options& options) {
  SourceText source(options);
  const FieldTypes types(options);
  options.require("patterns", "'patterns: [\"(?P<status>[0-9]+)\"]'");
  std::vector<CaptureRegex> patterns;
  for (const Options::Regex& regex : options.regexes("patterns")) {
    if (regex == nullptr) continue;
    std::vector<CaptureRegex::Group> groups = groups_of(*regex, types);
    if (groups.empty()) {
      options.mistake("patterns",
                      fmt::format("'{}' has no group with a name, such as (?P<status>[0-9]+)",
                                  regex->pattern()));
    }
    if (regex->NumberOfCapturingGroups() > kMaxGroups)
      options.mistake("patterns", fmt::format("a regex has more than {} groups", kMaxGroups));
    patterns.emplace_back(regex, std::move(groups));
  }
  return std::make_unique<PatternStage>(std::move(source), std::move(patterns));
}

}  // namespace livedata::ingest::pipeline
