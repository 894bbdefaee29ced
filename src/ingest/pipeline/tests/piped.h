#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ingest/pipeline/compile.h"

namespace livedata::ingest::pipeline {

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;  // 2023-11-14T22:13:20Z

/// A record as it left a pipeline, with everything copied.
struct Piped {
  bool kept = true;
  std::string reason = {};
  TimestampNs timestamp = 0;
  std::string line = {};
  std::map<std::string, std::string> fields = {};  // numbers as "int 5", "float 0.5", "bool true"
  std::string labels = {};

  [[nodiscard]] std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "(none)" : found->second;
  }
  [[nodiscard]] std::string error() const { return field("pipeline_error"); }
};

inline std::string shown(const FieldValue& value) {
  const char* prefix = std::holds_alternative<std::int64_t>(value) ? "int "
                       : std::holds_alternative<double>(value)     ? "float "
                       : std::holds_alternative<bool>(value)       ? "bool "
                                                                   : "";
  return prefix + to_string(value);
}

inline Pipelines compiled(const std::string& yaml) {
  auto pipelines = compile(yaml, "livedata.yaml");
  EXPECT_TRUE(pipelines.has_value()) << (pipelines ? "" : pipelines.error().message) << "\n"
                                     << yaml;
  return pipelines ? *std::move(pipelines) : Pipelines();
}

/// "pipelines:" with one pipeline of these stages; each begins with "- ".
inline std::string with_stages(const std::string& stages) {
  std::string yaml = "pipelines:\n  - name: test\n    stages:\n";
  std::size_t from = 0;
  while (from < stages.size()) {
    const std::size_t end = std::min(stages.find('\n', from), stages.size());
    yaml += "      " + stages.substr(from, end - from) + "\n";
    from = end + 1;
  }
  return yaml;
}

/// One pipeline and what it works with.
class Bench {
 public:
  explicit Bench(const std::string& stages, const Limits& limits = {})
      : limits_(limits), pipelines_(compiled(with_stages(stages))), run_(limits_, kNow) {}

  Piped operator()(std::string_view line, std::vector<Field> fields = {},
                   const Labels& labels = Labels({Label{"app", "web"}}), TimestampNs time = kNow) {
    PipelineRecord& record = run_.begin(labels, time, line, fields);
    const Outcome outcome = pipelines_.all().front()->run(record, run_);
    Piped out{.kept = outcome.kept,
              .reason = std::string(outcome.reason),
              .timestamp = record.timestamp(),
              .line = std::string(record.line()),
              .labels = record.labels().to_string()};
    for (const Field& field : fields) out.fields[std::string(field.name)] = shown(field.value);
    return out;
  }

  PipelineRun& run() { return run_; }
  Pipelines& pipelines() { return pipelines_; }

 private:
  Limits limits_;
  Pipelines pipelines_;
  PipelineRun run_;
};

}  // namespace livedata::ingest::pipeline
