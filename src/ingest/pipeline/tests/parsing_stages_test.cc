// Stages that make fields of texts: json, logfmt, regex, grok, nginx, apache, cri, docker, auto.
#include <gmock/gmock.h>

#include "ingest/pipeline/grok.h"
#include "ingest/pipeline/tests/piped.h"

namespace livedata::ingest::pipeline {
namespace {

using testing::HasSubstr;
using Fields = std::map<std::string, std::string>;

std::string error_of(const std::string& stages) {
  const auto pipelines = compile(with_stages(stages), "livedata.yaml");
  return pipelines ? "no error" : pipelines.error().message;
}

TEST(JsonStage, AllMembersWithTheirTypes) {
  Bench bench("- json");
  const Piped out = bench(
      R"({"level":"info","status":200,"ratio":0.5,"ok":true,"none":null,"http":{"method":"GET","a-b":{"c":1}},"list":[1,{"x":2}],"1st":"x","big":18446744073709551615,"u":"\u00e4\n"})");
  EXPECT_EQ(out.fields, (Fields{{"level", "info"},
                                {"status", "int 200"},
                                {"ratio", "float 0.5"},
                                {"ok", "bool true"},
                                {"http_method", "GET"},
                                {"http_a_b_c", "int 1"},
                                {"list", R"([1,{"x":2}])"},
                                {"_1st", "x"},
                                {"big", "float 1.8446744073709552e+19"},
                                {"u", "\u00e4\n"}}));
  EXPECT_EQ(out.line.front(), '{');
}

TEST(JsonStage, ChosenMembersOnly) {
  Bench bench("- json: [status, user.id]");
  EXPECT_EQ(bench(R"({"status":1,"user":{"id":"u7","name":"x"},"other":2})").fields,
            (Fields{{"status", "int 1"}, {"user_id", "u7"}}));
  EXPECT_EQ(bench(R"({"user":5})").fields, Fields{});
  Bench named("- json: {fields: {code: http.status, body: http}, prefix: x_}");
  EXPECT_EQ(named(R"({"http":{"status":404}})").fields,
            (Fields{{"x_code", "int 404"}, {"x_body", R"({"status":404})"}}));
}

TEST(JsonStage, FromAFieldAndWithADepth) {
  Bench bench("- json: {from: payload, max_depth: 1}");
  EXPECT_EQ(bench("line", {{"payload", R"({"a":{"b":1}})"}}).field("a"), R"({"b":1})");
  EXPECT_EQ(bench("line").error(), "json: there is no field to read from");
}

TEST(JsonStage, WhatIsNoObjectStaysAsItWas) {
  Bench bench("- json");
  for (const char* line : {"", " ", "plain text", "[1]", "{", "{\"a\":1", "{\"a\":}", "{\"a\":1} x",
                           "{a:1}", "\"x\"", "{\"a\":\"\xff\xfe", "{\"a\":1,}"}) {
    const Piped out = bench(line);
    EXPECT_EQ(out.line, line);
    EXPECT_EQ(out.fields, (Fields{{"pipeline_error", "json: it is not a JSON object"}})) << line;
    EXPECT_TRUE(out.kept);
  }
  EXPECT_EQ(bench("{\"a\":\"\xff\"}").field("a"), "\xff");
}

TEST(JsonStage, HostileDocumentsAreBounded) {
  Bench bench("- json");
  EXPECT_EQ(bench(std::string(100'000, '{')).error(), "json: it is not a JSON object");
  const std::string deep = R"({"a":)";
  std::string nested;
  for (int i = 0; i < 5000; ++i) nested += deep;
  nested += "1";
  for (int i = 0; i < 5000; ++i) nested += "}";
  EXPECT_EQ(bench(nested).fields.size(), 1U);
  std::string many = "{";
  for (int i = 0; i < 5000; ++i) many += fmt::format("{}\"f{}\":{}", i > 0 ? "," : "", i, i);
  const Piped out = bench(many + "}");
  EXPECT_EQ(out.error(), "json: more fields than a record may have");
  EXPECT_LE(out.fields.size(), Limits().max_fields - 1);
  EXPECT_EQ(out.field("f0"), "int 0");
  EXPECT_EQ(bench("{\"a\":\"" + std::string(200'000, 'x') + "\"}").error(),
            "json: more fields than a record may have");
  EXPECT_EQ(bench("{\"" + std::string(100'000, 'n') + "\":1}").fields.begin()->first.size(), 256U);
}

TEST(LogfmtStage, Pairs) {
  Bench bench("- logfmt");
  const Piped out = bench(
      R"(ts=2026-01-02T03:04:05Z level=info msg="hello \"you\"\n" dur=1.5ms bare empty= path=/a=b key.dot=1 q="open)");
  EXPECT_EQ(out.fields, (Fields{{"ts", "2026-01-02T03:04:05Z"},
                                {"level", "info"},
                                {"msg", "hello \"you\"\n"},
                                {"dur", "1.5ms"},
                                {"path", "/a=b"},
                                {"key_dot", "1"}}));
  EXPECT_EQ(bench("no pair here").error(), "logfmt: it holds no key=value pair");
  for (const char* line : {"=", "==", "a==", "\"", "a=\"", "=a", "a=\"\\", "  ", "a=\"\" b"})
    EXPECT_TRUE(bench(line).kept) << line;
}

TEST(LogfmtStage, ChosenAndTyped) {
  Bench bench("- logfmt: {fields: {code: status, ok: ok}, types: {code: int, ok: bool}}");
  EXPECT_EQ(bench("status=200 ok=true x=y").fields,
            (Fields{{"code", "int 200"}, {"ok", "bool true"}}));
  EXPECT_EQ(bench("status=many").fields, (Fields{{"code", "many"}}));
}

TEST(RegexStage, TheFirstPatternThatMatchesWins) {
  Bench bench(R"y(- regex:
    patterns:
      - '^(?P<ip>\S+) "(?<method>[A-Z]+) (?P<path>\S+)" (?P<status>\d{3})'
      - '^(?P<method>[A-Z]+) (?P<rest>.*)$'
    types: {status: int})y");
  EXPECT_EQ(bench("1.2.3.4 \"GET /x\" 200 more").fields,
            (Fields{{"ip", "1.2.3.4"}, {"method", "GET"}, {"path", "/x"}, {"status", "int 200"}}));
  EXPECT_EQ(bench("POST something").fields, (Fields{{"method", "POST"}, {"rest", "something"}}));
  const Piped none = bench("lower case");
  EXPECT_EQ(none.fields, (Fields{{"pipeline_error", "regex: no pattern matches"}}));
  EXPECT_EQ(none.line, "lower case");
}

TEST(RegexStage, GroupsThatTakeNoPartAreNoFields) {
  Bench bench("- regex: '(?P<a>x)|(?P<b>y)'");
  EXPECT_EQ(bench("y").fields, (Fields{{"b", "y"}}));
}

TEST(RegexStage, TakesLinearTime) {
  Bench bench("- regex: '^(?P<a>(a+)+)$'");
  EXPECT_EQ(bench(std::string(100'000, 'a') + "b").error(), "regex: no pattern matches");
}

TEST(GrokStage, NamedPatterns) {
  Bench bench(
      R"(- grok: '%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes:int} %{NUMBER:duration:float}')");
  EXPECT_EQ(bench("55.3.244.1 GET /index.html?a=1 15824 0.043").fields,
            (Fields{{"client", "55.3.244.1"},
                    {"method", "GET"},
                    {"request", "/index.html?a=1"},
                    {"bytes", "int 15824"},
                    {"duration", "float 0.043"}}));
}

TEST(GrokStage, ApacheLines) {
  Bench bench("- grok: '%{COMBINEDAPACHELOG}'");
  const Piped out = bench(
      R"y(127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://x.example/start.html" "Mozilla/4.08 [en] (Win98)")y");
  EXPECT_EQ(out.fields, (Fields{{"clientip", "127.0.0.1"},
                                {"ident", "-"},
                                {"auth", "frank"},
                                {"timestamp", "10/Oct/2000:13:55:36 -0700"},
                                {"verb", "GET"},
                                {"request", "/apache_pb.gif"},
                                {"httpversion", "1.0"},
                                {"response", "int 200"},
                                {"bytes", "int 2326"},
                                {"referrer", "http://x.example/start.html"},
                                {"agent", "Mozilla/4.08 [en] (Win98)"}}));
}

TEST(GrokStage, OwnDefinitionsAndPlainGroups) {
  Bench bench(R"(- grok:
    definitions: {QUEUE: '[0-9A-F]{10,11}', ID: '%{QUEUE:queue}'}
    patterns: '%{ID}: (?<rest>%{GREEDYDATA})')");
  EXPECT_EQ(bench("BEF25A72965: removed").fields,
            (Fields{{"queue", "BEF25A72965"}, {"rest", "removed"}}));
}

TEST(GrokStage, MistakesAreNamed) {
  EXPECT_THAT(error_of("- grok: '%{IPP:x}'"),
              HasSubstr("there is no pattern 'IPP'; did you mean 'IP'?"));
  EXPECT_THAT(error_of("- grok: '%{IP:x:integer}'"),
              HasSubstr("'x' can't be 'integer'; expected one of: string, int"));
  EXPECT_THAT(error_of("- grok: '%{IP:x'"), HasSubstr("has no closing brace"));
  EXPECT_THAT(error_of("- grok: '%{IP}'"), HasSubstr("must name 1 to 64 fields"));
  EXPECT_THAT(error_of("- grok: {patterns: '%{A:x}', definitions: {A: '%{B}', B: '%{A}'}}"),
              HasSubstr("a pattern holds itself"));
}

TEST(GrokStage, BuiltInPatternsMatchWhatTheyAreFor) {
  const std::map<std::string, std::vector<std::string>> examples = {
      {"IP",
       {"1.2.3.4", "::1", "2001:db8::8a2e:370:7334", "fe80::1%eth0", "::ffff:10.0.0.1",
        "1:2:3:4:5:6:7:8"}},
      {"IPORHOST", {"web-1.example.com", "10.0.0.1", "localhost"}},
      {"HOSTPORT", {"example.com:8080"}},
      {"NUMBER", {"1", "-2.5", "+3", ".5"}},
      {"BASE16NUM", {"0xdeadBEEF", "ff"}},
      {"QUOTEDSTRING", {R"("a \"b\" c")", "'x'"}},
      {"UUID", {"123e4567-e89b-12d3-a456-426614174000"}},
      {"MAC", {"00:1b:63:84:45:e6", "001b.6384.45e6"}},
      {"EMAILADDRESS", {"a.b+c@example.co.uk"}},
      {"TIMESTAMP_ISO8601",
       {"2026-01-02T03:04:05.678Z", "2026-01-02 03:04:05,678", "2026-01-02T03:04:05+02:00"}},
      {"HTTPDATE", {"10/Oct/2000:13:55:36 -0700"}},
      {"SYSLOGTIMESTAMP", {"Jan  2 03:04:05", "Oct 10 13:55:36"}},
      {"DATESTAMP_RFC2822", {"Mon, 02 Jan 2006 15:04:05 -0700"}},
      {"LOGLEVEL", {"INFO", "warning", "Err", "fatal"}},
      {"PATH", {"/var/log/x.log", "C:\\Windows\\System32"}},
      {"URI", {"https://user@example.com:8443/a/b?c=d&e=%20", "redis://10.0.0.1"}},
      {"URIPATHPARAM", {"/a/b?c=d"}},
  };
  for (const auto& [name, texts] : examples) {
    Bench bench("- grok: '^%{" + name + ":x}$'");
    for (const std::string& text : texts) EXPECT_EQ(bench(text).field("x"), text) << name;
  }
  for (const std::string_view name : grok_names())
    EXPECT_EQ(error_of(fmt::format("- grok: '%{{{}:x}}'", name)), "no error") << name;
}

TEST(WebLogStage, CombinedAndCommon) {
  for (const char* stage : {"- nginx", "- apache", "- nginx: combined"}) {
    Bench bench(stage);
    const Piped out = bench(
        R"(203.0.113.9 - bob [14/Nov/2023:22:13:19 +0000] "POST /pay?id=1 HTTP/1.1" 502 166 "https://shop.example/" "curl/8 \"x\"" "extra")");
    EXPECT_EQ(out.fields, (Fields{{"remote_addr", "203.0.113.9"},
                                  {"remote_user", "bob"},
                                  {"method", "POST"},
                                  {"path", "/pay?id=1"},
                                  {"protocol", "HTTP/1.1"},
                                  {"status", "int 502"},
                                  {"body_bytes_sent", "int 166"},
                                  {"http_referer", "https://shop.example/"},
                                  {"http_user_agent", "curl/8 \\\"x\\\""}}));
    EXPECT_EQ(out.timestamp, kNow - kNsPerSecond);
    EXPECT_EQ(
        bench(R"(::1 - - [14/Nov/2023:22:13:19 +0000] "-" 400 0)").fields,
        (Fields{{"remote_addr", "::1"}, {"status", "int 400"}, {"body_bytes_sent", "int 0"}}));
    EXPECT_EQ(
        bench(R"(h:80 ::1 - - [14/Nov/2023:22:13:19 +0000] "\x16\x03" 400 -)").field("request"),
        R"(\x16\x03)");
  }
}

TEST(WebLogStage, TimesThatCantBeUsedAreKept) {
  Bench bench("- nginx");
  const Piped unreadable = bench(R"(::1 - - [yesterday] "GET / HTTP/1.1" 200 1)");
  EXPECT_EQ(unreadable.field("time"), "yesterday");
  EXPECT_EQ(unreadable.error(), "nginx: the time can't be read");
  EXPECT_EQ(unreadable.timestamp, kNow);
  EXPECT_EQ(unreadable.field("status"), "int 200");
  EXPECT_EQ(bench(R"(::1 - - [14/Nov/2033:22:13:19 +0000] "GET / HTTP/1.1" 200 1)").error(),
            "nginx: the time is too far in the future");
}

TEST(WebLogStage, OtherLinesStayAsTheyWere) {
  Bench bench("- nginx");
  for (const char* line : {"", " ", "text", "a b c [", "a b c [x] \"", "a b c [x] \"y\" zzz 1",
                           "a b c d e f", "a b c [x] \"y\\"}) {
    const Piped out = bench(line);
    EXPECT_EQ(out.fields, (Fields{{"pipeline_error", "nginx: it is no line of an access log"}}))
        << line;
    EXPECT_EQ(out.line, line);
  }
}

TEST(WebLogStage, ErrorLogs) {
  Bench nginx("- nginx: {format: error, zone: '+01:00'}");
  const Piped out = nginx(
      R"(2023/11/14 22:13:20 [error] 12#34: *567 open() "/x/y" failed (2: No such file or directory), client: 10.0.0.1, server: example.com, request: "GET /a, b HTTP/1.1", host: "example.com")");
  EXPECT_EQ(out.timestamp, kNow - 3600 * kNsPerSecond);
  EXPECT_EQ(out.fields,
            (Fields{{"level", "error"},
                    {"pid", "int 12"},
                    {"tid", "int 34"},
                    {"connection", "int 567"},
                    {"message", "open() \"/x/y\" failed (2: No such file or directory)"},
                    {"client", "10.0.0.1"},
                    {"server", "example.com"},
                    {"request", "GET /a, b HTTP/1.1"},
                    {"host", "example.com"}}));
  EXPECT_EQ(nginx("2023/11/14 21:13:20 [notice] 1#1: start worker processes").field("message"),
            "start worker processes");
  Bench apache("- apache: error");
  const Piped second = apache(
      "[Tue Nov 14 22:13:20.000001 2023] [core:error] [pid 35708:tid 4328636416] [client "
      "72.15.99.187:5000] File does not exist: /favicon.ico");
  EXPECT_EQ(second.timestamp, kNow + 1000);
  EXPECT_EQ(second.fields, (Fields{{"level", "error"},
                                   {"module", "core"},
                                   {"pid", "int 35708"},
                                   {"tid", "int 4328636416"},
                                   {"client", "72.15.99.187:5000"},
                                   {"message", "File does not exist: /favicon.ico"}}));
  EXPECT_EQ(apache("[Tue Nov 14 22:13:20 2023] [warn] old").field("level"), "warn");
  for (const char* line :
       {"", "x", "[", "[a", "[a] [", "[a] [b] [", "2023/11/14 22:13:20 [error]"}) {
    EXPECT_TRUE(nginx(line).kept);
    EXPECT_TRUE(apache(line).kept);
  }
}

TEST(ContainerStages, Cri) {
  Bench bench("- cri");
  const Piped out = bench("2023-11-14T22:13:19.5Z stderr F the text  of it");
  EXPECT_EQ(out.line, "the text  of it");
  EXPECT_EQ(out.timestamp, kNow - kNsPerSecond / 2);
  EXPECT_EQ(out.fields, (Fields{{"stream", "stderr"}}));
  EXPECT_EQ(bench("2023-11-14T22:13:19.5Z stdout P part").field("partial"), "bool true");
  EXPECT_EQ(bench("2023-11-14T22:13:19.500000000+00:00 stdout F").line, "");
  for (const char* line : {"", "text", "2023-11-14T22:13:19.5Z", "2023-11-14T22:13:19.5Z stdout",
                           "2023-11-14T22:13:19.5Z stdout X a", "2023-11-14T22:13:19.5Z other F a",
                           "2023-11-14T22:13:19.5Z stdout Fa"}) {
    EXPECT_EQ(bench(line).error(), "cri: it is no line of a container runtime") << line;
    EXPECT_EQ(bench(line).line, line);
  }
}

TEST(ContainerStages, Docker) {
  Bench bench("- docker");
  const Piped out = bench(
      R"({"log":"he said \"hi\"\r\n","stream":"stdout","attrs":{"tag":"web","n":1},"time":"2023-11-14T22:13:19.5Z"})");
  EXPECT_EQ(out.line, "he said \"hi\"");
  EXPECT_EQ(out.timestamp, kNow - kNsPerSecond / 2);
  EXPECT_EQ(out.fields, (Fields{{"stream", "stdout"}, {"tag", "web"}}));
  const Piped partial = bench(R"({"log":"half","stream":"stdout","time":"x"})");
  EXPECT_EQ(partial.field("partial"), "bool true");
  EXPECT_EQ(partial.field("time"), "x");
  EXPECT_EQ(partial.error(), "docker: the time can't be read");
  EXPECT_EQ(bench(R"({"msg":"x"})").error(), "docker: it is no line of Docker's json-file");
  EXPECT_EQ(bench("text").line, "text");
}

TEST(SyslogStage, LinesOfFilesAndOfSenders) {
  Bench bench("- syslog");
  const Piped file = bench("Nov 14 22:13:19 Web-1 sshd[42]: Accepted key");
  EXPECT_EQ(file.line, "Accepted key");
  EXPECT_EQ(file.fields, (Fields{{"hostname", "Web-1"}, {"app", "sshd"}, {"proc_id", "42"}}));
  const Piped sent = bench(
      "<165>1 2023-11-14T22:13:19.5Z web app 7 ID47 [ex@1 k=\"a\\\"b\" k=\"2\"] said something");
  EXPECT_EQ(sent.line, "said something");
  EXPECT_EQ(sent.timestamp, kNow - kNsPerSecond / 2);
  EXPECT_EQ(sent.fields, (Fields{{"hostname", "web"},
                                 {"app", "app"},
                                 {"proc_id", "7"},
                                 {"msg_id", "ID47"},
                                 {"facility", "local4"},
                                 {"severity", "notice"},
                                 {"detected_level", "info"},
                                 {"ex_1_k", "a\"b"},
                                 {"ex_1_k_2", "2"}}));
  const Piped late = bench("<13>1 2033-11-14T22:13:19Z web app - - - x");
  EXPECT_EQ(late.timestamp, kNow);
  EXPECT_EQ(late.field("timestamp_raw"), "2033-11-14T22:13:19Z");
  EXPECT_EQ(bench("just text").error(), "syslog: it is no syslog message");
  EXPECT_EQ(bench("just text").line, "just text");
}

TEST(AutoStage, TellsTheFormatByTheLine) {
  Bench bench("- auto");
  EXPECT_EQ(bench(R"({"a":1})").field("a"), "int 1");
  EXPECT_EQ(bench("level=info msg=x n=1").field("level"), "info");
  EXPECT_EQ(bench(R"(::1 - - [14/Nov/2023:22:13:19 +0000] "GET / HTTP/1.1" 200 1)").field("status"),
            "int 200");
  for (const char* line : {"plain text", "", "{broken", "one=pair", "some words and a=b c=d more",
                           "url=http://x?a=b", "x] \"y"}) {
    EXPECT_EQ(bench(line).fields, Fields{}) << line;
  }
}

}  // namespace
}  // namespace livedata::ingest::pipeline
