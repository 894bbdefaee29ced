#include "query/text_template/template.h"

#include <map>

#include <gmock/gmock.h>

namespace livedata::query::text_template {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// 2023-11-14T22:13:20.123456789Z
constexpr std::int64_t kTimestamp = 1'700'000'000'123'456'789;

const std::map<std::string, std::string>& labels() {
  static const std::map<std::string, std::string> kLabels = {
      {"app", "shop"},     {"name", "Ünïcode Straße"},
      {"level", "error"},  {"n", "42"},
      {"list", "[1,2,3]"}, {"object", R"({"b":{"c":"x"},"a":[1,"two",null,true,1.5]})"},
      {"empty", ""},       {"path", "/a/b c?x=1&y=<2>"},
  };
  return kLabels;
}

Data data() {
  Data data;
  data.find = [](std::string_view name) -> std::optional<std::string> {
    const auto found = labels().find(std::string(name));
    return found == labels().end() ? std::nullopt : std::optional(found->second);
  };
  data.all = [] {
    return std::vector<std::pair<std::string, std::string>>(labels().begin(), labels().end());
  };
  data.line = "the line";
  data.timestamp_ns = kTimestamp;
  data.now_ns = kTimestamp + 1'000'000'000;
  return data;
}

std::string run(std::string_view text) {
  const auto compiled = Template::parse(text);
  if (!compiled) return "parse: " + compiled.error().message;
  std::string out;
  const auto done = compiled->run(data(), out);
  return done ? out : "run: " + done.error().message;
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

void expect_all(std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(run(c.text), c.expected) << c.text;
}

void expect_failures(std::string_view when, std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    const std::string out = run(c.text);
    EXPECT_THAT(out, testing::StartsWith(std::string(when) + ": ")) << c.text;
    EXPECT_THAT(out, HasSubstr(std::string(c.expected))) << c.text;
  }
}

TEST(Template, TextAndFields) {
  expect_all({
      {"", ""},
      {"plain } text", "plain } text"},
      {"{{.app}}", "shop"},
      {"{{ .app }}-{{.level}}", "shop-error"},
      {"{{.missing}}|", "|"},
      {"{{$.app}}", "shop"},
      {"{{(.app)}}", "shop"},
      {"{{ __line__ }}", "the line"},
      {"{{ nil | print }}", "parse: template: 1:8: nil is not a command"},
  });
}

TEST(Template, TrimsAndLeavesOutComments) {
  expect_all({
      {"a  {{- .app -}}  b", "ashopb"},
      {"a \n {{- .app }} b", "ashop b"},
      {"a {{ .app -}} \n\t b", "a shopb"},
      {"a {{/* a }} comment */}} b", "a  b"},
      {"a {{- /* comment */ -}} b", "ab"},
      {"{{-3}}|{{3 -}} |", "-3|3|"},
      {"{{ \"}}\" }}", "}}"},
      {"{{\n.app\n}}", "shop"},
  });
}

TEST(Template, Literals) {
  expect_all({
      {R"({{"a\n\t\"\\\x41\u00e9\U0001F600\101"}})", "a\n\t\"\\A\u00e9\U0001F600A"},
      {R"({{`a\n"b"`}})", R"(a\n"b")"},
      {"{{'a'}} {{'\\n'}} {{'\u00e9'}} {{'\\''}}", "97 10 233 39"},
      {"{{12}} {{-7}} {{+7}} {{0x1F}} {{0b101}} {{0o17}} {{017}} {{1_000}}",
       "12 -7 7 31 5 15 15 1000"},
      {"{{1.5}} {{-.5}} {{1e3}} {{2.}}", "1.5 -0.5 1000 2"},
      {"{{-9223372036854775808}}", "-9223372036854775808"},
      {"{{true}} {{false}}", "true false"},
  });
  expect_failures("parse", {
                               {"{{99999999999999999999}}", "overflows int"},
                               {"{{1x}}", "bad number syntax"},
                               {"{{0x}}", "bad number syntax"},
                               {"{{'ab'}}", "more than one character"},
                               {"{{''}}", "empty"},
                               {"{{\"a}}", "unterminated quoted string"},
                               {"{{\"a\nb\"}}", "unterminated quoted string"},
                               {"{{`a}}", "unterminated raw"},
                               {R"({{"\q"}})", "escape"},
                               {R"({{"\ud800"}})", "escape"},
                               {R"({{"\x4"}})", "escape"},
                           });
}

TEST(Template, PipelinesAndParentheses) {
  expect_all({
      {"{{.app | ToUpper}}", "SHOP"},
      {"{{.app | ToUpper | printf \"%s-%s\" .level}}", "error-SHOP"},
      {"{{ToUpper (printf \"%s!\" .app)}}", "SHOP!"},
      {"{{(fromJson .object).b.c}}", "x"},
      {"{{ print (1 | print 2) }}", "2 1"},
  });
}

TEST(Template, PrintsValuesAsGoDoes) {
  expect_all({
      {"{{fromJson .object}}", "map[a:[1 two <nil> true 1.5] b:map[c:x]]"},
      {"{{fromJson .list}}", "[1 2 3]"},
      {"{{fromJson `null`}}", "<no value>"},
      {"{{(fromJson .object).missing}}", "<no value>"},
      {"{{with .}}{{.missing}}|{{index . \"gone\"}}{{end}}", "|"},
      {"{{1e5}} {{1e21}} {{0.0001}} {{0.00001}} {{1e-7}}", "100000 1e+21 0.0001 1e-05 1e-07"},
      {"{{-12345678901234567890.0}} {{9007199254740993.0}}",
       "-1.2345678901234567e+19 9.007199254740992e+15"},
      {"{{divf 1 0}} {{divf -1 0}} {{divf 0 0}}", "+Inf -Inf NaN"},
      {"{{__timestamp__}}", "2023-11-14 22:13:20.123456789 +0000 UTC"},
  });
  EXPECT_THAT(run("{{.}}"), testing::StartsWith("map[app:shop empty: level:error"));
}

TEST(Template, Variables) {
  expect_all({
      {"{{$x := .app}}{{$x}}{{$x = \"b\"}}{{$x}}", "shopb"},
      {"{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
      {"{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"},
      {"{{$o := fromJson .object}}{{$o.b.c}}", "x"},
      {"{{with $x := .app}}{{$x}}{{.}}{{end}}", "shopshop"},
      {"{{if $x := .empty}}a{{else}}[{{$x}}]{{end}}", "[]"},
      {"{{with 1}}{{$.app}}{{end}}", "shop"},
  });
  expect_failures("parse", {
                               {"{{$x}}", "undefined variable $x"},
                               {"{{$x = 1}}", "undefined variable $x"},
                               {"{{if true}}{{$x := 1}}{{end}}{{$x}}", "undefined variable $x"},
                               {"{{$a, $b := 1}}", "too many declarations"},
                               {"{{if $a, $b := 1}}{{end}}", "too many declarations"},
                               {"{{$ := 1}}", "can't be set"},
                           });
}

TEST(Template, IfElse) {
  expect_all({
      {"{{if .app}}a{{end}}", "a"},
      {"{{if .missing}}a{{else}}b{{end}}", "b"},
      {"{{if .empty}}a{{else if eq .level \"error\"}}b{{else}}c{{end}}", "b"},
      {"{{if .empty}}a{{else if .empty}}b{{else if .empty}}c{{else}}d{{end}}e", "de"},
      {"{{if .app}}{{if .empty}}a{{else}}b{{end}}c{{end}}", "bc"},
      {"{{if 0}}a{{end}}{{if 0.0}}b{{end}}{{if nil | not}}c{{end}}",
       "parse: template: 1:44: nil is not a command"},
      {"{{if 0}}a{{end}}{{if 0.0}}b{{end}}{{if fromJson `[]`}}c{{end}}{{if fromJson "
       "`{}`}}d{{end}}{{if fromJson `null`}}e{{end}}",
       ""},
      {"{{if __timestamp__}}t{{end}}", "t"},
  });
}

TEST(Template, WithElse) {
  expect_all({
      {"{{with .app}}<{{.}}>{{end}}", "<shop>"},
      {"{{with .missing}}a{{else}}b{{.app}}{{end}}", "bshop"},
      {"{{with .missing}}a{{else with .app}}b{{.}}{{else}}c{{end}}", "bshop"},
      {"{{with fromJson .object}}{{.b.c}}{{end}}{{.app}}", "xshop"},
  });
}

TEST(Template, Range) {
  expect_all({
      {"{{range fromJson .list}}{{.}},{{end}}", "1,2,3,"},
      {"{{range $i, $v := fromJson .list}}{{$i}}={{$v}} {{end}}", "0=1 1=2 2=3 "},
      {"{{range $v := fromJson .list}}{{$v}}{{end}}", "123"},
      {"{{range $k, $v := fromJson .object}}{{$k}}={{$v}};{{end}}",
       "a=[1 two <nil> true 1.5];b=map[c:x];"},
      {"{{range fromJson `[]`}}a{{else}}none{{end}}", "none"},
      {"{{range fromJson `null`}}a{{else}}none{{end}}", "none"},
      {"{{range 3}}{{.}}{{end}}", "012"},
      {"{{range fromJson .list}}{{if eq . 2}}{{continue}}{{end}}{{.}}{{end}}", "13"},
      {"{{range fromJson .list}}{{if eq . 2}}{{break}}{{end}}{{.}}{{end}}|", "1|"},
      {"{{range 2}}{{range 5}}{{if eq . 1}}{{break}}{{end}}{{.}}{{end}}|{{end}}", "0|0|"},
      {"{{range 2}}{{$.app}}{{end}}", "shopshop"},
      {"{{$s := 0}}{{range fromJson .list}}{{$s = add $s .}}{{end}}{{$s}}", "6"},
      {"{{$k := 0}}{{$v := 0}}{{range $k, $v = fromJson .list}}{{end}}{{$k}}{{$v}}", "23"},
      {"{{range $k, $v := .}}{{if eq $k \"n\"}}{{$k}}={{$v}}{{end}}{{end}}", "n=42"},
  });
  expect_failures("run", {{"{{range .app}}{{end}}", "range can't iterate over string"}});
}

TEST(Template, WhatCannotBeParsed) {
  expect_failures("parse", {
                               {"{{", "unclosed action"},
                               {"{{.app", "unclosed action"},
                               {"{{}}", "a value is missing"},
                               {"{{if}}{{end}}", "a value is missing"},
                               {"{{if .a}}", "{{end}} is missing for if"},
                               {"{{range .a}}x{{else}}", "{{end}} is missing for range"},
                               {"{{end}}", "unexpected {{end}}"},
                               {"{{else}}", "unexpected {{else}}"},
                               {"{{if .a}}{{else}}{{else}}{{end}}", "second {{else}}"},
                               {"{{if .a}}{{else with .b}}{{end}}", "unexpected"},
                               {"{{break}}", "outside {{range}}"},
                               {"{{range .a}}{{else}}{{continue}}{{end}}", "outside {{range}}"},
                               {"{{nosuch .a}}", "function \"nosuch\" not defined"},
                               {"{{ToLower}}", "wrong number of args for ToLower: want 1 got 0"},
                               {"{{ToLower .a .b}}", "want 1 got 2"},
                               {"{{.a | Replace \"x\"}}", "want 4 got 2"},
                               {"{{eq 1}}", "want at least 2 got 1"},
                               {"{{slice .a 1 2 3}}", "want at most 3 got 4"},
                               {"{{print ToLower}}", "want 1 got 0"},
                               {"{{.a .b}}", "only functions take arguments"},
                               {"{{.a | .b}}", "only functions take arguments"},
                               {"{{1 2}}", "only functions take arguments"},
                               {"{{(.a}}", "')' is missing"},
                               {"{{.a)}}", "unexpected ')'"},
                               {"{{.a |}}", "a value is missing"},
                               {"{{.a-}}", "unexpected '-'"},
                               {"{{.a\"b\"}}", "unexpected '\"'"},
                               {"{{/* open }}", "unclosed comment"},
                               {"{{define \"x\"}}{{end}}", "not supported"},
                               {"{{template \"x\"}}", "not supported"},
                               {"{{block \"x\" .}}{{end}}", "not supported"},
                               {"{{#}}", "unexpected '#'"},
                               {"{{regexReplaceAll \"(\" .a \"\"}}", "regex '(' is wrong"},
                               {"{{count `[` .a}}", "regex '[' is wrong"},
                           });
  EXPECT_EQ(run("ab\ncd {{ nosuch }}"), "parse: template: 2:7: function \"nosuch\" not defined");
}

TEST(Template, WhatFailsWhenItRuns) {
  expect_failures("run",
                  {
                      {"{{.app.b}}", "can't evaluate field b in type string"},
                      {"{{$.app.b}}", "can't evaluate field b in type string"},
                      {"{{(fromJson .object).b.c.d}}", "can't evaluate field d in type string"},
                      {"{{(fromJson .object).x.y}}", "nil pointer"},
                      {"{{ToLower 1}}", "error calling ToLower: wrong type"},
                      {"{{(fromJson .object).x | ToLower}}", "invalid value; expected string"},
                      {"{{trunc \"a\" \"b\"}}", "expected int; got string"},
                      {"{{index .app 9}}", "index out of range: 9"},
                      {"{{index (fromJson .list) -1}}", "index out of range"},
                      {"{{index 1 1}}", "can't index item of type int"},
                      {"{{slice .app 3 1}}", "slice bounds out of range"},
                      {"{{len 1}}", "len of type int"},
                      {"{{lt .app 1}}", "incompatible types"},
                      {"{{eq .app 1}}", "incompatible types for comparison: string and int"},
                      {"{{regexReplaceAll .level .app (print \"(\") | count \"x\"}}{{count "
                       "(print \"(\") .app}}",
                       "regex '(' is wrong"},
                      {"{{fromJson \"{\"}}", "invalid JSON"},
                      {"{{fromJson `1 2`}}", "invalid JSON"},
                      {"{{div 1 0}}", "division by zero"},
                      {"{{mod 1 0}}", "division by zero"},
                  });
}

TEST(Template, TellsWhatItReads) {
  const auto parsed = [](std::string_view text) { return *Template::parse(text); };
  const Template plain = parsed("{{.b}}{{if .a}}{{.c | ToLower}}{{end}}{{$.d}}");
  EXPECT_THAT(plain.fields(), ElementsAre("a", "b", "c", "d"));
  EXPECT_FALSE(plain.reads_all());
  EXPECT_FALSE(plain.reads_line());
  for (const auto* text :
       {"{{.}}", "{{range $k, $v := .}}{{end}}", "{{index . \"a\"}}", "{{with $x := .}}{{end}}",
        "{{print $}}", "{{with .a}}{{$}}{{end}}", "{{with .a}}{{else}}{{.}}{{end}}"})
    EXPECT_TRUE(parsed(text).reads_all()) << text;
  // Within {{with}} and {{range}} the dot is something else.
  const Template inner = parsed("{{with .a}}{{.}}{{.b}}{{$.c}}{{end}}{{range .d}}{{.}}{{end}}");
  EXPECT_FALSE(inner.reads_all());
  EXPECT_THAT(inner.fields(), ElementsAre("a", "c", "d"));
  EXPECT_TRUE(parsed("{{if true}}{{__line__ | ToLower}}{{end}}").reads_line());
  EXPECT_THAT(parsed("text").fields(), IsEmpty());
}

TEST(Template, WorkIsBounded) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{{if .a}}";
  std::string parentheses = "{{" + std::string(100'000, '(');
  std::string chained = "{{if .a}}";
  for (int i = 0; i < 1000; ++i) chained += "{{else if .a}}";
  for (const std::string& text : {deep, parentheses, chained})
    EXPECT_THAT(run(text), HasSubstr("nested too deep"));

  expect_failures(
      "run",
      {
          {"{{repeat 2000000 \"a\"}}", "longer than"},
          {"{{repeat -1 \"a\"}}", "negative repeat count"},
          {"{{range 200}}{{range 200}}{{end}}{{end}}", "more than 10000 steps"},
          {"{{range 9000000000000000000}}{{end}}", "more than 10000 steps"},
          {"{{$x := repeat 1000 \"a\"}}{{range 2000}}{{$x}}{{end}}", "larger than"},
          {"{{$x := \"a\"}}{{range 100}}{{$x = print $x $x}}{{end}}", "longer than"},
          {"{{$x := \"a\"}}{{range 100}}{{$x = printf \"%s%s\" $x $x}}{{end}}", "longer than"},
          {"{{$x := repeat 1000000 \"a\"}}{{range 100}}{{$y := ToUpper $x}}{{end}}", "make more"},
          {"{{replace \"a\" (repeat 1000 \"b\") (repeat 10000 \"a\")}}", "longer than"},
          {"{{regexReplaceAll \"(a)\" (repeat 10000 \"a\") (repeat 1000 \"${1}\")}}",
           "longer than"},
          {"{{indent 5000 (repeat 1000 \"\\n\")}}", "longer than"},
          {"{{indent 100000 \"a\"}}", "not in the range"},
          {"{{alignLeft 100000 \"a\"}}", "not in the range"},
          {"{{fromJson (print (repeat 1000 \"[\") (repeat 1000 \"]\"))}}", "nested too deep"},
      });
}

TEST(Template, AppendsAndMayRunAtTheSameTime) {
  const Template compiled = *Template::parse("{{.app}}");
  const Template copy = compiled;
  std::string out = "before ";
  ASSERT_TRUE(copy.run(data(), out));
  EXPECT_EQ(out, "before shop");
}

}  // namespace
}  // namespace livedata::query::text_template
