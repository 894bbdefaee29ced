#pragma once

#include <random>
#include <string>
#include <vector>

namespace livedata::query::logql {

/// Makes valid queries at random, over the labels app and pod, the field trace and lines in logfmt
/// or JSON with the members level, n, took, size and text.
class QueryGenerator {
 public:
  explicit QueryGenerator(std::uint64_t seed) : random_(seed) {}

  std::string log() {
    std::string out = selector();
    for (auto i = random_() % 5; i-- > 0;) out += " " + stage();
    return out;
  }

  std::string metric(int depth = 2) {
    switch (depth == 0 ? 0 : random_() % 8) {
      case 0:
      case 1:
        return range_aggregation();
      case 2:
      case 3:
        return pick({"sum", "avg", "min", "max", "count", "stddev"}) + grouping() + "(" +
               metric(depth - 1) + ")";
      case 4:
        return pick({"topk", "bottomk"}) + "(" + pick({"1", "3"}) + ", " + metric(depth - 1) + ")";
      case 5:
        return "(" + metric(depth - 1) + ") " +
               pick({"+", "-", "*", "/", "%", "^", "> bool", "==", "<="}) + " " +
               pick({"2", "-1.5", "1e3"});
      case 6:
        return "sum by (app) (" + metric(depth - 1) + ") " +
               pick({"and", "or", "unless", "+ on (app)", "/ ignoring (pod) group_left (pod)",
                     ">= bool"}) +
               " sum by (app) (" + metric(depth - 1) + ")";
      default:
        return "label_replace(" + metric(depth - 1) + R"q(, "x", "$1-y", "app", "(.*)"))q";
    }
  }

  std::string selector() {
    return pick({R"({app="web"})", R"({app=~"web|db"})", R"({app=~".+", pod!="1"})",
                 R"({app=~"w.*", pod=~"[12]"})"});
  }

  std::string stage() {
    return pick({R"(|= "info")",
                 R"(!= "warn")",
                 R"(|~ "n=[0-9]")",
                 R"(|~ "info|error")",
                 R"(!~ "x+")",
                 R"(|= "info" or "warn")",
                 R"(|> "<_>n=<_>")",
                 R"q(|= ip("10.0.0.0/8"))q",
                 "| json",
                 "| logfmt",
                 "| logfmt --strict --keep-empty",
                 R"(| json lvl="level", first="list[0].x")",
                 R"(| logfmt lvl="level", n)",
                 R"q(| regexp "n=(?P<num>\\d+)")q",
                 R"(| pattern "<_>level=<lvl> <_>")",
                 "| unpack",
                 R"(| level="info")",
                 R"(| level=~"e.*|w.*")",
                 "| n > 3",
                 "| n <= 5 or level != \"info\"",
                 "| took >= 20ms",
                 "| size < 5KB and n != 2",
                 R"(| trace="t3")",
                 R"(| (n = 1 or n = 2), level = "info")",
                 R"(| line_format "{{.level}} {{.n}}")",
                 R"(| label_format lvl=level, two="{{.n}}-{{.app}}")",
                 "| decolorize",
                 "| drop level",
                 R"(| drop n="3", text)",
                 R"(| keep app, level=~"i.*", n)",
                 R"(| __error__="")",
                 R"q(| addr = ip("10.0.0.1-10.0.0.9"))q"});
  }

  std::string range_aggregation() {
    const std::string range = pick({"[10s]", "[1m]", "[1m30s] offset 10s", "[5m]"});
    switch (random_() % 4) {
      case 0:
      case 1:
        return pick({"count_over_time", "rate", "bytes_over_time", "bytes_rate"}) + "(" + log() +
               " " + range + ")";
      case 2:
        return "quantile_over_time(0.9, " + log() + " | unwrap n | __error__=\"\" " + range + ")" +
               grouping();
      default:
        return pick({"avg_over_time", "max_over_time", "min_over_time", "stdvar_over_time",
                     "first_over_time"}) +
               "(" + log() + " | logfmt | unwrap " + pick({"n", "duration(took)", "bytes(size)"}) +
               R"( | __error__="" )" + range + ")" + grouping();
    }
  }

  std::string grouping() {
    return pick({"", " by (app)", " by (level, app)", " without (pod)", " by ()"});
  }

  std::string line() {
    const std::string level = pick({"info", "warn", "error"});
    const std::string n = std::to_string(random_() % 9);
    switch (random_() % 5) {
      case 0:
        return R"({"level":")" + level + R"(","n":)" + n + R"(,"took":")" + n +
               R"(0ms","list":[{"x":1}],"_entry":"packed"})";
      case 1:
        return pick({"no pairs at all", "", "{\"level\":\"info\",", "n=x level=info took=? size=?",
                     "from 10.0.0." + n + ":80 n=1"});
      default:
        return "level=" + level + " n=" + n + " took=" + n + "0ms size=" + n + "KB text=\"a b\"";
    }
  }

  std::string pick(const std::vector<std::string>& choices) {
    return choices[random_() % choices.size()];
  }
  std::uint64_t number(std::uint64_t below) { return random_() % below; }

 private:
  std::mt19937_64 random_;
};

}  // namespace livedata::query::logql
