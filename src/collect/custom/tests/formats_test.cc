#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/custom/nagios_output.h"
#include "collect/custom/tests/readings_of.h"

namespace livedata::collect::custom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using LeftOut = Readings::LeftOut;

std::vector<std::string> json(std::string text) {
  return shown(read(OutputFormat::kJson, std::move(text)));
}
std::vector<std::string> logfmt(std::string text) {
  return shown(read(OutputFormat::kLogfmt, std::move(text)));
}
std::vector<std::string> nagios(std::string text, int exit_code = 0) {
  return shown(read(OutputFormat::kNagios, std::move(text), exit_code));
}

TEST(JsonLinesTest, NumbersAndTextsOfEachLine) {
  EXPECT_THAT(
      json(R"({"queue":"mail","length":5,"oldest_seconds":1.5,"paused":false,"none":null,"a":[1]}

{"queue":"fax","size":{"bytes":12,"unit":"B"}}
{"only":"texts"}
)"),
      ElementsAre("|queue=mail,|length=5,oldest_seconds=1.5,paused=false,",
                  "|queue=fax,size_unit=B,|size_bytes=12,"));
}

TEST(JsonLinesTest, ADocumentOfSeveralLines) {
  EXPECT_THAT(json("[\n  {\"a\": 1},\n  {\"a\": 2}\n]\n"), ElementsAre("||a=1,", "||a=2,"));
  EXPECT_THAT(json("{\n  \"a\": {\n  \"b\": 1}\n}\n"), ElementsAre("||a_b=1,"));
  EXPECT_THAT(json("[{\"a\":1},{\"a\":2}]"), ElementsAre("||a=1,", "||a=2,"));
}

TEST(JsonLinesTest, WrongLinesAreLeftOutAlone) {
  const Readings readings = read(OutputFormat::kJson, "{\"a\":1}\nnot json\n[1]\n{\"a\":2}\n");
  EXPECT_THAT(shown(readings), ElementsAre("||a=1,", "||a=2,"));
  EXPECT_EQ(readings.left_out(LeftOut::kNotUnderstood), 2U);
  EXPECT_THAT(readings.first_mistake(), HasSubstr("line 2: "));
  EXPECT_EQ(read(OutputFormat::kJson, "[1,{\"a\":1}]").left_out(LeftOut::kNotUnderstood), 1U);
}

TEST(JsonLinesTest, AWideObjectIsLeftOutBeforeItIsCopied) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += fmt::format("\"{}\":1,", i);
  text.back() = '}';
  const Readings readings = read(OutputFormat::kJson, text, 0, {.max_series = 10});
  EXPECT_TRUE(readings.empty());
  EXPECT_EQ(readings.left_out(LeftOut::kTooManySeries), 11U);
  std::string deep = "{\"" + std::string(100'000, 'x') + "\":{";
  for (int i = 0; i < 5000; ++i) deep += fmt::format("\"{}\":1,", i);
  deep.back() = '}';
  deep += '}';
  EXPECT_EQ(read(OutputFormat::kJson, deep).left_out(LeftOut::kLabelTooLong), 1001U);
  EXPECT_EQ(read(OutputFormat::kJson, "{\"" + std::string(300, 'x') + "\":1}")
                .left_out(LeftOut::kLabelTooLong),
            1U);
}

TEST(LogfmtLinesTest, NumbersAndTextsOfEachLine) {
  EXPECT_THAT(logfmt("queue=mail length=5 oldest=1.5 share=-0.25 up=true name=\"a b\" id=12ms\n\n"
                     "x=nan y=inf z=1e3 w=0x10\n"),
              ElementsAre("|queue=mail,name=a b,id=12ms,|length=5,oldest=1.5,share=-0.25,up=true,",
                          "|x=nan,y=inf,w=0x10,|z=1000,"));
  const Readings readings = read(OutputFormat::kLogfmt, "a=1\nno pairs\n");
  EXPECT_THAT(shown(readings), ElementsAre("||a=1,"));
  EXPECT_EQ(readings.left_out(LeftOut::kNotUnderstood), 1U);
}

// The examples of https://www.monitoring-plugins.org/doc/guidelines.html and of Nagios' plugin API.
TEST(NagiosOutputTest, TextAndPerformanceData) {
  EXPECT_THAT(nagios("DISK OK - free space: / 3326 MB (56%);\n"),
              ElementsAre("DISK OK - free space: / 3326 MB (56%);||status=0,"));
  EXPECT_THAT(nagios("DISK OK - free space: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968\n", 1),
              ElementsAre("DISK OK - free space: / 3326 MB (56%);||status=1,__bytes=2771386368,"
                          "__bytes_warning=6236930048,__bytes_critical=6247415808,__bytes_min=0,"
                          "__bytes_max=6257901568,"));
  EXPECT_THAT(nagios(R"(DISK OK - free space: / 3326 MB (56%); | a=2
/ 15272 MB (77%);
/boot 68 MB (69%); | b=68%;88;93;0;98
'home dir'=69357ms;253404;
c=7c
)"),
              ElementsAre("DISK OK - free space: / 3326 MB (56%);||status=0,a=2,b_percent=68,"
                          "b_percent_warning=88,b_percent_critical=93,b_percent_min=0,"
                          "b_percent_max=98,home_dir_seconds=69.357,home_dir_seconds_warning="
                          "253.404,c_total=7,"));
}

TEST(NagiosOutputTest, RangesAndOddities) {
  EXPECT_THAT(nagios("PING OK|rta=1.5ms;10:20;~:30;;"),
              ElementsAre("PING OK||status=0,rta_seconds=0.0015,rta_seconds_warning=0.02,"
                          "rta_seconds_critical=0.03,"));
  EXPECT_THAT(nagios("OK|a=1;@5;5:;;"), ElementsAre("OK||status=0,a=1,a_warning=5,a_critical=5,"));
  EXPECT_THAT(nagios("OK|a=U;1;2 b 'c d'=3 =4 e='5' 'f''g'=6 h=1x i=+7 j=inf 'open=1"),
              ElementsAre("OK||status=0,c_d=3,f__g=6,h=1,i=7,"));
  EXPECT_THAT(nagios("", 3), ElementsAre("||status=3,"));
  EXPECT_THAT(nagios("|||", 2), ElementsAre("||status=2,"));
}

TEST(OutputFormatTest, TheFirstLineTells) {
  EXPECT_EQ(detect_format("\n# HELP a b\na 1\n"), OutputFormat::kPrometheus);
  EXPECT_EQ(detect_format("a{x=\"1\"} 1\n"), OutputFormat::kPrometheus);
  EXPECT_EQ(detect_format("load 0.5"), OutputFormat::kPrometheus);
  EXPECT_EQ(detect_format("{\"my.metric\"} 0.5"), OutputFormat::kPrometheus);
  EXPECT_EQ(detect_format("{\"a\": 1}\n"), OutputFormat::kJson);
  EXPECT_EQ(detect_format("  [\n{\"a\": 1}]\n"), OutputFormat::kJson);
  EXPECT_EQ(detect_format("a=1 b=\"x\"\n"), OutputFormat::kLogfmt);
  EXPECT_EQ(detect_format("DISK OK - a=1"), OutputFormat::kNagios);
  EXPECT_EQ(detect_format("CRITICAL: gone"), OutputFormat::kNagios);
  EXPECT_EQ(detect_format("fine|time=1s"), OutputFormat::kNagios);
  EXPECT_EQ(detect_format("TOKEN a=1"), OutputFormat::kLogfmt);
  EXPECT_EQ(detect_format("hello world"), OutputFormat::kAuto);
  EXPECT_EQ(detect_format(""), OutputFormat::kAuto);
  Readings unknown("hello world\n", {});
  ASSERT_FALSE(read_output(OutputFormat::kAuto, 0, unknown).has_value());
  Readings nothing(" \n", {});
  EXPECT_TRUE(read_output(OutputFormat::kAuto, 0, nothing).has_value());
}

TEST(OutputFormatTest, AnyBytesAreReadToTheirEnd) {
  const std::vector<std::string> seeds = {
      "{\"a\":{\"b\":1.5,\"c\":\"x\"}}\n{\"a\":true}\n[1]\n", "a=1 b=\"x\\\"y\" c=-2.5 d=true\n",
      "DISK WARNING - x | 'a b'=1ms;2:3;@4;~:5;6 c=7%\nlong | d=8\ne=9\n", "a{b=\"c\"} 1 2\n"};
  std::mt19937_64 random(11);  // NOLINT: the same each time
  for (int round = 0; round < 8000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (std::size_t n = 1 + random() % 5; n > 0; --n)
      text[random() % text.size()] = static_cast<char>(random());
    text.resize(random() % (text.size() + 1));
    for (const OutputFormat format :
         {OutputFormat::kPrometheus, OutputFormat::kJson, OutputFormat::kLogfmt,
          OutputFormat::kNagios, detect_format(text)}) {
      const Readings readings = read(format, text, 1, {.max_series = 4, .max_label_bytes = 8});
      EXPECT_LE(readings.num_series(), 4U);
    }
  }
}

}  // namespace
}  // namespace livedata::collect::custom
