#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/pipeline_trace.h"
#include "ingest/pipeline/compile.h"
#include "model/service_name.h"

namespace livedata::cli {
namespace {

using ingest::pipeline::MultiLine;
using ingest::pipeline::Pipeline;
using ingest::pipeline::Pipelines;

struct PipelineFlags {
  std::string config_file;
  std::string file;
  std::string pipeline;
  std::string source = "native";
  std::string file_name;
  std::vector<std::string> labels;
  std::string output = "text";
};

int report(const Error& error) {
  fmt::print(stderr, "livedata: {}\n", error.message);
  return exit_code(error.code);
}

Result<Pipelines> load_pipelines(const PipelineFlags& flags) {
  LIVEDATA_TRY(const Config config, load_configuration(flags.config_file, {}));
  return ingest::pipeline::compile(config.file_text, config.file_name);
}

int check(const PipelineFlags& flags) {
  const auto pipelines = load_pipelines(flags);
  if (!pipelines) return report(pipelines.error());
  for (const std::unique_ptr<Pipeline>& pipeline : pipelines->all()) {
    fmt::print("{}:", pipeline->name());
    for (const Pipeline::Step& step : pipeline->steps()) fmt::print(" {}", step.name);
    fmt::print("\n");
  }
  fmt::print("{} pipelines: all good\n", pipelines->all().size());
  return 0;
}

Result<Labels> labels_of(const PipelineFlags& flags) {
  std::vector<Label> labels;
  for (const std::string& text : flags.labels) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || !is_label_name(text.substr(0, equals)))
      return fail(ErrorCode::kInvalidArgument, "--label {} is not of the form NAME=VALUE", text);
    labels.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  if (!flags.file_name.empty()) labels.push_back({"filename", flags.file_name});
  Labels out(std::move(labels));
  discover_service_name(out);
  return out;
}

Result<const Pipeline*> choose(const Pipelines& pipelines, const PipelineFlags& flags,
                               const Labels& labels) {
  const Pipeline* found = flags.pipeline.empty()
                              ? pipelines.find(flags.source, labels, flags.file_name)
                              : pipelines.find_by_name(flags.pipeline);
  if (found != nullptr) return found;
  std::string names;
  for (const auto& pipeline : pipelines.all()) names += " " + pipeline->name();
  if (names.empty()) return fail(ErrorCode::kNotFound, "the configuration file has no pipelines");
  return fail(ErrorCode::kNotFound, "{}; there are:{}",
              flags.pipeline.empty() ? "no pipeline matches; choose one with --pipeline, or give "
                                       "--source, --label and --filename"
                                     : fmt::format("there is no pipeline '{}'", flags.pipeline),
              names);
}

/// Sends the lines of a stream through a pipeline and prints what becomes of them.
class LineTester {
 public:
  LineTester(const Pipeline& pipeline, const Labels& labels, bool as_json)
      : pipeline_(pipeline), labels_(labels), as_json_(as_json), run_(limits_, clock_.now()) {
    if (pipeline.multi_line() != nullptr)
      joiner_.emplace(*pipeline.multi_line(), limits_.max_line_bytes);
  }

  void test(std::istream& in) {
    const auto emit = [this](const MultiLine::Joined& record) {
      print(record.text, static_cast<std::size_t>(record.origin.tag));
    };
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
      if (line.ends_with('\r')) line.pop_back();
      if (joiner_) {
        joiner_->push(line, {.tag = number}, {}, emit);
      } else {
        print(line, number);
      }
    }
    if (joiner_) joiner_->flush(emit);
    if (!as_json_) fmt::print("{} records kept, {} dropped\n", kept_, dropped_);
  }

 private:
  void print(std::string_view line, std::size_t number) {
    run_.set_now(clock_.now());
    RecordTrace traced = trace(pipeline_, labels_, run_.now(), line, run_);
    traced.number = number;
    ++(traced.kept() ? kept_ : dropped_);
    fmt::print("{}\n", as_json_ ? to_json(traced) : describe(traced));
  }

  const Limits limits_;
  const SystemClock clock_;
  const Pipeline& pipeline_;
  const Labels& labels_;
  bool as_json_;
  ingest::pipeline::PipelineRun run_;
  std::optional<MultiLine> joiner_;
  std::size_t kept_ = 0;
  std::size_t dropped_ = 0;
};

int test(const PipelineFlags& flags) {
  const auto pipelines = load_pipelines(flags);
  if (!pipelines) return report(pipelines.error());
  const auto labels = labels_of(flags);
  if (!labels) return report(labels.error());
  const auto pipeline = choose(*pipelines, flags, *labels);
  if (!pipeline) return report(pipeline.error());
  const bool as_json = flags.output == "json";
  if (!as_json) fmt::print("pipeline {}\n", (*pipeline)->name());
  LineTester tester(**pipeline, *labels, as_json);
  if (flags.file == "-") {
    tester.test(std::cin);
    return 0;
  }
  std::ifstream in(flags.file);
  if (!in) {
    fmt::print(stderr, "livedata: {} can't be read\n", flags.file);
    return exit_code(ErrorCode::kNotFound);
  }
  tester.test(in);
  return 0;
}

}  // namespace

void add_pipeline(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<PipelineFlags>();
  CLI::App* command = app.add_subcommand("pipeline", "Check and try parsing pipelines");
  command->require_subcommand(1);

  CLI::App* checking = command->add_subcommand("check", "Read the pipelines and say what is wrong");
  checking->add_option("--config", flags->config_file, "YAML file with settings")->required();
  checking->callback([&run, flags] { run = [flags] { return check(*flags); }; });

  CLI::App* testing = command->add_subcommand(
      "test", "Send sample lines through a pipeline and show what each stage does");
  testing->footer(
      "Example: livedata pipeline test access.log --config livedata.yaml --pipeline web");
  testing->add_option("file", flags->file, "Lines to send; - is standard input")->required();
  testing->add_option("--config", flags->config_file, "YAML file with settings")->required();
  testing->add_option("--pipeline", flags->pipeline, "Its name; default: the one that matches");
  testing->add_option("--source", flags->source, "The door they come through (default native)")
      ->check(CLI::IsMember(std::vector<std::string>(ingest::pipeline::sources().begin(),
                                                     ingest::pipeline::sources().end())));
  testing->add_option("--label", flags->labels, "NAME=VALUE, more than once for several");
  testing->add_option("--filename", flags->file_name, "The file they come from");
  testing->add_option("-o,--output", flags->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  testing->callback([&run, flags] { run = [flags] { return test(*flags); }; });
}

}  // namespace livedata::cli
