// Each function of templates, and printf.
#include <gmock/gmock.h>

#include "query/text_template/template.h"

namespace livedata::query::text_template {
namespace {

constexpr std::int64_t kTimestamp = 1'700'000'000'123'456'789;

std::string run(std::string_view text) {
  const auto compiled = Template::parse(text);
  if (!compiled) return "parse: " + compiled.error().message;
  Data data;
  data.find = [](std::string_view name) { return std::optional(std::string(name)); };
  data.all = [] { return std::vector<std::pair<std::string, std::string>>{{"a", "1"}}; };
  data.line = "line";
  data.timestamp_ns = kTimestamp;
  data.now_ns = kTimestamp + 1'000'000'000;
  std::string out;
  const auto done = compiled->run(data, out);
  return done ? out : "run: " + done.error().message;
}

struct Case {
  std::string_view expression;
  std::string_view expected;
};

void expect_all(std::initializer_list<Case> cases) {
  for (const Case& c : cases)
    EXPECT_EQ(run("{{" + std::string(c.expression) + "}}"), c.expected) << c.expression;
}

void expect_failures(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    const std::string out = run("{{" + std::string(c.expression) + "}}");
    EXPECT_THAT(out, testing::StartsWith("run: ")) << c.expression;
    EXPECT_THAT(out, testing::HasSubstr(std::string(c.expected))) << c.expression;
  }
}

TEST(TemplateFunctions, Logic) {
  expect_all({
      {"and 1 0 2", "0"},
      {"and 1 2", "2"},
      {"or 0 \"\" 3 4", "3"},
      {"or 0 \"\"", ""},
      {"and 0 (div 1 0)", "0"},
      {"or 1 (div 1 0)", "1"},
      {"1 | and 2", "1"},
      {"not 0", "true"},
      {"not .a", "false"},
  });
  expect_failures({{"and 1 (div 1 0)", "division by zero"}});
}

TEST(TemplateFunctions, Comparison) {
  expect_all({
      {"eq .a \"b\" \"a\"", "true"},
      {"eq 1 1", "true"},
      {"eq 1 1.0", "true"},
      {"eq true true", "true"},
      {"eq .a nil", "false"},
      {"ne 1 2", "true"},
      {"lt 1 2", "true"},
      {"lt \"a\" \"b\"", "true"},
      {"le 2 2", "true"},
      {"gt 2.5 2", "true"},
      {"ge 1 2", "false"},
      {"eq (divf 0 0) (divf 0 0)", "false"},
      {"lt __timestamp__ now", "true"},
      {"lt 9007199254740993 9007199254740992", "false"},
  });
  expect_failures({{"lt true false", "incompatible"}, {"eq (fromJson `[]`) 1", "incompatible"}});
}

TEST(TemplateFunctions, LookInto) {
  expect_all({
      {"len \"abc\"", "3"},
      {"len (fromJson `[1,2]`)", "2"},
      {"len (fromJson `{\"a\":1}`)", "1"},
      {"len .", "1"},
      {"index . \"a\"", "1"},
      {"index (fromJson `{\"a\":[1,[2,3]]}`) \"a\" 1 0", "2"},
      {"index \"abc\" 1", "98"},
      {"slice \"abcd\" 1 3", "bc"},
      {"slice \"abcd\" 2", "cd"},
      {"slice (fromJson `[1,2,3]`) 1", "[2 3]"},
      {"fromJson `{\"b\":1,\"a\":2,\"a\":3}`", "map[a:3 b:1]"},
      {"fromJson `12345678901234567890`", "1.2345678901234567e+19"},
      {"default \"x\" \"\"", "x"},
      {"default \"x\" .a", "a"},
      {".a | default \"x\"", "a"},
      {"default 1 (fromJson `null`)", "1"},
  });
}

TEST(TemplateFunctions, Print) {
  expect_all({
      {"print 1 2 \"a\" \"b\" 3 4", "1 2ab3 4"},
      {"print", ""},
      {"print 1 nil true", "1 <nil> true"},
      {"println \"a\" 1", "a 1\n"},
      {"html \"<a href='x'>&\\\"\"", "&lt;a href=&#39;x&#39;&gt;&amp;&#34;"},
      {"js \"<a='\\\\\\n\"", "\\u003Ca\\u003D\\'\\\\\\u000A"},
      {"urlquery \"a b&\" 1", "a+b%261"},
  });
  EXPECT_EQ(run("{{print \"a\" \"b\"}}"), "ab");
}

TEST(TemplateFunctions, Printf) {
  expect_all({
      {"printf \"%s|%5s|%-5s|%.2s|%q\" .a .b .c \"xyz\" \"q\\\"\\n\"",
       "a|    b|c    |xy|\"q\\\"\\n\""},
      {"printf \"%v %v %v %v\" 1 1.5 true nil", "1 1.5 true <nil>"},
      {"printf \"%d|%5d|%-5d|%05d|%+d|% d\" 1 2 3 -4 5 6", "1|    2|3    |-0004|+5| 6"},
      {"printf \"%x %X %#x %o %b %c %q\" 255 255 255 8 5 233 97", "ff FF 0xff 10 101 \u00e9 'a'"},
      {"printf \"%x %X % x\" \"az\" \"az\" \"az\"", "617a 617A 61 7a"},
      {"printf \"%f|%.2f|%8.3f|%-8.1f|%+.1f|%08.2f\" 1.5 2.345 3.14159 4.0 5.0 -6.5",
       "1.500000|2.35|   3.142|4.0     |+5.0|-0006.50"},
      {"printf \"%e %.2E %g %.3g\" 123456.789 0.00012 0.5 1234567.0",
       "1.234568e+05 1.20E-04 0.5 1.23e+06"},
      {"printf \"%t\" true", "true"},
      {"printf \"100%%\"", "100%"},
      {"printf \"%*d|%-*d|\" 4 1 4 2", "   1|2   |"},
      {"printf \"%v %d\" (fromJson `[1,\"a\"]`) (fromJson `[1]`)", "[1 a] [%!d(float64=1)]"},
      {"printf \"%T %T\" 1 .a", "int string"},
      {"printf \"%5.1s|\" \"\u00e9a\"", "    \u00e9|"},
      {"printf \"%s\" __timestamp__", "2023-11-14 22:13:20.123456789 +0000 UTC"},
  });
}

TEST(TemplateFunctions, PrintfWithWrongArguments) {
  expect_all({
      {"printf \"%d\" \"x\"", "%!d(string=x)"},
      {"printf \"%s\" 1", "%!s(int=1)"},
      {"printf \"%s\" true", "%!s(bool=true)"},
      {"printf \"%d\" 1.5", "%!d(float64=1.5)"},
      {"printf \"%d\" nil", "%!d(<nil>)"},
      {"printf \"%d\"", "%!d(MISSING)"},
      {"printf \"a\" 1 \"b\"", "a%!(EXTRA int=1, string=b)"},
      {"printf \"%\"", "%!(NOVERB)"},
      {"printf \"%z\" 1", "%!z(int=1)"},
      {"printf \"%\u00e9\" 1", "%!\u00e9(int=1)"},
      {"printf \"%99999999999d|\" 1 | len", "10001"},
  });
}

TEST(TemplateFunctions, Case) {
  expect_all({
      {"ToLower \"ABC \u00c4\u0416\u0394\"", "abc \u00e4\u0436\u03b4"},
      {"ToUpper \"abc \u00e4\u0436\u03b4\u0151\"", "ABC \u00c4\u0416\u0394\u0150"},
      {"lower \"AbC\"", "abc"},
      {"upper \"AbC\"", "ABC"},
      {"upper \"\\xff\u00d7\u00f7\"", "\xff\u00d7\u00f7"},
      {"title \"hello big-world x1y it's\"", "Hello Big-World X1y It's"},
  });
}

TEST(TemplateFunctions, Trim) {
  expect_all({
      {"TrimSpace \" \\t a b \\n\"", "a b"},
      {"trim \"  a \"", "a"},
      {"Trim \"xxaxbxx\" \"x\"", "axb"},
      {"Trim \"\u00e9a\u00e8\" \"\u00e9\"", "a\u00e8"},
      {"TrimLeft \"xya\" \"yx\"", "a"},
      {"TrimRight \"axy\" \"yx\"", "a"},
      {"TrimPrefix \"prefix\" \"pre\"", "fix"},
      {"TrimSuffix \"prefix\" \"fix\"", "pre"},
      {"trimAll \"$\" \"$5.00$\"", "5.00"},
      {"trimPrefix \"pre\" \"prefix\"", "fix"},
      {"trimSuffix \"fix\" \"prefix\"", "pre"},
      {"trimSuffix \"no\" \"prefix\"", "prefix"},
      {"Trim \"xx\" \"x\"", ""},
  });
}

TEST(TemplateFunctions, FindAndReplace) {
  expect_all({
      {"Replace \"aaa\" \"a\" \"b\" 2", "bba"},
      {"Replace \"aaa\" \"a\" \"b\" -1", "bbb"},
      {"Replace \"aaa\" \"a\" \"b\" 0", "aaa"},
      {"Replace \"ab\" \"\" \"-\" -1", "-a-b-"},
      {"Replace \"ab\" \"\" \"-\" 2", "-a-b"},
      {"replace \"a\" \"b\" \"banana\"", "bbnbnb"},
      {"\"banana\" | replace \"an\" \"\"", "ba"},
      {"contains \"an\" \"banana\"", "true"},
      {"contains \"x\" \"banana\"", "false"},
      {"hasPrefix \"ba\" \"banana\"", "true"},
      {"hasSuffix \"na\" \"banana\"", "true"},
  });
}

TEST(TemplateFunctions, Pieces) {
  expect_all({
      {"trunc 5 \"hello world\"", "hello"},
      {"trunc -5 \"hello world\"", "world"},
      {"trunc 99 \"abc\"", "abc"},
      {"trunc -99 \"abc\"", "abc"},
      {"trunc -9223372036854775808 \"abc\"", "abc"},
      {"trunc 0 \"abc\"", ""},
      {"substr 0 5 \"hello world\"", "hello"},
      {"substr -1 5 \"hello world\"", "hello"},
      {"substr 6 -1 \"hello world\"", "world"},
      {"substr 9 2 \"hello world\"", ""},
      {"substr 99 -1 \"abc\"", ""},
      {"repeat 3 \"ab\"", "ababab"},
      {"repeat 0 \"ab\"", ""},
      {"indent 2 \"a\\nb\"", "  a\n  b"},
      {"nindent 2 \"a\"", "\n  a"},
      {"alignLeft 5 \"abcdefg\"", "abcde"},
      {"alignLeft 5 \"ab\" | printf \"%s|\"", "ab   |"},
      {"alignRight 5 \"abcdefg\"", "cdefg"},
      {"alignRight 5 \"ab\"", "   ab"},
      {"alignLeft 2 \"\u00e9\u00e8\u00ea\"", "\u00e9\u00e8"},
      {"alignRight 2 \"\u00e9\u00e8\u00ea\"", "\u00e8\u00ea"},
      {"alignLeft -1 \"ab\"", "ab"},
  });
}

TEST(TemplateFunctions, Regex) {
  expect_all({
      {"regexReplaceAll \"a(x*)b\" \"-ab-axxb-\" \"${1}W\"", "-W-xxW-"},
      {"regexReplaceAll \"(?P<n>[0-9]+)\" \"a1b22\" \"<${n}>\"", "a<1>b<22>"},
      {"regexReplaceAll \"a(x*)b\" \"-ab-axxb-\" \"$1W\"", "---"},
      {"regexReplaceAll \"a\" \"banana\" \"$$\"", "b$n$n$"},
      {"regexReplaceAll \"a*\" \"baac\" \"X\"", "XbXcX"},
      {"regexReplaceAll \"\" \"\u00e9b\" \"-\"", "-\u00e9-b-"},
      {"regexReplaceAll (print \"n\") \"banana\" \"N\"", "baNaNa"},
      {"regexReplaceAllLiteral \"a(x*)b\" \"-ab-\" \"${1}\"", "-${1}-"},
      {"count \"a|n\" \"banana\"", "5"},
      {"count \"z\" \"banana\"", "0"},
      {"count \"\" \"ab\"", "3"},
      {"\"banana\" | count \"an\"", "2"},
  });
}

TEST(TemplateFunctions, Encodings) {
  expect_all({
      {"urlencode \"a b/?&=\u00e9~\"", "a+b%2F%3F%26%3D%C3%A9~"},
      {"urldecode \"a+b%2F%3f\"", "a b/?"},
      {"b64enc \"hello\"", "aGVsbG8="},
      {"b64enc \"\"", ""},
      {"b64dec \"aGVsbG8=\"", "hello"},
      {"b64dec (b64enc \"\\x00\\xff\u00e9\") | printf \"%x\"", "00ffc3a9"},
  });
  expect_failures({{"urldecode \"%zz\"", "invalid URL escape"},
                   {"urldecode \"%4\"", "invalid URL escape"},
                   {"b64dec \"a\"", "illegal base64"},
                   {"b64dec \"====\"", "illegal base64"},
                   {"b64dec \"a=bc\"", "illegal base64"}});
}

TEST(TemplateFunctions, Units) {
  expect_all({
      {"bytes \"2KiB\"", "2048"},
      {"bytes \"1.5 MB\"", "1.5e+06"},
      {"duration \"1m30s\"", "90"},
      {"duration_seconds \"250ms\"", "0.25"},
  });
  expect_failures({{"bytes \"x\"", "no size"}, {"duration \"x\"", "no duration"}});
}

TEST(TemplateFunctions, WholeNumbers) {
  expect_all({
      {"int \"42\"", "42"},
      {"int \"-0x10\"", "-16"},
      {"int 3.9", "3"},
      {"int -3.9", "-3"},
      {"int \"3.9\"", "3"},
      {"int \"x\"", "0"},
      {"int \"\"", "0"},
      {"int 1e300", "9223372036854775807"},
      {"int true", "1"},
      {"add 1 2 \"3\"", "6"},
      {"add 9223372036854775807 1", "-9223372036854775808"},
      {"sub 5 2", "3"},
      {"mul 2 3 4", "24"},
      {"div 7 2", "3"},
      {"div -9223372036854775808 -1", "-9223372036854775808"},
      {"mod 7 3", "1"},
      {"mod -9223372036854775808 -1", "0"},
      {"max 1 3 2", "3"},
      {"min 3 1 2", "1"},
  });
}

TEST(TemplateFunctions, Floats) {
  expect_all({
      {"float64 \"1.5\"", "1.5"},
      {"float64 \"x\"", "0"},
      {"addf 1.5 2 3", "6.5"},
      {"subf 7.5 2 3", "2.5"},
      {"mulf 1.5 2", "3"},
      {"divf 7 2", "3.5"},
      {"maxf 1.5 2.5", "2.5"},
      {"minf 1.5 2.5", "1.5"},
      {"ceil 1.2", "2"},
      {"floor 1.8", "1"},
      {"round 123.5555 3", "123.556"},
      {"round 123.5555 3 0.6", "123.555"},
      {"round -1.5 0", "-2"},
      {"round 1e300 300", "1e+300"},
  });
}

TEST(TemplateFunctions, Times) {
  expect_all({
      {"now | unixEpoch", "1700000001"},
      {"unixEpoch __timestamp__", "1700000000"},
      {"unixEpochMillis __timestamp__", "1700000000123"},
      {"unixEpochNanos __timestamp__", "1700000000123456789"},
      {"(__timestamp__).Unix", "1700000000"},
      {"__timestamp__.UnixMilli", "1700000000123"},
      {"(__timestamp__).UnixNano", "1700000000123456789"},
      {"(__timestamp__).Format \"2006\"", "2023"},
      {"unixToTime \"19675\"", "2023-11-14 00:00:00 +0000 UTC"},
      {"unixToTime \"1700000000\"", "2023-11-14 22:13:20 +0000 UTC"},
      {"unixToTime \"1700000000123\"", "2023-11-14 22:13:20.123 +0000 UTC"},
      {"unixToTime \"1700000000123456\"", "2023-11-14 22:13:20.123456 +0000 UTC"},
      {"unixToTime \"1700000000123456789\"", "2023-11-14 22:13:20.123456789 +0000 UTC"},
      {"(unixToTime \"1700000000\").Unix", "1700000000"},
  });
  expect_failures({{"unixToTime \"123\"", "unable to parse"},
                   {"unixToTime \"abcde\"", "unable to parse"},
                   {"unixToTime \"9999999999\"", "out of range"},
                   {"unixToTime \"9999999999999999999\"", "out of range"},
                   {"date \"2006\" \"x\"", "expected time.Time"},
                   {"__timestamp__.Nope", "can't evaluate field Nope"}});
}

TEST(TemplateFunctions, DateLayouts) {
  expect_all({
      {"__timestamp__ | date \"2006-01-02T15:04:05.00Z-07:00\"", "2023-11-14T22:13:20.12Z+00:00"},
      {"__timestamp__ | date \"2006-01-02T15:04:05Z07:00\"", "2023-11-14T22:13:20Z"},
      {"__timestamp__ | date \"2006-01-02T15:04:05.999999999Z07:00\"",
       "2023-11-14T22:13:20.123456789Z"},
      {"__timestamp__ | date \"Jan 2, 2006 at 3:04pm (MST)\"", "Nov 14, 2023 at 10:13pm (UTC)"},
      {"__timestamp__ | date \"Monday, 02-Jan-06 15:04:05 MST\"",
       "Tuesday, 14-Nov-23 22:13:20 UTC"},
      {"__timestamp__ | date \"Mon Jan _2 15:04:05 2006\"", "Tue Nov 14 22:13:20 2023"},
      {"__timestamp__ | date \"03 PM 1/2 002 .000 ,999\"", "10 PM 11/14 318 .123 ,123"},
      {"__timestamp__ | date \"January Janet -0700 -07\"", "November Janet +0000 +00"},
      {"date \"2006\" 0", "1970"},
  });
}

TEST(TemplateFunctions, ReadsDates) {
  expect_all({
      {"toDate \"2006-01-02\" \"2024-02-29\"", "2024-02-29 00:00:00 +0000 UTC"},
      {"toDate \"2006-01-02T15:04:05Z07:00\" \"2024-02-29T01:02:03.5+02:00\" | unixEpochMillis",
       "1709161323500"},
      {"toDate \"2006-01-02T15:04:05Z07:00\" \"2024-02-29T01:02:03Z\"",
       "2024-02-29 01:02:03 +0000 UTC"},
      {"toDate \"Jan _2 2006 3:04:05PM\" \"Mar  7 2024 12:04:05AM\"",
       "2024-03-07 00:04:05 +0000 UTC"},
      {"toDate \"02/Jan/2006:15:04:05 -0700\" \"07/Mar/2024:10:04:05 -0130\"",
       "2024-03-07 10:04:05 -0130 -0130"},
      {"toDate \"2006-01-02 MST\" \"2024-03-07 CET\"", "2024-03-07 00:00:00 +0000 CET"},
      {"toDateInZone \"2006-01-02 15\" \"+02:00\" \"2024-03-07 10\"",
       "2024-03-07 10:00:00 +0200 +0200"},
      {"toDateInZone \"2006-01-02\" \"UTC\" \"2024-03-07\" | unixEpoch", "1709769600"},
      {"toDateInZone \"2006-01-02\" \"Local\" \"1969-12-31\" | unixEpoch", "-86400"},
      {"(toDate \"2006-01-02 15:04:05\" \"1969-12-31 23:59:59.5\").Unix", "-1"},
  });
  expect_failures({{"toDate \"2006-01-02\" \"2023-02-29\"", "is no time in the layout"},
                   {"toDate \"2006-01-02\" \"2024-13-01\"", "is no time in the layout"},
                   {"toDate \"2006-01-02\" \"2024-03-07x\"", "is no time in the layout"},
                   {"toDate \"2006-01-02\" \"9999-01-01\"", "is no time in the layout"},
                   {"toDate \"2006 3PM\" \"2024 13PM\"", "is no time in the layout"},
                   {"toDateInZone \"2006\" \"Mars/Base\" \"2024\"", "unknown time zone"}});
}

}  // namespace
}  // namespace livedata::query::text_template
