// The first line chooses a pipeline, the others are lines of one stream that go through it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingest/pipeline/compile.h"
#include "two_parts.h"

namespace {

using namespace livedata;                    // NOLINT(google-build-using-namespace)
using namespace livedata::ingest::pipeline;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kConfiguration = R"(
pipelines:
  - name: json
    multiline: {partial: docker}
    stages: [docker: {optional: true}, json, {json: {from: msg, prefix: m_}}, {timestamp: ts}, {labels: [level, b]}]
  - name: logfmt
    multiline: {indentation: true}
    stages: [logfmt, {level: level}, {timestamp: {field: ts, zone: '+02:00'}}, {line: {template: '{msg} {line}'}}]
  - name: regex
    multiline: {first_line: '^\d'}
    stages:
      - regex: ['^(?P<a>\d+) (?P<b>.*)$', '(?P<c>[a-z]+)']
      - grok: '%{IPORHOST:host} %{QUOTEDSTRING:quoted} %{NUMBER:n:float} %{GREEDYDATA:rest}'
      - truncate: {bytes: 100, suffix: '...'}
  - name: web
    stages: [nginx, {nginx: error}, {apache: error}, {grok: '%{COMBINEDAPACHELOG}'}]
  - name: container
    multiline: {partial: cri}
    stages: [cri, auto, {keep: [a*, level]}, {rename: {level: lvl}}]
  - name: secrets
    multiline: {traces: all, max_lines: 10}
    stages: [auto, {redact: {patterns: all, regexes: {x: 'x+'}}}, {redact: {patterns: all, hash_key: 0123456789abcdef}}]
  - name: drops
    stages: [logfmt, {drop: {match: '{a="1"}', longer_than: 100}}, {sample: {rate: 0.5, by: a}}, {limit: 5}]
)";

const Pipelines& pipelines() {
  static const Pipelines kPipelines = [] {
    auto compiled = compile(kConfiguration, "fuzz.yaml");
    if (!compiled) std::abort();
    return *std::move(compiled);
  }();
  return kPipelines;
}

void run_line(const Pipeline& pipeline, std::string_view line, PipelineRun& run) {
  static const Labels kLabels({Label{"app", "fuzz"}});
  std::vector<Field> fields;
  PipelineRecord& record = run.begin(kLabels, run.now(), line, fields);
  static_cast<void>(pipeline.run(record, run));
  // Every byte of what came out must be readable, and within the limits.
  std::size_t bytes = record.line().size();
  for (const Field& field : fields) {
    if (!is_label_name(field.name)) std::abort();
    bytes += to_string(field.value).size();
  }
  for (const Label& label : record.labels()) bytes += label.value.size();
  for (const char c : record.line()) bytes += c == '\0' ? 1 : 0;
  if (fields.size() > run.limits().max_fields || bytes == SIZE_MAX) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [choice, text] = two_parts(data, size);
  const auto& all = pipelines().all();
  const std::size_t number = choice.empty() ? 0 : static_cast<unsigned char>(choice.front());
  const Pipeline& pipeline = *all[number % all.size()];
  const Limits limits;
  PipelineRun run(limits, 1'700'000'000'000'000'000);
  std::optional<MultiLine> joiner;
  if (pipeline.multi_line() != nullptr) joiner.emplace(*pipeline.multi_line(), 1000);
  const auto take = [&](const MultiLine::Joined& record) { run_line(pipeline, record.text, run); };
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (joiner) {
      joiner->push(rest.substr(0, end), {}, {}, take);
    } else {
      run_line(pipeline, rest.substr(0, end), run);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (joiner) joiner->flush(take);
  return 0;
}
