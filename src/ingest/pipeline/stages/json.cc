#include "ingest/pipeline/json_fields.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

class JsonStage final : public Stage {
 public:
  JsonStage(SourceText source, JsonRules rules)
      : source_(std::move(source)), rules_(std::move(rules)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto text = source_.of(record, run);
    return text ? add_json_fields(*text, rules_, record, run)
                : StageOutcome::failed(SourceText::kMissing);
  }

 private:
  SourceText source_;
  JsonRules rules_;
};

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> names;
  for (;;) {
    const std::size_t dot = path.find('.');
    names.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return names;
    path.remove_prefix(dot + 1);
  }
}

}  // namespace

std::unique_ptr<Stage> make_json(Options& options) {
  SourceText source(options);
  JsonRules rules;
  rules.prefix = options.name("prefix");
  for (const auto& [field, path] : options.pairs_or_list("fields")) {
    // In a list the path is the name as well.
    const std::string name = field == path ? sanitized_label_name(path) : field;
    if (!is_label_name(name))
      options.mistake("fields", fmt::format("'{}' is no name for a field", name));
    rules.chosen.push_back({rules.prefix + name, split_path(path)});
  }
  rules.max_depth = options.count("max_depth", rules.max_depth, 1, 64);
  return std::make_unique<JsonStage>(std::move(source), std::move(rules));
}

}  // namespace livedata::ingest::pipeline
