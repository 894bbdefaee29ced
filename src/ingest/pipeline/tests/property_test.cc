// Random records through random pipelines: whatever comes, records leave whole, within the limits,
// and are lost only where a stage was told to drop them.
#include <atomic>
#include <random>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>

#include "base/testing/fake_clock.h"
#include "ingest/pipeline/tests/piped.h"

namespace livedata::ingest::pipeline {
namespace {

const std::vector<std::string>& harmless_stages() {
  static const std::vector<std::string> kStages = {
      "- json",
      "- json: {fields: [a, b.c], prefix: p_}",
      "- json: {from: msg}",
      "- logfmt",
      "- logfmt: {from: a, types: {x: int}}",
      "- regex: '(?P<first>\\S+)\\s+(?P<a>.*)'",
      "- regex: ['^(?P<n>\\d+)$', '(?P<b>b+)']",
      "- grok: '%{IPORHOST:a} %{GREEDYDATA:msg}'",
      "- nginx",
      "- nginx: {from: msg}",
      "- apache: error",
      "- cri",
      "- docker",
      "- syslog",
      "- syslog: {from: msg}",
      "- auto",
      "- timestamp: a",
      "- timestamp: {field: ts, keep: true, zone: '+02:00'}",
      "- labels: {fields: [a, level], max_values: 5}",
      "- labels: {fields: {x: msg}, keep: true}",
      "- static_labels: {env: prod, app: other}",
      "- level: {field: level, mapping: {x: warn}}",
      "- line: msg",
      "- line: {template: '{a} {line} {line}'}",
      "- redact: {patterns: all, hash_key: 0123456789abcdef0123}",
      "- redact: {regexes: {x: 'b*'}}",
      "- keep: [a, msg, b*]",
      "- remove: {fields: [a*], labels: [app]}",
      "- rename: {a: b, msg: a, level: lvl}",
      "- lowercase: {fields: [a, msg], labels: [app, env]}",
      "- truncate: {bytes: 50, suffix: '~'}",
      "- truncate: {bytes: 3, fields: [a]}",
  };
  return kStages;
}

const std::vector<std::string>& dropping_stages() {
  static const std::vector<std::string> kStages = {
      "- drop: {match: '{a=\"\"}'}", "- drop: {line: 'b'}", "- sample: 0.5",
      "- limit: {rate: 1, burst: 3}", "- drop: {older_than: 1h}"};
  return kStages;
}

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }

  std::string text() {
    static const std::vector<std::string> kParts = {
        "a",
        "b",
        " ",
        "=",
        "\"",
        "{",
        "}",
        ":",
        ",",
        "\\",
        "[",
        "]",
        "1",
        "-",
        ".",
        "@",
        "\n",
        "\xff",
        "{\"a\":1,\"msg\":\"x y\"}",
        "{\"msg\":\"{\\\"level\\\":\\\"warn\\\"}\",\"b\":{\"c\":[1]}}",
        "a=1 level=info msg=\"q\\\"r\"",
        "2023-11-14T22:13:19.5Z stdout F ",
        "password=hunter2 ",
        "{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"2023-11-14T22:13:19.5Z\"}",
        "::1 - - [14/Nov/2023:22:13:19 +0000] \"GET / HTTP/1.1\" 200 1",
        "4111111111111111 ",
        "a@example.com",
        "eyJhbGciOi.eyJhbGciOi.x",
        "x://u:p@h",
        "[Tue Nov 14 22:13:20 2023] [warn] text",
        std::string(300, 'z')};
    std::string out;
    if (below(3) == 0) return kParts[below(kParts.size())];
    for (std::size_t n = below(12); n > 0; --n) out += kParts[below(kParts.size())];
    return out;
  }

  std::string stages(bool may_drop) {
    std::string out;
    for (std::size_t n = 1 + below(8); n > 0; --n) {
      const auto& pool = may_drop && below(4) == 0 ? dropping_stages() : harmless_stages();
      out += pool[below(pool.size())] + "\n";
    }
    return out;
  }

 private:
  std::mt19937 random_;
};

struct Sample {
  std::string line;
  std::vector<std::pair<std::string, std::string>> fields;

  [[nodiscard]] std::vector<Field> views() const {
    std::vector<Field> out;
    for (const auto& [name, value] : fields) out.push_back({name, std::string_view(value)});
    return out;
  }
};

Sample sample(Chance& chance) {
  Sample out{chance.text(), {}};
  static const std::vector<std::string> kNames = {"a", "b", "msg", "level", "ts", "token"};
  for (std::size_t n = chance.below(4); n > 0; --n)
    out.fields.emplace_back(kNames[chance.below(kNames.size())] + (n > 2 ? "x" : ""),
                            chance.text());
  return out;
}

bool within(const Limits& limits, const Piped& piped) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : piped.fields) bytes += name.size() + value.size();
  // Shown values are up to six bytes longer than what counts.
  return piped.fields.size() <= limits.max_fields &&
         bytes <= limits.max_fields_bytes + 6 * piped.fields.size() &&
         piped.line.size() <= limits.max_line_bytes;
}

TEST(PipelineProperty, NothingIsLostWithoutADroppingStage) {
  Limits limits;
  limits.max_fields = 12;
  limits.max_fields_bytes = 4000;
  limits.max_line_bytes = 4000;
  limits.max_label_names = 4;
  limits.max_label_value_bytes = 100;
  for (unsigned seed = 0; seed < 400; ++seed) {
    Chance chance(seed);
    const std::string stages = chance.stages(false);
    Bench bench(stages, limits);
    for (int i = 0; i < 40; ++i) {
      const Sample in = sample(chance);
      const Piped out = bench(in.line, in.views());
      ASSERT_TRUE(out.kept) << stages << "\n" << in.line;
      ASSERT_TRUE(within(limits, out)) << stages << "\n" << in.line;
      ASSERT_LE(out.error().size(), 512U);
      for (const auto& [name, value] : out.fields) ASSERT_TRUE(is_label_name(name)) << name;
    }
  }
}

// A record gives the same whether it is the first of its run or comes behind others, whose memory
// it uses again.
TEST(PipelineProperty, RecordsDoNotSeeEachOther) {
  for (unsigned seed = 1000; seed < 1300; ++seed) {
    Chance chance(seed);
    const std::string stages = chance.stages(false);
    if (stages.find("max_values") != std::string::npos) continue;  // remembers values, as it must
    Bench one_run(stages);
    for (int i = 0; i < 20; ++i) {
      const Sample in = sample(chance);
      const Piped together = one_run(in.line, in.views());
      const Piped alone = Bench(stages)(in.line, in.views());
      ASSERT_EQ(together.line, alone.line) << stages;
      ASSERT_EQ(together.fields, alone.fields) << stages << "\n" << in.line;
      ASSERT_EQ(together.labels, alone.labels) << stages;
      ASSERT_EQ(together.timestamp, alone.timestamp) << stages;
    }
  }
}

TEST(PipelineProperty, WhatIsDroppedIsCounted) {
  FakeClock clock;
  Logger logger(clock, LogLevel::kError);
  for (unsigned seed = 2000; seed < 2150; ++seed) {
    Chance chance(seed);
    Bench bench(chance.stages(true));
    MetricRegistry metrics;
    bench.pipelines().report_to(metrics, logger);
    std::uint64_t kept = 0;
    constexpr std::uint64_t kRecords = 30;
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      const Sample in = sample(chance);
      kept += bench(in.line, in.views()).kept ? 1U : 0U;
    }
    std::uint64_t dropped = 0;
    std::istringstream page(metrics.render());
    for (std::string line; std::getline(page, line);) {
      if (line.starts_with("livedata_pipeline_dropped_total"))
        dropped += std::stoull(line.substr(line.rfind(' ') + 1));
    }
    ASSERT_EQ(kept + dropped, kRecords);
  }
}

TEST(PipelineProperty, ThreadsShareAPipeline) {
  FakeClock clock;
  Logger logger(clock, LogLevel::kError);
  MetricRegistry metrics;
  Pipelines pipelines =
      compiled(with_stages("- json\n- labels: {fields: [a], max_values: 50}\n- redact\n- limit: "
                           "{rate: 1, burst: 500, by: pipeline}"));
  pipelines.report_to(metrics, logger);
  const Limits limits;
  const Labels labels({Label{"app", "web"}});
  std::atomic<int> kept = 0;
  std::atomic<int> labelled = 0;
  const auto work = [&](int thread) {
    PipelineRun run(limits, kNow);
    std::vector<Field> fields;
    for (int i = 0; i < 1000; ++i) {
      fields.clear();
      const std::string line =
          fmt::format(R"({{"a":"v{}","mail":"x@example.com"}})", (i * 7 + thread) % 200);
      PipelineRecord& record = run.begin(labels, kNow, line, fields);
      if (pipelines.all().front()->run(record, run).kept) ++kept;
      if (!record.label_changes().empty()) ++labelled;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(kept, 500);
  EXPECT_EQ(labelled, 4 * 1000 / 4);  // 50 of 200 values
}

// Whatever stands in the file, it is compiled or refused with a place.
TEST(PipelineProperty, RandomConfigurationsAreRefusedWithAPlace) {
  const std::string good =
      "pipelines:\n  - name: a\n    match: {source: [file], labels: '{a=\"b\"}'}\n"
      "    multiline: {traces: [java]}\n    stages:\n      - json: {fields: [a]}\n"
      "      - labels: {fields: [a], max_values: 10}\n      - timestamp: {field: a, format: Unix}\n"
      "      - redact: {patterns: [email]}\n      - drop: {line: x, older_than: 1h}\n";
  Chance chance(77);
  for (int i = 0; i < 3000; ++i) {
    std::string yaml = good;
    for (std::size_t n = 1 + chance.below(4); n > 0; --n) {
      const std::size_t at = chance.below(yaml.size());
      switch (chance.below(3)) {
        case 0:
          yaml.erase(at, 1 + chance.below(8));
          break;
        case 1:
          yaml.insert(at, chance.text().substr(0, 5));
          break;
        default:
          yaml[at] = "abc:-{}[]'\"& *!\n"[chance.below(16)];
      }
    }
    const auto compiled = compile(yaml, "f.yaml");
    if (compiled) continue;
    ASSERT_THAT(compiled.error().message, testing::StartsWith("f.yaml:")) << yaml;
  }
}

}  // namespace
}  // namespace livedata::ingest::pipeline
