#include "ingest/pipeline/grok.h"

#include <re2/re2.h>

#include "ingest/pipeline/stages/factories.h"
#include "ingest/pipeline/stages/pattern_stage.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::int64_t kRegexMemory = 16 << 20;

/// Groups of %{NAME:field}, and those that the pattern itself names.
std::vector<CaptureRegex::Group> groups_of(const re2::RE2& regex, const Grok& grok) {
  std::vector<CaptureRegex::Group> groups;
  for (const auto& [index, name] : regex.CapturingGroupNames()) {
    CaptureRegex::Group group{index, name};
    for (std::size_t i = 0; i < grok.captures.size(); ++i) {
      if (grok_group(i) != name) continue;
      group.field = grok.captures[i].field;
      group.type = grok.captures[i].type;
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

Result<CaptureRegex> compile_grok(std::string_view pattern, const GrokDefinitions& definitions) {
  LIVEDATA_TRY(const Grok grok, expand_grok(pattern, definitions));
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  auto regex = std::make_shared<const re2::RE2>(grok.regex, options);
  if (!regex->ok())
    return fail(ErrorCode::kInvalidArgument, "the pattern '{}' is wrong: {}", pattern,
                regex->error());
  std::vector<CaptureRegex::Group> groups = groups_of(*regex, grok);
  if (groups.empty() || regex->NumberOfCapturingGroups() > kMaxGroups) {
    return fail(ErrorCode::kInvalidArgument,
                "the pattern '{}' must name 1 to {} fields, as %{{NUMBER:status:int}} does",
                pattern, kMaxGroups);
  }
  return CaptureRegex(std::move(regex), std::move(groups));
}

}  // namespace

std::unique_ptr<Stage> make_grok(Options& options) {
  SourceText source(options);
  options.require("patterns", "'patterns: [\"%{IP:client} %{GREEDYDATA:rest}\"]'");
  const GrokDefinitions definitions = options.pairs("definitions");
  std::vector<CaptureRegex> patterns;
  for (const std::string& text : options.list("patterns")) {
    if (auto pattern = compile_grok(text, definitions)) {
      patterns.push_back(*std::move(pattern));
    } else {
      options.mistake("patterns", pattern.error().message);
    }
  }
  return std::make_unique<PatternStage>(std::move(source), std::move(patterns));
}

}  // namespace livedata::ingest::pipeline
