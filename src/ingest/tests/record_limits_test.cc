#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/label_guard.h"
#include "ingest/loki/push.h"
#include "ingest/pipeline/compile.h"
#include "ingest/record_intake.h"
#include "ingest/syslog/decoder.h"

namespace livedata::ingest {
namespace {

using testing::IsEmpty;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class RecordLimitsTest : public testing::Test {
 protected:
  Decoded push(const std::string& line, const std::string& labels = R"({"app":"shop"})") {
    const DecodeContext context{limits_, kNow, "loki", pipelines_, guard_};
    auto decoded =
        loki::decode_json(fmt::format(R"({{"streams":[{{"stream":{},"values":[["{}","{}"]]}}]}})",
                                      labels, kNow, line),
                          context);
    EXPECT_TRUE(decoded.has_value());
    return *std::move(decoded);
  }
  static std::string field(const Decoded& decoded, std::string_view name) {
    const auto value = decoded.batch.field(0, name);
    return value ? to_string(*value) : "";
  }

  Limits limits_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  LabelGuard* guard_ = nullptr;
  const pipeline::Pipelines* pipelines_ = nullptr;
};

TEST_F(RecordLimitsTest, LongLinesAreRejectedUnlessTold) {
  limits_.max_line_bytes = 10;
  const Decoded decoded = push("0123456789a");
  EXPECT_TRUE(decoded.batch.empty());
  EXPECT_EQ(decoded.rejected.at(0).reason, "line_too_long");
  EXPECT_EQ(decoded.source, "loki");
}

TEST_F(RecordLimitsTest, LongLinesAreCutBetweenCharacters) {
  limits_.max_line_bytes = 10;
  limits_.line_too_long = LineTooLong::kTruncate;
  const Decoded cut = push("012345678\xC3\xA4z");
  ASSERT_EQ(cut.batch.num_rows(), 1U);
  EXPECT_EQ(cut.batch.line(0), "012345678");
  EXPECT_EQ(field(cut, "truncated_line_bytes"), "12");
  EXPECT_EQ(cut.num_truncated, 1U);
  EXPECT_THAT(cut.rejected, IsEmpty());
  const Decoded whole = push("01234567\xC3\xA4");
  EXPECT_EQ(whole.batch.line(0), "01234567\xC3\xA4");
  EXPECT_EQ(field(whole, "truncated_line_bytes"), "");
  EXPECT_EQ(whole.num_truncated, 0U);
}

TEST_F(RecordLimitsTest, LongLinesAreCutBeforeAPipeline) {
  const auto pipelines = pipeline::compile(
      "pipelines:\n  - name: p\n    stages:\n      - regex: {patterns: ['(?P<all>.*)']}\n", "test");
  ASSERT_TRUE(pipelines.has_value()) << pipelines.error().message;
  pipelines_ = &*pipelines;
  limits_.max_line_bytes = 10;
  EXPECT_EQ(push("0123456789abc").rejected.at(0).reason, "line_too_long");
  limits_.line_too_long = LineTooLong::kTruncate;
  const Decoded cut = push("0123456789abc");
  ASSERT_EQ(cut.batch.num_rows(), 1U);
  EXPECT_EQ(cut.batch.line(0), "0123456789");
  EXPECT_EQ(field(cut, "all"), "0123456789");
  EXPECT_EQ(field(cut, "truncated_line_bytes"), "13");
}

TEST_F(RecordLimitsTest, ARecordThatIsRejectedIsNotCountedAsCut) {
  limits_.max_line_bytes = 10;
  limits_.max_fields = 0;
  limits_.line_too_long = LineTooLong::kTruncate;
  const DecodeContext context{limits_, kNow};
  RecordIntake intake(context);
  std::vector<Field> fields{{"a", std::string_view("b")}};
  EXPECT_FALSE(intake.add(intake.stream({{"app", "a"}}), kNow, "0123456789abc", fields));
  EXPECT_EQ(intake.take().num_truncated, 0U);
}

TEST_F(RecordLimitsTest, LabelsWithTooManyValuesBecomeFields) {
  LabelGuard guard(2, logger_);
  guard_ = &guard;
  for (const char* id : {"1", "2"}) {
    const Decoded decoded = push("x", fmt::format(R"({{"app":"shop","id":"{}"}})", id));
    EXPECT_EQ(decoded.batch.stream(0).labels.get("id"), id);
    EXPECT_EQ(decoded.num_labels_as_fields, 0U);
  }
  const Decoded decoded = push("x", R"({"app":"shop","id":"3"})");
  ASSERT_EQ(decoded.batch.num_rows(), 1U);
  EXPECT_EQ(decoded.batch.stream(0).labels.to_string(), R"({app="shop", service_name="shop"})");
  EXPECT_EQ(field(decoded, "id"), "3");
  EXPECT_EQ(decoded.num_labels_as_fields, 1U);
  EXPECT_THAT(decoded.rejected, IsEmpty());
}

TEST_F(RecordLimitsTest, SoDoThoseThatAPipelineSets) {
  const auto pipelines = pipeline::compile(
      "pipelines:\n  - name: p\n    stages:\n      - json\n      - labels: {fields: [id]}\n",
      "test");
  ASSERT_TRUE(pipelines.has_value()) << pipelines.error().message;
  pipelines_ = &*pipelines;
  LabelGuard guard(2, logger_);
  guard_ = &guard;
  for (int id = 1; id <= 4; ++id) {
    const Decoded decoded = push(fmt::format(R"({{\"id\":\"{}\"}})", id));
    ASSERT_EQ(decoded.batch.num_rows(), 1U);
    const bool is_label = !decoded.batch.stream(0).labels.get("id").empty();
    EXPECT_EQ(is_label, id <= 2) << id;
    EXPECT_EQ(field(decoded, "id"), id <= 2 ? "" : std::to_string(id));
  }
}

TEST_F(RecordLimitsTest, SoDoHostsOfSyslog) {
  LabelGuard guard(2, logger_);
  syslog::Decoder decoder(limits_, 100, nullptr, &guard);
  for (int run = 0; run < 2; ++run) {
    decoder.start(kNow);
    for (int host = 1; host <= 4; ++host)
      decoder.add(fmt::format("<13>1 - h{} app - - - hello", host), "192.0.2.1");
    const Decoded decoded = decoder.take();
    ASSERT_EQ(decoded.batch.num_rows(), 4U);
    EXPECT_EQ(decoded.num_labels_as_fields, 2U);
    EXPECT_EQ(decoded.batch.stream(0).labels.get("host"), "h1");
    EXPECT_EQ(decoded.batch.stream(3).labels.get("host"), "");
    EXPECT_EQ(to_string(*decoded.batch.field(3, "host")), "h4");
  }
}

}  // namespace
}  // namespace livedata::ingest
