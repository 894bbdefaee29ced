#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/explore/detected_fields.h"

namespace livedata::query::explore {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

StreamRef web_stream() {
  return std::make_shared<const Stream>(Labels(std::vector<Label>{{"app", "web"}}));
}

LogRow row(std::string line, std::vector<Label> metadata = {}, std::vector<Label> parsed = {}) {
  return {web_stream(), 1, std::move(line), std::move(metadata), std::move(parsed)};
}

std::vector<std::string> names(const std::map<std::string, DetectedField>& fields) {
  std::vector<std::string> out;
  for (const auto& [name, field] : fields) out.push_back(name);
  return out;
}

TEST(DetectedFields, TypesOfValues) {
  struct Case {
    const char* value;
    const char* type;
  };
  for (const Case& c :
       {Case{"12", "int"}, Case{"-3", "int"}, Case{"0", "int"}, Case{"1.5", "float"},
        Case{"1e3", "float"}, Case{"true", "boolean"}, Case{"false", "boolean"},
        Case{"True", "string"}, Case{"250ms", "duration"}, Case{"1h30m", "duration"},
        Case{"5KiB", "bytes"}, Case{"1.5MB", "bytes"}, Case{"10.0.0.1", "string"},
        Case{"", "string"}, Case{"12 apples", "string"}, Case{"-", "string"}}) {
    const auto fields = detect_fields({row("", {{"f", c.value}})});
    ASSERT_THAT(names(fields), ElementsAre("f"));
    EXPECT_EQ(name(fields.at("f").kind), c.type) << c.value;
    EXPECT_THAT(fields.at("f").values, ElementsAre(c.value));
  }
}

TEST(DetectedFields, KindsOfSeveralValuesAreMerged) {
  struct Case {
    std::vector<std::string> values;
    FieldKind kind;
  };
  for (const Case& c :
       {Case{{"1", "2"}, FieldKind::kInt}, Case{{"1", "2.5"}, FieldKind::kFloat},
        Case{{"2.5", "1"}, FieldKind::kFloat}, Case{{"1", "x"}, FieldKind::kString},
        Case{{"1", "2s"}, FieldKind::kString}, Case{{"x", "1"}, FieldKind::kString},
        Case{{"1", "x", "1"}, FieldKind::kString}, Case{{"1s", "2h"}, FieldKind::kDuration},
        Case{{"true", "1"}, FieldKind::kString}}) {
    std::vector<LogRow> rows;
    for (const std::string& value : c.values) rows.push_back(row("", {{"f", value}}));
    EXPECT_EQ(detect_fields(rows).at("f").kind, c.kind) << testing::PrintToString(c.values);
  }
}

TEST(DetectedFields, TellsWhichParserFindsAField) {
  const auto fields = detect_fields({row(R"({"both":1,"j":2})", {{"meta", "m"}}), row("both=1 l=2"),
                                     row("plain", {}, {{"stage", "s"}, {"__error__", "E"}})});
  EXPECT_THAT(names(fields), ElementsAre("both", "j", "l", "meta", "stage"));
  EXPECT_THAT(fields.at("both").parsers, ElementsAre("json", "logfmt"));
  EXPECT_THAT(fields.at("j").parsers, ElementsAre("json"));
  EXPECT_THAT(fields.at("l").parsers, ElementsAre("logfmt"));
  EXPECT_THAT(fields.at("meta").parsers, IsEmpty());
  EXPECT_THAT(fields.at("stage").parsers, IsEmpty());
}

TEST(DetectedFields, JsonMembersByPath) {
  const auto fields = detect_fields(
      {row(R"(  {"a":{"b c":{"d":"x\ty"}},"e":[1,{"f":2}],"n":null,"t":true,"\u00e4":1,"2x":3})")});
  EXPECT_THAT(names(fields), ElementsAre("_", "_2x", "a_b_c_d", "t"));
  EXPECT_THAT(fields.at("a_b_c_d").json_path, ElementsAre("a", "b c", "d"));
  EXPECT_THAT(fields.at("a_b_c_d").values, ElementsAre("x\ty"));
  EXPECT_THAT(fields.at("_2x").json_path, ElementsAre("2x"));
  EXPECT_THAT(fields.at("t").json_path, ElementsAre("t"));
  EXPECT_EQ(fields.at("t").kind, FieldKind::kBoolean);
}

TEST(DetectedFields, NamesOfTheStreamsLabelsAreExtracted) {
  for (const char* line : {R"({"app":"inner"})", "app=inner"}) {
    const auto fields = detect_fields({row(line)});
    ASSERT_THAT(names(fields), ElementsAre("app_extracted")) << line;
    EXPECT_THAT(fields.at("app_extracted").values, ElementsAre("inner"));
  }
}

TEST(DetectedFields, BrokenJsonGivesWhatComesBefore) {
  const std::string line = R"({"a":{"b":{"c":1}},"d":"x","e":{"f":[1,2],"g":2.5}})";
  const auto whole = detect_fields({row(line)});
  EXPECT_THAT(names(whole), ElementsAre("a_b_c", "d", "e_g"));
  for (std::size_t size = 1; size < line.size(); ++size) {
    for (const auto& [name, field] : detect_fields({row(line.substr(0, size))})) {
      ASSERT_TRUE(whole.contains(name)) << line.substr(0, size) << ": " << name;
      EXPECT_EQ(field.json_path, whole.at(name).json_path);
    }
  }
}

TEST(DetectedFields, FieldsAndTheirValuesAreBounded) {
  std::vector<LogRow> rows;
  for (int i = 0; i < 1500; ++i)
    rows.push_back(row("", {{"f" + std::to_string(i % 1200), "v"}, {"many", std::to_string(i)}}));
  const auto fields = detect_fields(rows);
  EXPECT_EQ(fields.size(), 1000U);
  EXPECT_EQ(fields.at("many").values.size(), 1000U);
}

}  // namespace
}  // namespace livedata::query::explore
