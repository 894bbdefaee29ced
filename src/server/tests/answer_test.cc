#include "server/api/loki/answer.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::server::loki {
namespace {

using query::LogRow;
using query::LogRows;
using query::Matrix;
using query::QueryAnswer;
using query::Scalar;
using query::Series;
using query::Vector;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr TimestampNs kTime = 1'700'000'000 * kNsPerSecond;

Labels labels(std::vector<Label> list) { return Labels(std::move(list)); }

StreamRef stream(std::vector<Label> list) {
  return std::make_shared<const Stream>(labels(std::move(list)));
}

/// The text from "resultType" up to the statistics.
std::string result_of(const QueryAnswer& answer, LabelForm form = LabelForm::kFolded) {
  const std::string text = encode_answer(answer, form);
  const std::size_t begin = text.find(R"("resultType")");
  return text.substr(begin, text.find(R"(,"stats":)") - begin);
}

std::string streams_of(const std::vector<LogRow>& rows, LabelForm form) {
  JsonWriter json;
  write_streams(rows, form, json);
  return json.take();
}

std::vector<LogRow> example_rows() {
  const StreamRef web = stream({{"app", "web"}});
  return {LogRow{web, 3, "three", {{"trace", "t1"}}, {{"level", "info"}}},
          LogRow{stream({{"app", "db"}}), 2, "two\n\"q\"", {}, {}},
          LogRow{web, 1, "one", {{"trace", "t1"}}, {{"level", "info"}}},
          LogRow{web, 0, "", {}, {}}};
}

TEST(Answer, FoldedStreamsAreTheirLabelsTogether) {
  EXPECT_EQ(
      streams_of(example_rows(), LabelForm::kFolded),
      R"([{"stream":{"app":"web","level":"info","trace":"t1"},"values":[["3","three"],["1","one"]]},)"
      R"({"stream":{"app":"db"},"values":[["2","two\n\"q\""]]},)"
      R"({"stream":{"app":"web"},"values":[["0",""]]}])");
}

TEST(Answer, CategorizedStreamsKeepTheCategoriesApart) {
  EXPECT_EQ(streams_of(example_rows(), LabelForm::kCategorized),
            R"([{"stream":{"app":"web"},"values":[)"
            R"(["3","three",{"structuredMetadata":{"trace":"t1"},"parsed":{"level":"info"}}],)"
            R"(["1","one",{"structuredMetadata":{"trace":"t1"},"parsed":{"level":"info"}}],)"
            R"(["0","",{}]]},)"
            R"({"stream":{"app":"db"},"values":[)"
            R"(["2","two\n\"q\"",{}]]}])");
  const QueryAnswer answer{LogRows{example_rows()}, {}};
  EXPECT_THAT(encode_answer(answer, LabelForm::kCategorized),
              HasSubstr(R"("encodingFlags":["categorize-labels"])"));
  EXPECT_THAT(encode_answer(answer, LabelForm::kFolded), Not(HasSubstr("encodingFlags")));
  EXPECT_THAT(encode_answer({Matrix{}, {}}, LabelForm::kCategorized),
              Not(HasSubstr("encodingFlags")));
}

TEST(Answer, OfMetrics) {
  const Labels app = labels({{"app", "a\"b"}});
  struct Case {
    QueryAnswer answer;
    std::string expected;
  };
  const double infinity = std::numeric_limits<double>::infinity();
  for (
      const Case& c : {
          Case{{Matrix{{Series{app, {{kTime, 1}, {kTime + kNsPerSecond / 2, 0.25}}}}}, {}},
               R"("resultType":"matrix","result":[{"metric":{"app":"a\"b"},)"
               R"("values":[[1700000000,"1"],[1700000000.500,"0.25"]]}])"},
          Case{
              {Vector{{Series{app, {{kTime, 1e21}}}, Series{{}, {{kTime, -infinity}}}}}, {}},
              R"("resultType":"vector","result":[{"metric":{"app":"a\"b"},)"
              R"("value":[1700000000,"1000000000000000000000"]},{"metric":{},"value":[1700000000,"-Inf"]}])"},
          Case{{Scalar{{kTime, std::numeric_limits<double>::quiet_NaN()}}, {}},
               R"("resultType":"scalar","result":[1700000000,"NaN"])"},
      }) {
    EXPECT_EQ(result_of(c.answer), c.expected);
  }
}

TEST(Answer, EmptyResultsAreEmptyArrays) {
  EXPECT_EQ(result_of({LogRows{}, {}}), R"("resultType":"streams","result":[])");
  EXPECT_EQ(result_of({Matrix{}, {}}), R"("resultType":"matrix","result":[])");
  EXPECT_EQ(result_of({Vector{}, {}}), R"("resultType":"vector","result":[])");
  const Labels app = labels({{"app", "a"}});
  EXPECT_EQ(result_of({Matrix{{Series{app, {}}}}, {}}), R"("resultType":"matrix","result":[])");
  EXPECT_EQ(result_of({Vector{{Series{app, {}}}}, {}}), R"("resultType":"vector","result":[])");
}

TEST(Answer, WarningsAndThePlanOnlyWhereThereAreSome) {
  QueryAnswer answer{LogRows{}, {}};
  const std::string plain = encode_answer(answer, LabelForm::kFolded);
  EXPECT_THAT(plain, StartsWith(R"({"status":"success","data":{"resultType")"));
  EXPECT_THAT(plain, Not(HasSubstr("warnings")));
  EXPECT_THAT(plain, Not(HasSubstr("explain")));
  answer.stats.warnings = {"one", "t\"wo"};
  answer.stats.explains = true;
  answer.stats.plan = {{"read", 10, 5, 100}};
  const std::string full = encode_answer(answer, LabelForm::kFolded);
  EXPECT_THAT(full, testing::EndsWith(R"(},"warnings":["one","t\"wo"]})"));
  EXPECT_THAT(full,
              HasSubstr(R"("explain":[{"step":"read","rowsIn":10,"rowsOut":5,"bytes":100}])"));
}

TEST(Answer, Statistics) {
  QueryAnswer answer{LogRows{}, {}};
  answer.stats.bytes_processed = 1000;
  answer.stats.exec_seconds = 0.5;
  const std::string text = encode_answer(answer, LabelForm::kFolded);
  EXPECT_THAT(text, HasSubstr(R"("bytesProcessedPerSecond":2000)"));
  EXPECT_THAT(text, HasSubstr(R"("totalBytesProcessed":1000)"));
  EXPECT_THAT(text, HasSubstr(R"("execTime":0.5)"));
}

TEST(Answer, Lists) {
  EXPECT_EQ(encode_labels(labels({{"b", "2"}, {"a", "\n"}})), R"({"a":"\n","b":"2"})");
  EXPECT_EQ(encode_strings({}), R"({"status":"success","data":[]})");
  EXPECT_EQ(encode_strings({"b", "a"}), R"({"status":"success","data":["b","a"]})");
  EXPECT_EQ(encode_label_sets({labels({{"a", "b"}}), Labels()}),
            R"({"status":"success","data":[{"a":"b"},{}]})");
}

}  // namespace
}  // namespace livedata::server::loki
