// Records on their way through the intake, with pipelines.
#include <gmock/gmock.h>

#include "ingest/loki/push.h"
#include "ingest/native/push.h"
#include "ingest/pipeline/compile.h"
#include "ingest/record_intake.h"

namespace livedata::ingest {
namespace {

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class PipedPushTest : public testing::Test {
 protected:
  Decoded text(const std::string& yaml, std::string_view body,
               const Labels& labels = Labels({Label{"app", "web"}})) {
    pipelines_ = pipeline::compile(yaml, "f").value();
    auto decoded = native::decode(body, native::Format::kText, labels, context("native"));
    EXPECT_TRUE(decoded.has_value());
    return *std::move(decoded);
  }

  DecodeContext context(std::string_view source) { return {limits_, kNow, source, &pipelines_}; }

  Limits limits_;
  pipeline::Pipelines pipelines_;
};

std::vector<std::string> lines_of(const RecordBatch& batch) {
  std::vector<std::string> out;
  for (RowIndex row = 0; row < batch.num_rows(); ++row) out.emplace_back(batch.line(row));
  return out;
}

TEST_F(PipedPushTest, LabelsTimeLevelAndLineAreThePipelines) {
  const Decoded decoded = text(
      "pipelines:\n  - name: a\n    stages: [json, {timestamp: ts}, {labels: [method]}, {line: "
      "msg}]\n",
      "{\"ts\":\"2023-11-14T22:13:10Z\",\"method\":\"GET\",\"msg\":\"one\",\"level\":\"warning\","
      "\"n\":5}\n"
      "{\"ts\":\"2023-11-14T22:13:11Z\",\"method\":\"PUT\",\"msg\":\"two\"}\n"
      "{\"ts\":\"2023-11-14T22:13:12Z\",\"method\":\"GET\",\"msg\":\"error three\"}\n");
  const RecordBatch& batch = decoded.batch;
  EXPECT_THAT(lines_of(batch), testing::ElementsAre("one", "two", "error three"));
  EXPECT_EQ(batch.timestamps()[0], kNow - 10 * kNsPerSecond);
  ASSERT_EQ(batch.streams().size(), 2U);
  EXPECT_EQ(batch.stream(0).labels.to_string(), R"({app="web", method="GET", service_name="web"})");
  EXPECT_EQ(batch.stream_ordinals()[0], batch.stream_ordinals()[2]);
  EXPECT_EQ(to_string(*batch.field(0, "detected_level")), "warn");
  EXPECT_EQ(to_string(*batch.field(2, "detected_level")), "error");
  EXPECT_EQ(std::get<std::int64_t>(*batch.field(0, "n")), 5);
  EXPECT_FALSE(batch.field(0, "method").has_value());
}

TEST_F(PipedPushTest, AGuessedServiceNameIsGuessedAgain) {
  const auto name = [&](const char* stages, const Labels& labels) {
    const std::string yaml = fmt::format("pipelines:\n  - name: a\n    stages: [{}]\n", stages);
    return std::string(text(yaml, "x\n", labels).batch.stream(0).labels.get("service_name"));
  };
  const Labels none({Label{"host", "h"}});
  const Labels given({Label{"service_name", "given"}});
  EXPECT_EQ(name("static_labels: {app: shop}", none), "shop");
  EXPECT_EQ(name("static_labels: {app: shop}", given), "given");
  EXPECT_EQ(name("static_labels: {service_name: set}", given), "set");
  EXPECT_EQ(name("", none), "unknown_service");
}

TEST_F(PipedPushTest, DropsAreToldApartFromRejections) {
  limits_.max_line_bytes = 10;
  const Decoded decoded = text("pipelines:\n  - name: a\n    stages: [{drop: debug}]\n",
                               "debug x\nkept\nmuch too long a line\n");
  EXPECT_THAT(lines_of(decoded.batch), testing::ElementsAre("kept"));
  EXPECT_EQ(decoded.num_dropped, 1U);
  ASSERT_EQ(decoded.rejected.size(), 1U);
  EXPECT_EQ(decoded.rejected[0].reason, "line_too_long");
}

TEST_F(PipedPushTest, LongLinesMayBeCut) {
  limits_.max_line_bytes = 10;
  EXPECT_THAT(lines_of(text("pipelines:\n  - name: a\n    stages: [{truncate: 8}]\n",
                            "0123456789abcdef\nshort\n")
                           .batch),
              testing::ElementsAre("01234567", "short"));
}

TEST_F(PipedPushTest, StreamsWithoutAPipelineAreLeftAlone) {
  const Decoded decoded = text(
      "pipelines:\n  - name: a\n    match: {labels: 'app=\"x\"'}\n    stages: [{drop: '.*'}]\n",
      "kept\n");
  EXPECT_THAT(lines_of(decoded.batch), testing::ElementsAre("kept"));
  EXPECT_THAT(
      lines_of(
          text("pipelines:\n  - name: a\n    match: {source: loki}\n    stages: [{drop: '.*'}]\n",
               "kept\n")
              .batch),
      testing::ElementsAre("kept"));
}

TEST_F(PipedPushTest, LinesAreJoinedWithinARequest) {
  const Decoded decoded =
      text("pipelines:\n  - name: a\n    multiline: {indentation: true}\n    stages: []\n",
           "one\n 1\n 2\ntwo\n 3\n");
  EXPECT_THAT(lines_of(decoded.batch), testing::ElementsAre("one\n 1\n 2", "two\n 3"));
  EXPECT_EQ(decoded.batch.timestamps()[1], kNow + 3);
}

TEST_F(PipedPushTest, JoinedRecordsKeepTheFieldsOfTheirFirstLine) {
  pipelines_ =
      pipeline::compile(
          "pipelines:\n  - name: a\n    multiline: {indentation: true}\n    stages: []\n", "f")
          .value();
  const auto decoded = loki::decode_json(
      R"({"streams":[{"stream":{"app":"a"},"values":[["1","one",{"t":"x"}],["2"," more",{"t":"y"}]]},
          {"stream":{"app":"b"},"values":[["3","b",{"t":"z"}]]},
          {"stream":{"app":"a"},"values":[["4"," still",{"u":"y"}],["5","two",{"t":"w"}]]}]})",
      context("loki"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  const RecordBatch& batch = decoded->batch;
  std::map<std::string, std::string> found;
  for (RowIndex row = 0; row < batch.num_rows(); ++row)
    found[std::string(batch.line(row))] = to_string(*batch.field(row, "t"));
  EXPECT_EQ(found, (std::map<std::string, std::string>{
                       {"one\n more\n still", "x"}, {"b", "z"}, {"two", "w"}}));
}

TEST_F(PipedPushTest, WholeLinesAreNotJoinedAgain) {
  pipelines_ =
      pipeline::compile(
          "pipelines:\n  - name: a\n    multiline: {indentation: true}\n    stages: []\n", "f")
          .value();
  const DecodeContext context = this->context("file");
  RecordIntake intake(context);
  const auto stream = intake.stream({{"app", "a"}}, RecordIntake::Lines::kAreWhole);
  EXPECT_NE(intake.multi_line_of(stream), nullptr);
  std::vector<Field> fields;
  intake.add(stream, kNow, "one", fields);
  fields.clear();
  intake.add(stream, kNow, " two", fields);
  EXPECT_EQ(intake.take().batch.num_rows(), 2U);
}

}  // namespace
}  // namespace livedata::ingest
