#include <map>
#include <random>

#include <gtest/gtest.h>

#include "model/label_matcher.h"
#include "model/record_batch.h"
#include "model/service_name.h"
#include "model/tenant_id.h"

namespace livedata {
namespace {

TEST(LabelsTest, AreSortedUniqueAndWithoutEmptyValues) {
  const Labels labels(std::vector<Label>{{"b", "1"}, {"a", "x"}, {"b", "2"}, {"c", ""}});
  EXPECT_EQ(labels.to_string(), R"({a="x", b="2"})");
  EXPECT_EQ(labels.get("b"), "2");
  EXPECT_EQ(labels.get("c"), "");
  EXPECT_FALSE(labels.has("c"));
}

TEST(LabelsTest, SetReplacesAddsAndRemoves) {
  Labels labels(std::vector<Label>{{"b", "1"}});
  labels.set("a", "2");
  labels.set("b", "3");
  EXPECT_EQ(labels.to_string(), R"({a="2", b="3"})");
  labels.set("a", "");
  EXPECT_EQ(labels.to_string(), R"({b="3"})");
}

TEST(StreamIdTest, TellsLabelSetsApart) {
  const auto id = [](std::vector<Label> labels) { return stream_id(Labels(std::move(labels))); };
  EXPECT_EQ(id({{"a", "1"}, {"b", "2"}}), id({{"b", "2"}, {"a", "1"}}));
  EXPECT_NE(id({{"a", "bc"}}), id({{"ab", "c"}}));
  EXPECT_NE(id({{"a", "1"}, {"b", "2"}}), id({{"a", "1b2"}}));
}

TEST(LabelNameTest, KnowsGoodNamesAndMendsOthers) {
  EXPECT_TRUE(is_label_name("_a9"));
  for (const char* name : {"", "9a", "a-b", "a b", "\u00e4"})
    EXPECT_FALSE(is_label_name(name)) << name;
  EXPECT_EQ(sanitized_label_name("9http.status-code"), "_9http_status_code");
  EXPECT_EQ(sanitized_label_name("\x80\xb5"
                                 "9"),
            "_9");
  EXPECT_EQ(sanitized_label_name("\x80"), "_");
  EXPECT_EQ(sanitized_label_name(""), "_");
}

TEST(LabelMatcherTest, RegexesMatchTheWholeValueAndAbsentIsEmpty) {
  const auto matches = [](MatchOp op, const char* value, const char* text) {
    return LabelMatcher::make("a", op, value)->matches(std::string_view(text));
  };
  EXPECT_TRUE(matches(MatchOp::kRegex, "we.", "web"));
  EXPECT_FALSE(matches(MatchOp::kRegex, "we", "web"));
  EXPECT_TRUE(matches(MatchOp::kNotRegex, "we", "web"));
  EXPECT_TRUE(matches(MatchOp::kRegex, "a.b", "a\nb"));
  EXPECT_TRUE(LabelMatcher::make("absent", MatchOp::kNotEqual, "x")->matches(Labels()));
  EXPECT_FALSE(LabelMatcher::make("a", MatchOp::kRegex, "(").has_value());
}

TEST(ServiceNameTest, ComesFromTheFirstUsualLabel) {
  Labels labels(std::vector<Label>{{"job", "j"}, {"app", "a"}});
  discover_service_name(labels);
  EXPECT_EQ(labels.get("service_name"), "a");
  Labels none(std::vector<Label>{{"x", "y"}});
  discover_service_name(none);
  EXPECT_EQ(none.get("service_name"), "unknown_service");
}

TEST(TenantIdTest, IsASafeFolderName) {
  EXPECT_TRUE(TenantId::parse("team-1_x.y").has_value());
  for (const char* text : {"", ".", "..", ".x", "a/b", "a b", "a\\b"})
    EXPECT_FALSE(TenantId::parse(text).has_value()) << text;
  EXPECT_FALSE(TenantId::parse(std::string(65, 'a')).has_value());
}

// Oracle: records kept one by one.
TEST(RecordBatchTest, KeepsWhatANaiveListKeeps) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 100; ++round) {
    RecordBatch batch;
    RecordBatch copy;
    std::vector<std::map<std::string, std::string>> expected;
    for (std::uint64_t n = random() % 50; n > 0; --n) {
      const std::string value = std::to_string(random() % 7);
      std::vector<Field> fields;
      std::map<std::string, std::string> record{{"line", "l" + value}, {"app", value}};
      if (random() % 2 == 0) fields.push_back({"text", std::string_view(value)});
      if (random() % 2 == 0) fields.push_back({"number", static_cast<std::int64_t>(random() % 9)});
      if (random() % 3 == 0)
        fields.push_back({"mixed", random() % 2 == 0 ? FieldValue(true) : FieldValue(0.5)});
      if (random() % 5 == 0) fields.push_back({"text", std::string_view("twice")});
      for (const Field& field : fields)
        record.try_emplace(std::string(field.name), to_string(field.value));
      batch.add(batch.add_stream(Labels(std::vector<Label>{{"app", value}})),
                static_cast<TimestampNs>(random() % 100), record["line"], fields);
      expected.push_back(record);
    }
    copy.add_all(batch);
    for (const RecordBatch* checked : {&batch, &copy}) {
      ASSERT_EQ(checked->num_rows(), expected.size());
      for (RowIndex row = 0; row < expected.size(); ++row) {
        std::map<std::string, std::string> got{
            {"line", std::string(checked->line(row))},
            {"app", std::string(checked->stream(row).labels.get("app"))}};
        for (const Field& field : checked->fields(row))
          got.emplace(field.name, to_string(field.value));
        ASSERT_EQ(got, expected[row]);
        ASSERT_EQ(checked->timestamps()[row], batch.timestamps()[row]);
      }
    }
  }
}

}  // namespace
}  // namespace livedata
