#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "ingest/json_time.h"
#include "ingest/values/field_name.h"
#include "ingest/values/json.h"
#include "ingest/values/json_fields.h"

namespace livedata::ingest {
namespace {

using livedata_yyjson::yyjson_doc_get_root;
using livedata_yyjson::yyjson_obj_iter_get_val;
using livedata_yyjson::yyjson_obj_iter_next;
using livedata_yyjson::yyjson_obj_iter_with;
using testing::ElementsAre;

constexpr TimestampNs kTime = 1'700'000'000 * kNsPerSecond;

Result<TimestampNs> json_time(const std::string& json) {
  const auto document = parse_json(json);
  EXPECT_TRUE(document.has_value()) << json;
  return time_of_json(yyjson_doc_get_root(document->get()));
}

TEST(JsonTime, TakesEveryUsualForm) {
  for (const char* json :
       {"1700000000", "1700000000000", "1700000000000000", "1700000000000000000", "1700000000.0",
        "1700000000000.0", "\"1700000000\"", "\"1700000000000\"", "\"1700000000.000\"",
        "\"1700000000000000000\"", "\"2023-11-14T22:13:20Z\"", "\"2023-11-14T23:13:20+01:00\"",
        "\"2023-11-14 22:13:20Z\"", "1.7e9", "\"1.7e9\"", "\"1.7E12\""}) {
    const auto time = json_time(json);
    ASSERT_TRUE(time.has_value()) << json;
    EXPECT_EQ(*time, kTime) << json;
  }
}

TEST(JsonTime, KeepsFractions) {
  EXPECT_EQ(*json_time("1700000000.123"), kTime + 123'000'000);
  EXPECT_EQ(*json_time("1700000000.123456"), kTime + 123'456'000);
  EXPECT_EQ(*json_time("\"1700000000.123456789\""), kTime + 123'456'789);
  EXPECT_EQ(*json_time("\"1700000000.1234567891\""), kTime + 123'456'789);
  EXPECT_EQ(*json_time("1700000000123.5"), kTime + 123'500'000);
  EXPECT_EQ(*json_time("\"1700000000123.5\""), kTime + 123'500'000);
  EXPECT_EQ(*json_time("\"1700000000123456.5\""), kTime + 123'456'500);
  EXPECT_EQ(*json_time("1700000000123456789"), kTime + 123'456'789);
  EXPECT_EQ(*json_time("-1.5"), -1'500'000'000);
  EXPECT_EQ(*json_time("\"-1.5\""), -1'500'000'000);
  EXPECT_EQ(*json_time("0"), 0);
}

TEST(JsonTime, RefusesWhatIsNone) {
  for (const char* json :
       {"null", "true", "[]", "{}", "\"\"", "\"now\"", "\"1700000000x\"", "\" 1700000000\"",
        "\"0x10\"", "\"inf\"", "\"nan\"", "\"1.2.3\"", "\"1.x\"", "\".\"", "1e300", "-1e300",
        // seconds after the year 2262
        "9300000000", "99999999999", "\"99999999999.5\"", "18446744073709551615",
        "\"18446744073709551615\"", "\"99999999999999999999999\""}) {
    EXPECT_FALSE(json_time(json).has_value()) << json;
  }
  EXPECT_FALSE(time_of_json(nullptr).has_value());
  EXPECT_TRUE(json_time("9200000000").has_value());
  EXPECT_TRUE(json_time("9223372036854775807").has_value());
}

TEST(JsonTime, TextComesBackToTheNanosecond) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 10'000; ++round) {
    const auto time = static_cast<TimestampNs>(random() % 9'000'000'000'000'000'000ULL);
    const TimestampNs seconds = time / kNsPerSecond;
    const std::string decimal = fmt::format("{}.{:09}", seconds, time % kNsPerSecond);
    ASSERT_EQ(*time_of_text(decimal), time) << decimal;
    ASSERT_EQ(*time_of_text(format_rfc3339(time)), time);
  }
}

TEST(FieldName, IsWhatLabelsAllow) {
  TextArena arena;
  for (const char* name : {"a", "a_b9", "_x"}) EXPECT_EQ(field_name(name, arena).data(), name);
  for (const char* name : {"a.b", "9a", "a b-c", "\xc3\xa9t\xc3\xa9"})
    EXPECT_EQ(field_name(name, arena), sanitized_label_name(name)) << name;
  EXPECT_EQ(field_name("", arena), "_");
  EXPECT_EQ(field_name("\x80\xbf", arena), "_");
  EXPECT_EQ(field_name(std::string(1000, 'n'), arena), std::string(256, 'n'));
  EXPECT_EQ(field_name(std::string(1000, '9'), arena).size(), 256U);
  EXPECT_EQ(kept_field_name(std::string(1000, '.'), arena, kAnyNameBytes).size(), 1000U);
}

TEST(FieldName, AnyBytesBecomeALabelsName) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string name(random() % 6, ' ');
    for (char& c : name) c = "a9_. \x80\xb5\xc3"[random() % 8];
    TextArena arena;
    const std::string_view made = field_name(name, arena);
    ASSERT_TRUE(is_label_name(made)) << testing::PrintToString(name);
    ASSERT_EQ(made, sanitized_label_name(name)) << testing::PrintToString(name);
    ASSERT_TRUE(is_label_name(field_name(name, arena, 2)));
  }
}

class JsonFieldsTest : public testing::Test {
 protected:
  /// The fields of an object as "name=value", with the type in front.
  std::vector<std::string> flatten(const std::string& json) {
    document_ = *parse_json(json);
    fields_.clear();
    auto it = yyjson_obj_iter_with(yyjson_doc_get_root(document_.get()));
    while (auto* key = yyjson_obj_iter_next(&it))
      fields_.add(json_string(key), yyjson_obj_iter_get_val(key));
    std::vector<std::string> out;
    for (const Field& field : fields_.flatten())
      out.push_back(
          fmt::format("{}:{}={}", field.value.index(), field.name, to_string(field.value)));
    return out;
  }
  Limits limits_;
  JsonDocument document_;
  JsonFields fields_{limits_};
};

TEST_F(JsonFieldsTest, FlattensAndKeepsTypes) {
  EXPECT_THAT(
      flatten(R"({"a":"x","b":{"c":1,"d":{"e":true}},"f.g":0.5,"h":[1,{"i":2}],"j":null,"k":{},
                  "9":-1,"":"","l":18446744073709551615})"),
      ElementsAre("0:a=x", "1:b_c=1", "3:b_d_e=true", "2:f_g=0.5", R"(0:h=[1,{"i":2}])", "1:_9=-1",
                  "0:_=", "2:l=1.8446744073709552e+19"));
  EXPECT_THAT(flatten("{}"), ElementsAre());
}

TEST_F(JsonFieldsTest, PlainFieldsComeFirst) {
  document_ = *parse_json(R"({"a":1})");
  fields_.clear();
  fields_.add("a", livedata_yyjson::yyjson_obj_get(yyjson_doc_get_root(document_.get()), "a"));
  fields_.add(Field{"b", fields_.keep(std::string("kept"))});
  ASSERT_EQ(fields_.flatten().size(), 2U);
  EXPECT_EQ(fields_.flatten()[0].name, "b");
  EXPECT_EQ(to_string(fields_.flatten()[0].value), "kept");
  fields_.clear();
  EXPECT_TRUE(fields_.flatten().empty());
}

TEST_F(JsonFieldsTest, DeepObjectsStayText) {
  EXPECT_THAT(flatten(R"({"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"b":1}}}}}}}}})"),
              ElementsAre("1:a_a_a_a_a_a_a_a_b=1"));
  EXPECT_THAT(flatten(R"({"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"b":1}}}}}}}}}})"),
              ElementsAre(R"(0:a_a_a_a_a_a_a_a_a={"b":1})"));
}

TEST_F(JsonFieldsTest, TooManyLeavesAreFlattenedLessDeep) {
  limits_.max_fields = 4;
  EXPECT_THAT(flatten(R"({"a":{"b":{"x":1,"y":2,"z":3},"c":4},"d":5})"),
              ElementsAre(R"(0:a_b={"x":1,"y":2,"z":3})", "1:a_c=4", "1:d=5"));
  EXPECT_THAT(flatten(R"({"a":{"v":1,"w":2,"x":3,"y":4,"z":5},"d":5})"),
              ElementsAre(R"(0:a={"v":1,"w":2,"x":3,"y":4,"z":5})", "1:d=5"));
  EXPECT_EQ(flatten(R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7})").size(), 5U);
}

TEST_F(JsonFieldsTest, WorkIsBoundedByTheLimitsOfARecord) {
  // A million leaves below names of a megabyte would be a terabyte of names.
  std::string json = "{\"" + std::string(1'000'000, 'n') + "\":{";
  for (int i = 0; i < 1'000'000; ++i) json += fmt::format("{}\"{}\":1", i == 0 ? "" : ",", i);
  json += "}}";
  EXPECT_LE(flatten(json).size(), 2U);
}

}  // namespace
}  // namespace livedata::ingest
