// Stages that change, drop or count records that are parsed already.
#include <gmock/gmock.h>

#include "base/testing/fake_clock.h"
#include "ingest/pipeline/tests/piped.h"

namespace livedata::ingest::pipeline {
namespace {

using testing::HasSubstr;
using Fields = std::map<std::string, std::string>;

std::string error_of(const std::string& stages) {
  const auto pipelines = compile(with_stages(stages), "livedata.yaml");
  return pipelines ? "no error" : pipelines.error().message;
}

TEST(LabelsStage, FieldsBecomeLabels) {
  Bench bench("- json\n- labels: [level, status]");
  const Piped out = bench(R"({"level":"info","status":200,"user":"u"})");
  EXPECT_EQ(out.labels, R"({app="web", level="info", status="200"})");
  EXPECT_EQ(out.fields, (Fields{{"user", "u"}}));
  EXPECT_EQ(bench(R"({"status":"","user":"u"})").labels, R"({app="web"})");
  Bench renamed("- labels: {fields: {severity: level}, keep: true}");
  const Piped kept = renamed("x", {{"level", std::string_view("warn")}});
  EXPECT_EQ(kept.labels, R"({app="web", severity="warn"})");
  EXPECT_EQ(kept.fields, (Fields{{"level", "warn"}}));
  Bench replaced("- labels: [app]");
  EXPECT_EQ(replaced("x", {{"app", std::string_view("shop")}}).labels, R"({app="shop"})");
}

TEST(LabelsStage, TooManyValuesStayFields) {
  Bench bench("- labels: {fields: {path: uri}, max_values: 3}");
  FakeClock clock;
  Logger logger(clock, LogLevel::kError);
  MetricRegistry metrics;
  bench.pipelines().report_to(metrics, logger);
  const auto labels = [&](std::string_view value) { return bench("x", {{"uri", value}}).labels; };
  EXPECT_EQ(labels("/1"), R"({app="web", path="/1"})");
  EXPECT_EQ(labels("/2"), R"({app="web", path="/2"})");
  EXPECT_EQ(labels("/3"), R"({app="web", path="/3"})");
  EXPECT_EQ(labels("/4"), R"({app="web"})");
  EXPECT_EQ(labels("/2"), R"({app="web", path="/2"})");
  const Piped refused = bench("x", {{"uri", std::string_view("/5")}});
  EXPECT_EQ(refused.fields, (Fields{{"path", "/5"}}));
  EXPECT_THAT(
      metrics.render(),
      HasSubstr(R"(livedata_pipeline_label_values_refused_total{pipeline="test",label="path"} 2)"));
  // The next day begins anew.
  bench.run().set_now(kNow + 25 * 3600 * kNsPerSecond);
  EXPECT_EQ(labels("/6"), R"({app="web", path="/6"})");
}

TEST(LabelsStage, WhatNoStreamMayHaveStaysAField) {
  Limits limits;
  limits.max_label_names = 2;
  limits.max_label_value_bytes = 10;
  Bench bench("- labels: [a, b]", limits);
  const Piped out = bench("x", {{"a", std::string_view("1")}, {"b", std::string_view("2")}});
  EXPECT_EQ(out.labels, R"({a="1", app="web"})");
  EXPECT_EQ(out.field("b"), "2");
  EXPECT_THAT(out.error(), HasSubstr("labels: a label is longer"));
  EXPECT_EQ(bench("x", {{"a", std::string_view("longer than ten")}}).labels, R"({app="web"})");
}

TEST(StaticLabelsStage, SetsThem) {
  Bench bench("- static_labels: {env: prod, app: shop}");
  EXPECT_EQ(bench("x").labels, R"({app="shop", env="prod"})");
  EXPECT_THAT(error_of("- static_labels"), HasSubstr("labels are missing"));
  EXPECT_THAT(error_of("- static_labels: {a-b: c}"), HasSubstr("'a-b' is no name for a label"));
}

TEST(LevelStage, ReadsWordsNumbersAndOwnOnes) {
  Bench bench("- json\n- level: {field: severity, mapping: {W: warn, '99': critical}}");
  const auto level = [&](const std::string& json) { return bench(json).field("detected_level"); };
  EXPECT_EQ(level(R"({"severity":"WARNING"})"), "warn");
  EXPECT_EQ(level(R"({"severity":"W"})"), "warn");
  EXPECT_EQ(level(R"({"severity":99})"), "critical");
  EXPECT_EQ(level(R"({"severity":3})"), "error");
  EXPECT_EQ(level(R"({"severity":30})"), "info");
  EXPECT_EQ(level(R"({"other":1})"), "(none)");
  EXPECT_EQ(bench(R"({"severity":"odd"})").error(), "level: the level is not known");
  EXPECT_THAT(error_of("- level: {field: a, mapping: {x: wran}}"),
              HasSubstr("'wran' is no level; did you mean 'warn'?"));
}

TEST(LineStage, BecomesAFieldOrATemplate) {
  Bench field("- json\n- line: msg");
  const Piped out = field(R"({"msg":"hello","n":1})");
  EXPECT_EQ(out.line, "hello");
  EXPECT_EQ(out.fields, (Fields{{"n", "int 1"}}));
  EXPECT_EQ(field(R"({"n":1})").error(), "line: there is no field to read from");
  Bench text("- json\n- line: {template: '{{{app}}} {msg} n={n}{none} <{line}>'}");
  EXPECT_EQ(text(R"({"msg":"a","n":5})").line, R"({web} a n=5 <{"msg":"a","n":5}>)");
  const Piped none = Bench("- line: {template: '{a} - {b}'}")("as it was");
  EXPECT_EQ(none.line, "as it was");
  EXPECT_EQ(none.error(), "line: none of the fields is there");
  EXPECT_THAT(error_of("- line: {template: '{a b}'}"), HasSubstr("is no place for a field"));
  EXPECT_THAT(error_of("- line: {template: '{a'}"), HasSubstr("is no place for a field"));
  EXPECT_THAT(error_of("- line"), HasSubstr("either 'field: message' or"));
}

TEST(LineStage, GrowsNoFurtherThanTheLimit) {
  Limits limits;
  limits.max_line_bytes = 20;
  Bench bench("- line: {template: '{line}{line}'}", limits);
  EXPECT_EQ(bench("0123456789").line, "01234567890123456789");
  const Piped out = bench("0123456789a");
  EXPECT_EQ(out.line, "0123456789a");
  EXPECT_EQ(out.error(), "line: the line would be longer than the limit");
}

TEST(DropStage, AllConditionsMustHold) {
  Bench bench(R"(- json
- drop: {match: '{status="200", path=~"/health.*"}', reason: health}
- drop: 'DEBUG'
- drop: {contains: noise, match: '{app="web"}'}
- drop: {older_than: 1h, reason: old}
- drop: {longer_than: 100, reason: long})");
  const auto reason = [&](const std::string& line, TimestampNs time = kNow) {
    const Piped out = bench(line, {}, Labels({Label{"app", "web"}}), time);
    return out.kept ? "kept" : out.reason;
  };
  EXPECT_EQ(reason(R"({"status":200,"path":"/healthz"})"), "health");
  EXPECT_EQ(reason(R"({"status":500,"path":"/healthz"})"), "kept");
  EXPECT_EQ(reason("a DEBUG line"), "drop");
  EXPECT_EQ(reason("noise"), "drop");
  EXPECT_TRUE(bench("noise", {}, Labels({Label{"app", "shop"}})).kept);
  EXPECT_EQ(reason("x", kNow - 3601 * kNsPerSecond), "old");
  EXPECT_EQ(reason("x", kNow - 3599 * kNsPerSecond), "kept");
  EXPECT_EQ(reason(std::string(101, 'x')), "long");
  EXPECT_EQ(reason(std::string(100, 'x')), "kept");
  EXPECT_THAT(error_of("- drop"), HasSubstr("a condition is missing"));
  EXPECT_THAT(error_of("- drop: {older_than: soon}"), HasSubstr("must be a time such as"));
  EXPECT_THAT(error_of("- drop: {line: a, reason: two words}"),
              HasSubstr("'two words' is no name"));
}

TEST(SampleStage, KeepsItsShareAndTheSameLines) {
  Bench bench("- sample: 0.25");
  int kept = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string line = fmt::format("line {}", i);
    const bool first = bench(line).kept;
    EXPECT_EQ(bench(line).kept, first);
    kept += first ? 1 : 0;
  }
  EXPECT_NEAR(kept, 2500, 200);
  EXPECT_TRUE(Bench("- sample: 1")("x").kept);
  EXPECT_EQ(Bench("- sample: 0")("x").reason, "sample");
  Bench by_trace("- sample: {rate: 0.5, by: trace, match: '{level=\"debug\"}'}");
  EXPECT_EQ(by_trace("a", {{"trace", std::int64_t{7}}, {"level", std::string_view("debug")}}).kept,
            by_trace("b", {{"trace", std::int64_t{7}}, {"level", std::string_view("debug")}}).kept);
  EXPECT_TRUE(Bench("- sample: {rate: 0, match: '{level=\"debug\"}'}")("x").kept);
  EXPECT_THAT(error_of("- sample: 2"), HasSubstr("'rate' must be a number from 0 to 1, not '2'"));
}

TEST(LimitStage, DropsWhatIsFasterThanTheRate) {
  Bench bench("- limit: {rate: 10, burst: 5}");
  const auto kept = [&](const char* app, int records) {
    int count = 0;
    for (int i = 0; i < records; ++i)
      count += bench("x", {}, Labels({Label{"app", app}})).kept ? 1 : 0;
    return count;
  };
  EXPECT_EQ(kept("a", 20), 5);
  EXPECT_EQ(kept("b", 3), 3);
  bench.run().set_now(kNow + kNsPerSecond / 5);
  EXPECT_EQ(kept("a", 20), 2);
  bench.run().set_now(kNow);  // a clock that goes back
  EXPECT_EQ(kept("a", 20), 0);
  Bench together("- limit: {rate: 1, burst: 4, by: pipeline}");
  int count = 0;
  for (const char* app : {"a", "b", "c", "d", "e", "f"})
    count += together("x", {}, Labels({Label{"app", app}})).kept ? 1 : 0;
  EXPECT_EQ(count, 4);
}

TEST(LimitStage, ManyStreamsTakeBoundedMemoryAndAreStillLimited) {
  Bench bench("- limit: {rate: 1, burst: 2}");
  int kept = 0;
  for (int i = 0; i < 30'000; ++i) {
    const Labels labels({Label{"app", std::to_string(i)}});
    kept += bench("x", {}, labels).kept ? 1 : 0;
  }
  EXPECT_EQ(kept, 10'000 + 2);
}

TEST(FieldStages, KeepRemoveRenameLowercase) {
  const std::vector<Field> fields = {{"http_status", std::int64_t{200}},
                                     {"http_path", std::string_view("/X")},
                                     {"msg", std::string_view("Hi")},
                                     {"debug", true}};
  EXPECT_EQ(Bench("- keep: [http_*, msg]")("x", fields).fields,
            (Fields{{"http_status", "int 200"}, {"http_path", "/X"}, {"msg", "Hi"}}));
  EXPECT_EQ(Bench("- remove: [http_*, debug]")("x", fields).fields, (Fields{{"msg", "Hi"}}));
  EXPECT_EQ(Bench("- remove: {labels: [app]}")("x", fields).labels, "{}");
  EXPECT_EQ(Bench("- rename: {msg: message, none: x, debug: http_path}")("x", fields).fields,
            (Fields{{"http_status", "int 200"}, {"http_path", "bool true"}, {"message", "Hi"}}));
  const Piped lower = Bench("- lowercase: {fields: [http_path, http_status], labels: [app]}")(
      "x", fields, Labels({Label{"app", "Web"}}));
  EXPECT_EQ(lower.field("http_path"), "/x");
  EXPECT_EQ(lower.field("http_status"), "int 200");
  EXPECT_EQ(lower.labels, R"({app="web"})");
  EXPECT_THAT(error_of("- keep: ['a b']"), HasSubstr("'a b' is no name"));
  EXPECT_THAT(error_of("- rename: {a: 'b c'}"), HasSubstr("'b c' is no name for a field"));
  EXPECT_THAT(error_of("- lowercase: {}"), HasSubstr("is missing"));
}

TEST(TruncateStage, CutsAtCharacters) {
  Bench bench("- truncate: 5");
  EXPECT_EQ(bench("12345").line, "12345");
  EXPECT_EQ(bench("123456").line, "12345");
  EXPECT_EQ(bench("1234\u00e4").line, "1234");
  EXPECT_EQ(bench("123\u20ac").line, "123");
  EXPECT_EQ(bench("\x80\x80\x80\x80\x80\x80\x80").line, "\x80\x80\x80\x80\x80");
  EXPECT_EQ(Bench("- truncate: {bytes: 5, suffix: '...'}")("123456").line, "12...");
  EXPECT_EQ(Bench("- truncate: {bytes: 2, fields: [a]}")("123", {{"a", std::string_view("abc")}})
                .field("a"),
            "ab");
  EXPECT_THAT(error_of("- truncate: {bytes: 3, suffix: '...'}"), HasSubstr("as long as all"));
  EXPECT_THAT(error_of("- truncate: 0"), HasSubstr("'bytes' must be a size"));
}

TEST(Pipeline, FailuresAddUpAndAreCounted) {
  Bench bench("- json\n- regex: 'x(?P<a>y)'\n- logfmt: {optional: true}\n- timestamp: time");
  FakeClock clock;
  Logger logger(clock, LogLevel::kError);
  MetricRegistry metrics;
  bench.pipelines().report_to(metrics, logger);
  const Piped out = bench("text");
  EXPECT_TRUE(out.kept);
  EXPECT_EQ(
      out.error(),
      "json: it is not a JSON object; regex: no pattern matches; timestamp: there is no field "
      "with the time");
  const std::string page = metrics.render();
  EXPECT_THAT(page, HasSubstr(R"(livedata_pipeline_records_total{pipeline="test"} 1)"));
  EXPECT_THAT(page,
              HasSubstr(R"(livedata_pipeline_failures_total{pipeline="test",stage="json"} 1)"));
  EXPECT_THAT(page, HasSubstr(R"({pipeline="test",stage="logfmt"} 0)"));
}

TEST(Pipeline, DropsAreCountedByReason) {
  Bench bench("- drop: {line: x, reason: noise}\n- sample: 0");
  FakeClock clock;
  Logger logger(clock, LogLevel::kError);
  MetricRegistry metrics;
  bench.pipelines().report_to(metrics, logger);
  bench("x");
  bench("y");
  bench("z");
  const std::string page = metrics.render();
  EXPECT_THAT(
      page,
      HasSubstr(
          R"(livedata_pipeline_dropped_total{pipeline="test",stage="drop",reason="noise"} 1)"));
  EXPECT_THAT(
      page,
      HasSubstr(
          R"(livedata_pipeline_dropped_total{pipeline="test",stage="sample",reason="sample"} 2)"));
}

TEST(Pipeline, AnErrorNeverHoldsTheRecord) {
  Bench bench(
      "- json: {from: secret}\n- timestamp: secret\n- regex: {from: secret, patterns: '(?P<a>z)'}");
  const Piped out = bench("line", {{"secret", std::string_view("hunter2")}});
  EXPECT_THAT(out.error(), testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(out.error(), HasSubstr("timestamp: the time can't be read"));
  EXPECT_EQ(out.field("secret"), "hunter2");
}

}  // namespace
}  // namespace livedata::ingest::pipeline
