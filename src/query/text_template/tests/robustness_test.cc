// Templates of random pieces must neither crash nor run on.
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "query/text_template/template.h"

namespace livedata::query::text_template {
namespace {

constexpr std::array<std::string_view, 96> kPieces = {
    "{{",
    "}}",
    "{{-",
    " -}}",
    "{{ ",
    " }}",
    "(",
    ")",
    "|",
    " ",
    ".",
    ".a",
    ".b.c",
    "$",
    "$x",
    "$x := ",
    "$x = ",
    "$i, $x := ",
    "if ",
    "else",
    "else if ",
    "end",
    "range ",
    "with ",
    "break",
    "continue",
    "{{end}}",
    "{{else}}",
    "{{if .a}}",
    "{{range .}}",
    "{{range 5}}",
    "{{with .a}}",
    "{{$x := .a}}",
    "{{$x}}",
    "\"text\"",
    "\"\\",
    "`raw`",
    "'c'",
    "12",
    "-7",
    "0x1f",
    "1.5e3",
    "true",
    "nil",
    "/* c */",
    "printf ",
    "\"%d %v %q %-9.3f %s\" ",
    "print ",
    "eq ",
    "and ",
    "or ",
    "index ",
    "slice ",
    "len ",
    "fromJson ",
    "`{\"a\":[1,{\"b\":null}]}` ",
    "`[1,2]` ",
    "regexReplaceAll ",
    "`(a*)` ",
    "\"${1}\" ",
    "count ",
    "Replace ",
    "\"\" ",
    "-1 ",
    "trunc ",
    "substr ",
    "repeat ",
    "indent ",
    "alignLeft ",
    "alignRight ",
    "title ",
    "ToUpper ",
    "b64dec ",
    "b64enc ",
    "urldecode ",
    "date ",
    "toDate ",
    "\"2006-01-02 MST -07\" ",
    "unixToTime ",
    "__timestamp__",
    ".Unix ",
    ".Format ",
    "now ",
    "__line__ ",
    "round ",
    "div ",
    "mod ",
    "add ",
    "9223372036854775807 ",
    "default ",
    "\xff\xc3",
    "\xc3\xa9",
    "\n",
    "bytes ",
    "int ",
    "{{print ",
};

Data data() {
  Data data;
  data.find = [](std::string_view name) {
    return name == "a" ? std::optional<std::string>("2024-01-02 UTC +00") : std::nullopt;
  };
  data.all = [] {
    return std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", "\xff\xc3\xa9"}};
  };
  data.line = "a \xc3 line";
  return data;
}

/// Whether it could be parsed.
bool try_out(std::string_view text) {
  const auto compiled = Template::parse(text);
  if (!compiled) {
    EXPECT_TRUE(compiled.error().message.starts_with("template: ")) << text;
    return false;
  }
  std::string out;
  static_cast<void>(compiled->run(data(), out).has_value());
  return true;
}

TEST(TemplateRobustness, RandomPieces) {
  std::mt19937 random(1);
  const auto up_to = [&](std::size_t last) {
    return std::uniform_int_distribution<std::size_t>(0, last)(random);
  };
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (std::size_t n = up_to(12); n > 0; --n) text += kPieces[up_to(kPieces.size() - 1)];
    try_out(text);
  }
}

/// Calls with the right brackets, so that most of them do run.
TEST(TemplateRobustness, RandomCalls) {
  constexpr std::array<std::string_view, 12> kArguments = {
      ".a",   ".b",        "-1",
      "3",    "1.5",       "\"\"",
      "`a+`", "\"%5d%s\"", "(fromJson `[1,{\"b\":2}]`)",
      "now",  ".",         "\"2006 Jan 02\""};
  constexpr std::array<std::string_view, 75> kNames = {"and",
                                                       "or",
                                                       "not",
                                                       "eq",
                                                       "ne",
                                                       "lt",
                                                       "le",
                                                       "gt",
                                                       "ge",
                                                       "len",
                                                       "index",
                                                       "slice",
                                                       "print",
                                                       "println",
                                                       "printf",
                                                       "html",
                                                       "js",
                                                       "urlquery",
                                                       "ToLower",
                                                       "ToUpper",
                                                       "Replace",
                                                       "Trim",
                                                       "TrimLeft",
                                                       "TrimRight",
                                                       "TrimPrefix",
                                                       "TrimSuffix",
                                                       "TrimSpace",
                                                       "lower",
                                                       "upper",
                                                       "title",
                                                       "trunc",
                                                       "substr",
                                                       "contains",
                                                       "hasPrefix",
                                                       "hasSuffix",
                                                       "indent",
                                                       "nindent",
                                                       "replace",
                                                       "repeat",
                                                       "trim",
                                                       "trimAll",
                                                       "trimSuffix",
                                                       "trimPrefix",
                                                       "regexReplaceAll",
                                                       "regexReplaceAllLiteral",
                                                       "count",
                                                       "urldecode",
                                                       "urlencode",
                                                       "b64enc",
                                                       "b64dec",
                                                       "bytes",
                                                       "duration",
                                                       "unixEpoch",
                                                       "unixEpochMillis",
                                                       "unixEpochNanos",
                                                       "unixToTime",
                                                       "toDate",
                                                       "toDateInZone",
                                                       "date",
                                                       "alignLeft",
                                                       "alignRight",
                                                       "int",
                                                       "float64",
                                                       "add",
                                                       "sub",
                                                       "mul",
                                                       "div",
                                                       "mod",
                                                       "max",
                                                       "round",
                                                       "ceil",
                                                       "floor",
                                                       "fromJson",
                                                       "default",
                                                       "divf"};
  std::mt19937 random(2);
  const auto up_to = [&](std::size_t last) {
    return std::uniform_int_distribution<std::size_t>(0, last)(random);
  };
  int num_parsed = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = "{{" + std::string(kNames[up_to(kNames.size() - 1)]);
    for (std::size_t n = up_to(4); n > 0; --n)
      text.append(" ").append(kArguments[up_to(kArguments.size() - 1)]);
    if (try_out(text + "}}")) ++num_parsed;
  }
  EXPECT_GT(num_parsed, 10'000);
}

TEST(TemplateRobustness, EveryBeginningOfATemplate) {
  constexpr std::string_view kText =
      "a {{- /* c */ -}} {{if and .a (eq .b \"\\u00e9\" `x`)}}{{range $i, $v := fromJson .a}}"
      "{{$v.b | printf \"%d\" 'x'}}{{continue}}{{else}}{{end}}{{else if 0x1f}}{{with .}}{{$.a}}"
      "{{end}}{{end}}";
  for (std::size_t size = 0; size <= kText.size(); ++size) try_out(kText.substr(0, size));
}

}  // namespace
}  // namespace livedata::query::text_template
