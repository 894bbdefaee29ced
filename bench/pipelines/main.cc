// What stages of pipelines cost: nanoseconds per line, one stage at a time, on one core.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "ingest/pipeline/compile.h"

namespace {

using namespace livedata;                    // NOLINT(google-build-using-namespace)
using namespace livedata::ingest::pipeline;  // NOLINT(google-build-using-namespace)

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;
constexpr int kLines = 200'000;
constexpr int kRounds = 5;

const std::string kJsonLine =
    R"({"ts":"2023-11-14T22:13:19.123Z","level":"info","logger":"com.example.shop.Payment","msg":"payment accepted","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","http":{"method":"POST","path":"/api/v1/pay","status":200,"duration_ms":17.25},"user":{"id":88123,"premium":true}})";
const std::string kAccessLine =
    R"(203.0.113.9 - - [14/Nov/2023:22:13:19 +0000] "GET /api/v1/items?page=2 HTTP/1.1" 200 5316 "https://shop.example.com/" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/119.0 Safari/537.36")";
const std::string kLogfmtLine =
    R"(ts=2023-11-14T22:13:19.123Z level=info caller=server.go:341 msg="request done" method=POST path=/api/v1/pay status=200 duration=17.25ms trace_id=4bf92f3577b34da6a3ce929d0e0e4736)";

struct Case {
  const char* name;
  const char* stages;  ///< a YAML list
  const std::string& line;
};

/// The fastest of some rounds.
double ns_per_line(const Case& one) {
  const auto pipelines =
      compile(fmt::format("pipelines:\n  - name: bench\n    stages: {}\n", one.stages), "bench");
  if (!pipelines) {
    fmt::print(stderr, "{}\n", pipelines.error().message);
    return 0;
  }
  const Pipeline& pipeline = *pipelines->all().front();
  const Limits limits;
  const Labels labels({Label{"app", "web"}, Label{"service_name", "web"}});
  PipelineRun run(limits, kNow);
  std::vector<Field> fields;
  double best = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kLines; ++i) {
      fields.clear();
      PipelineRecord& record = run.begin(labels, kNow, one.line, fields);
      static_cast<void>(pipeline.run(record, run));
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / kLines);
  }
  return best;
}

}  // namespace

int main() {
  const std::vector<Case> cases = {
      {"no stage", "[]", kJsonLine},
      {"json, all members", "[json]", kJsonLine},
      {"json, 2 members", "[{json: [level, http.status]}]", kJsonLine},
      {"json, timestamp, labels", "[json, {timestamp: ts}, {labels: [level]}]", kJsonLine},
      {"logfmt", "[logfmt]", kLogfmtLine},
      {"nginx", "[nginx]", kAccessLine},
      {"regex, 9 groups",
       R"y([{regex: '^(?P<ip>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+) (?P<protocol>[^"]+)" (?P<status>\d{3}) (?P<bytes>\d+) "(?P<referer>[^"]*)"'}])y",
       kAccessLine},
      {"regex, 1 group", R"([{regex: '" (?P<status>\d{3}) '}])", kAccessLine},
      {"regex, no match", R"([{regex: 'panic: (?P<what>.*)'}])", kAccessLine},
      {"grok COMBINEDAPACHELOG", "[{grok: '%{COMBINEDAPACHELOG}'}]", kAccessLine},
      {"auto, json", "[auto]", kJsonLine},
      {"auto, access", "[auto]", kAccessLine},
      {"redact default, nothing found", "[redact]", kAccessLine},
      {"redact default, json line", "[redact]", kJsonLine},
      {"json, redact line and fields", "[json, redact]", kJsonLine},
      {"redact all", "[{redact: {patterns: all}}]", kAccessLine},
      {"drop by contains", "[{drop: {contains: healthz}}]", kAccessLine},
      {"drop by regex", "[{drop: 'health(z|check)'}]", kAccessLine},
      {"sample", "[{sample: 0.5}]", kAccessLine},
      {"limit", "[{limit: 1000000000}]", kAccessLine},
  };
  fmt::print("{:34} {:>6} {:>9} {:>8}\n", "stages", "bytes", "ns/line", "MB/s");
  for (const Case& one : cases) {
    const double ns = ns_per_line(one);
    fmt::print("{:34} {:>6} {:>9.0f} {:>8.0f}\n", one.name, one.line.size(), ns,
               static_cast<double>(one.line.size()) * 1e3 / ns);
  }
}
