#include "ingest/pipeline/compile.h"

#include <algorithm>
#include <array>
#include <set>

#include <re2/re2.h>

#include "ingest/pipeline/settings/glob.h"
#include "ingest/pipeline/settings/options.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::string_view kSection = "pipelines";
constexpr std::size_t kMaxStages = 100;

struct StageKind {
  std::string_view name;
  StageFactory make;
  std::string_view shorthand;  ///< the option that a value stands for which is no map
};

// In alphabetical order.
constexpr std::array kStages = {
    StageKind{"apache", make_apache, "format"},
    StageKind{"auto", make_auto, ""},
    StageKind{"cri", make_cri, ""},
    StageKind{"docker", make_docker, ""},
    StageKind{"drop", make_drop, "line"},
    StageKind{"grok", make_grok, "patterns"},
    StageKind{"json", make_json, "fields"},
    StageKind{"keep", make_keep, "fields"},
    StageKind{"labels", make_labels, "fields"},
    StageKind{"level", make_level, "field"},
    StageKind{"limit", make_limit, "rate"},
    StageKind{"line", make_line, "field"},
    StageKind{"logfmt", make_logfmt, "fields"},
    StageKind{"lowercase", make_lowercase, "fields"},
    StageKind{"nginx", make_nginx, "format"},
    StageKind{"redact", make_redact, "patterns"},
    StageKind{"regex", make_regex, "patterns"},
    StageKind{"remove", make_remove, "fields"},
    StageKind{"rename", make_rename, ""},
    StageKind{"sample", make_sample, "rate"},
    StageKind{"static_labels", make_static_labels, ""},
    StageKind{"syslog", make_syslog, "from"},
    StageKind{"timestamp", make_timestamp, "field"},
    StageKind{"truncate", make_truncate, "bytes"},
};

/// Names stand in metrics and on the command line.
bool is_pipeline_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), is_allowed);
}

/// What a stage is called, and the value behind it.
Result<std::pair<std::string, const Node*>> name_and_value(const Node& item, const Node& nothing,
                                                           const Scope& scope) {
  if (item.kind == Node::Kind::kScalar) return std::pair(item.text, &nothing);
  if (item.kind != Node::Kind::kMap || item.keys.size() != 1) {
    return scope.wrong(item, "a stage is written '- name', '- name: value' or '- name: {options}'");
  }
  return std::pair(item.keys.front().text, &item.items.front());
}

Result<Pipeline::Step> compile_stage(const Node& item, Scope scope) {
  Node nothing;
  nothing.line = item.line;
  nothing.column = item.column;
  LIVEDATA_TRY(const auto stage, name_and_value(item, nothing, scope));
  const auto& [name, value] = stage;
  const auto found = std::find_if(kStages.begin(), kStages.end(),
                                  [&](const StageKind& kind) { return kind.name == name; });
  if (found == kStages.end()) {
    return scope.wrong(
        item, fmt::format("there is no stage '{}'; {}", name, hint_of(name, stage_names())));
  }
  scope.what += fmt::format(" ({})", name);
  Options options(*value, scope, found->shorthand);
  Pipeline::Step step;
  step.name = name;
  step.stage = found->make(options);
  // Any stage's: lines of several formats are nothing to tell of.
  step.optional = value->kind == Node::Kind::kMap && options.flag("optional", false);
  LIVEDATA_RETURN_IF_ERROR(options.finish());
  return step;
}

Result<Match> compile_match(const Node& node, const Scope& scope) {
  Options options(node, scope);
  Match match;
  match.sources = options.words("source", sources());
  match.labels = options.matchers("labels");
  for (const std::string& glob : options.list("files")) {
    match.files.push_back(compile_glob(glob));
    if (!match.files.back()->ok())
      options.mistake("files", fmt::format("'{}' is no pattern of paths", glob));
  }
  LIVEDATA_RETURN_IF_ERROR(options.finish());
  return match;
}

Result<std::vector<Pipeline::Step>> compile_stages(const Node& list, const Scope& scope) {
  if (list.kind != Node::Kind::kList) return scope.wrong(list, "'stages' must be a list of stages");
  if (list.items.size() > kMaxStages)
    return scope.wrong(list, fmt::format("more than {} stages", kMaxStages));
  std::vector<Pipeline::Step> steps;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    Scope of_stage = scope;
    of_stage.what += fmt::format(", stage {}", i + 1);
    LIVEDATA_TRY(Pipeline::Step step, compile_stage(list.items[i], std::move(of_stage)));
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<std::unique_ptr<Pipeline>> compile_pipeline(const Node& node, Scope scope) {
  if (node.kind != Node::Kind::kMap)
    return scope.wrong(node, "a pipeline is a map of name, match, multiline and stages");
  Options options(node, scope);
  std::string name = options.text("name");
  options.require("name", "'name: web'");
  if (options.has("name") && !is_pipeline_name(name)) {
    options.mistake("name", fmt::format("the name '{}' must be of up to 64 letters, digits, '.', "
                                        "'_' and '-'",
                                        name));
  }
  options.require("stages", "'stages: [json]'");
  const Node* match_node = options.node("match");
  const Node* multi_line_node = options.node("multiline");
  const Node* stages = options.node("stages");
  LIVEDATA_RETURN_IF_ERROR(options.finish());

  scope.what = fmt::format("pipeline '{}'", name);
  const auto within = [&scope](std::string_view part) {
    return Scope{scope.file_name, fmt::format("{}, {}", scope.what, part)};
  };
  Match match;
  if (match_node != nullptr) {
    LIVEDATA_TRY(match, compile_match(*match_node, within("match")));
  }
  std::optional<MultiLineRules> multi_line;
  if (multi_line_node != nullptr) {
    LIVEDATA_TRY(multi_line, compile_multi_line(*multi_line_node, within("multiline")));
  }
  LIVEDATA_TRY(std::vector<Pipeline::Step> steps, compile_stages(*stages, scope));
  return std::make_unique<Pipeline>(std::move(name), std::move(match), std::move(multi_line),
                                    std::move(steps));
}

}  // namespace

std::vector<std::string_view> stage_names() {
  std::vector<std::string_view> names;
  for (const StageKind& kind : kStages) names.push_back(kind.name);
  return names;
}

Result<Pipelines> compile(std::string_view yaml_text, std::string_view file_name) {
  LIVEDATA_TRY(const Node section, read_section(yaml_text, file_name, kSection));
  const Scope scope{std::string(file_name)};
  if (section.kind == Node::Kind::kNull) return Pipelines();
  if (section.kind != Node::Kind::kList)
    return scope.wrong(section, "'pipelines' must be a list of pipelines");
  std::vector<std::unique_ptr<Pipeline>> pipelines;
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < section.items.size(); ++i) {
    const Scope of_pipeline{scope.file_name, fmt::format("pipeline {}", i + 1)};
    LIVEDATA_TRY(std::unique_ptr<Pipeline> pipeline,
                 compile_pipeline(section.items[i], of_pipeline));
    if (!names.insert(pipeline->name()).second) {
      return scope.wrong(section.items[i],
                         fmt::format("there are two pipelines named '{}'", pipeline->name()));
    }
    pipelines.push_back(std::move(pipeline));
  }
  return Pipelines(std::move(pipelines));
}

}  // namespace livedata::ingest::pipeline
