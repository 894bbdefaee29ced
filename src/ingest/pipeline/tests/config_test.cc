#include <gmock/gmock.h>

#include "ingest/pipeline/tests/piped.h"

namespace livedata::ingest::pipeline {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(const std::string& yaml) {
  const auto pipelines = compile(yaml, "livedata.yaml");
  return pipelines ? "no error" : pipelines.error().message;
}

TEST(PipelineConfig, NoSectionIsNoPipeline) {
  EXPECT_TRUE(compiled("").empty());
  EXPECT_TRUE(compiled("server:\n  listen: 127.0.0.1:1\n").empty());
  EXPECT_TRUE(compiled("pipelines:\n").empty());
  EXPECT_TRUE(compiled("pipelines: []\n").empty());
}

TEST(PipelineConfig, TheFirstMatchWins) {
  const Pipelines pipelines = compiled(R"(
server:
  listen: 127.0.0.1:1
pipelines:
  - name: pushed-nginx
    match: {source: [loki, native], labels: '{app="nginx"}'}
    stages: [json]
  - name: nginx-files
    match:
      source: file
      files: ["/var/log/nginx/*.log", /srv/**/access.log]
    stages: [json]
  - name: rest
    stages: []
)");
  const auto name = [&](std::string_view source, const char* app, std::string_view file) {
    const Pipeline* found = pipelines.find(source, Labels({Label{"app", app}}), file);
    return found == nullptr ? "(none)" : found->name();
  };
  EXPECT_EQ(name("loki", "nginx", ""), "pushed-nginx");
  EXPECT_EQ(name("syslog", "nginx", ""), "rest");
  EXPECT_EQ(name("loki", "web", ""), "rest");
  EXPECT_EQ(name("file", "nginx", "/var/log/nginx/access.log"), "nginx-files");
  EXPECT_EQ(name("file", "nginx", "/var/log/nginx/old/access.log"), "rest");
  EXPECT_EQ(name("file", "x", "/srv/access.log"), "nginx-files");
  EXPECT_EQ(name("file", "x", "/srv/a/b/access.log"), "nginx-files");
  EXPECT_EQ(name("file", "x", ""), "rest");
  EXPECT_EQ(compiled("pipelines:\n  - name: a\n    match: {source: file}\n    stages: []\n")
                .find("loki", {}, ""),
            nullptr);
}

TEST(PipelineConfig, MistakesNameTheirPlaceAndWhatWasExpected) {
  EXPECT_EQ(error_of("pipelines:\n  - name: web\n    stages:\n      - jsn\n"),
            "livedata.yaml:4:9: pipeline 'web', stage 1: there is no stage 'jsn'; did you mean "
            "'json'?");
  EXPECT_EQ(error_of("pipelines:\n  - name: web\n    stages:\n      - json: {feilds: [a]}\n"),
            "livedata.yaml:4:16: pipeline 'web', stage 1 (json): there is no option 'feilds'; did "
            "you mean 'fields'?");
  EXPECT_EQ(error_of("pipelines:\n  - name: web\n    match: {source: lokki}\n    stages: []\n"),
            "livedata.yaml:3:21: pipeline 'web', match: 'source' can't be 'lokki'; did you mean "
            "'loki'?");
  EXPECT_EQ(error_of("pipelines:\n  - nam: web\n    stages: []\n"),
            "livedata.yaml:2:5: pipeline 1: there is no option 'nam'; did you mean 'name'?");
  EXPECT_EQ(error_of("pipelines:\n  - stages: []\n"),
            "livedata.yaml:2:5: pipeline 1: 'name' is missing, such as 'name: web'");
  EXPECT_THAT(error_of("pipelines:\n  - name: web\n"), HasSubstr("'stages' is missing"));
  EXPECT_THAT(error_of("pipelines:\n  - name: two words\n    stages: []\n"),
              StartsWith("livedata.yaml:2:11: pipeline 1: the name 'two words' must be"));
  EXPECT_THAT(error_of("pipelines: {}\n"), HasSubstr("must be a list of pipelines"));
  EXPECT_THAT(error_of("pipelines:\n  - web\n"), HasSubstr("a pipeline is a map of name"));
  EXPECT_THAT(error_of("pipelines:\n  - name: [\n"), StartsWith("livedata.yaml:3:1: "));
  EXPECT_THAT(error_of("pipelines:\n  - name: a\n    name: b\n    stages: []\n"),
              HasSubstr("livedata.yaml:3:5: the key 'name' is there twice"));
  EXPECT_THAT(error_of("pipelines:\n  - {name: a, stages: []}\n  - {name: a, stages: []}\n"),
              HasSubstr("livedata.yaml:3:5: there are two pipelines named 'a'"));
  EXPECT_THAT(error_of("pipelines:\n  - {name: a, stages: [{json: {}, drop: {}}]}\n"),
              HasSubstr("a stage is written"));
  EXPECT_THAT(error_of("pipelines:\n  - {name: a, stages: [{json: {max_depth: 0}}]}\n"),
              HasSubstr("'max_depth' must be a whole number from 1 to 64, not '0'"));
}

TEST(PipelineConfig, SelectorsAndRegexesAreChecked) {
  const auto match = [](const std::string& selector) {
    return error_of("pipelines:\n  - name: a\n    match: {labels: '" + selector +
                    "'}\n    stages: []\n");
  };
  EXPECT_EQ(match(R"({app="a", b=~"x|y", c!="d", e!~`\d+`})"), "no error");
  EXPECT_EQ(match(R"(app="a")"), "no error");
  for (const char* wrong :
       {"", "{}", "{app}", "{app=}", "{app=\"a}", "{app=\"a\" b=\"c\"}", "{app=\"a\"",
        "{app=\"a\"} x", "{1a=\"b\"}", "{a=\"\\x\"}", "{a=\"\\"}) {
    EXPECT_THAT(match(wrong), HasSubstr("livedata.yaml:3:21: pipeline 'a', match: the selector"))
        << wrong;
  }
  EXPECT_THAT(match("{app=~\"(\"}"), HasSubstr("the regex '(' of label app is wrong"));
  EXPECT_THAT(error_of(with_stages("- regex: '(?P<a>['")),
              HasSubstr("the regex '(?P<a>[' is wrong"));
  EXPECT_THAT(error_of(with_stages("- regex: 'a(?=b)'")), HasSubstr("RE2 has no look-ahead"));
  EXPECT_THAT(error_of(with_stages("- regex: 'a(b)'")), HasSubstr("has no group with a name"));
}

TEST(PipelineConfig, AliasesCannotMakeItLarge) {
  std::string yaml = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  char last = 'a';
  for (char name = 'b'; name < 'j'; ++name) {
    const std::string alias = std::string("*") + last;
    yaml += std::string(1, name) + ": &" + name + " [";
    for (int i = 0; i < 10; ++i) yaml += alias + ", ";
    yaml += alias + "]\n";
    last = name;
  }
  yaml += "pipelines: *i\n";
  EXPECT_THAT(error_of(yaml), HasSubstr("repeats itself by aliases"));
}

}  // namespace
}  // namespace livedata::ingest::pipeline
