#include <gtest/gtest.h>

#include "ingest/native/push.h"

namespace livedata::ingest::native {
namespace {

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class NativePushTest : public testing::Test {
 protected:
  Decoded decode_all(std::string_view body, std::string_view type = "") {
    const auto format = detect_format(type, body);
    EXPECT_TRUE(format.has_value());
    auto decoded = decode(body, *format, Labels(std::vector<Label>{{"host", "h"}}), context_);
    EXPECT_TRUE(decoded.has_value()) << (decoded ? "" : decoded.error().message);
    return decoded ? *std::move(decoded) : Decoded();
  }
  Limits limits_;
  DecodeContext context_{limits_, kNow};
};

TEST_F(NativePushTest, RecognisesMembers) {
  const Decoded decoded = decode_all(
      R"({"ts":1700000000.5,"level":"WARN","service":"shop","msg":"hi","code":7,"ratio":0.5,"ok":true,
                                       "http":{"path":"/x"},"list":[1,2],"none":null,"labels":{"env":"prod"}})");
  const RecordBatch& batch = decoded.batch;
  ASSERT_EQ(batch.num_rows(), 1U);
  EXPECT_EQ(batch.line(0), "hi");
  EXPECT_EQ(batch.timestamps()[0], 1'700'000'000'500'000'000);
  EXPECT_EQ(batch.stream(0).labels.to_string(), R"({env="prod", host="h", service_name="shop"})");
  EXPECT_EQ(std::get<std::int64_t>(*batch.field(0, "code")), 7);
  EXPECT_EQ(std::get<double>(*batch.field(0, "ratio")), 0.5);
  EXPECT_EQ(std::get<bool>(*batch.field(0, "ok")), true);
  EXPECT_EQ(to_string(*batch.field(0, "http_path")), "/x");
  EXPECT_EQ(to_string(*batch.field(0, "list")), "[1,2]");
  EXPECT_EQ(to_string(*batch.field(0, "detected_level")), "warn");
  EXPECT_FALSE(batch.field(0, "none").has_value());
}

TEST_F(NativePushTest, ReadsTimesOfEveryUsualForm) {
  for (const char* time : {"1700000000", "1700000000000", "1700000000000000", "1700000000000000000",
                           "\"2023-11-14T22:13:20Z\"", "\"1700000000\"", "1700000000.0"}) {
    const Decoded decoded = decode_all("{\"time\":" + std::string(time) + ",\"msg\":\"x\"}");
    ASSERT_EQ(decoded.batch.num_rows(), 1U) << time;
    EXPECT_EQ(decoded.batch.timestamps()[0], kNow) << time;
  }
  EXPECT_EQ(decode_all(R"({"msg":"x"})").batch.timestamps()[0], kNow);
}

TEST_F(NativePushTest, TextLinesKeepTheirOrderAndBytes) {
  const Decoded decoded = decode_all("one\r\n\ntwo\xff\n", "text/plain");
  ASSERT_EQ(decoded.batch.num_rows(), 3U);
  EXPECT_EQ(decoded.batch.line(0), "one");
  EXPECT_EQ(decoded.batch.line(1), "");
  EXPECT_EQ(decoded.batch.line(2), "two\xff");
  EXPECT_LT(decoded.batch.timestamps()[0], decoded.batch.timestamps()[2]);
}

TEST_F(NativePushTest, ListsBadRecordsOfABatch) {
  const Decoded ndjson =
      decode_all("{\"msg\":\"a\"}\nnot json\n[1]\n{\"msg\":\"b\"}\n", "application/x-ndjson");
  EXPECT_EQ(ndjson.batch.num_rows(), 2U);
  EXPECT_EQ(ndjson.num_rejected(), 2U);
  EXPECT_NE(ndjson.rejected[0].message.find("line 2"), std::string::npos);
  const Decoded array = decode_all(R"([{"msg":"a"},5,{"ts":"never","msg":"b"}])");
  EXPECT_EQ(array.batch.num_rows(), 1U);
  EXPECT_EQ(array.num_rejected(), 2U);
}

TEST_F(NativePushTest, SniffsTheFormat) {
  EXPECT_EQ(*detect_format("", "{\"a\":1}"), Format::kJson);
  EXPECT_EQ(*detect_format("", "  [{}]"), Format::kJson);
  EXPECT_EQ(*detect_format("", "{\"a\":1}\n{\"a\":2}\n"), Format::kNdjson);
  EXPECT_EQ(*detect_format("application/json", "{\"a\":1}\n{\"a\":2}"), Format::kNdjson);
  EXPECT_EQ(*detect_format("application/x-www-form-urlencoded", "plain words"), Format::kText);
  EXPECT_EQ(*detect_format("application/json; charset=utf-8", "{\n \"a\": 1\n}"), Format::kJson);
  EXPECT_FALSE(detect_format("image/png", "x").has_value());
}

TEST_F(NativePushTest, DeepJsonIsBounded) {
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "{\"a\":";
  deep += "1";
  deep += std::string(20'000, '}');
  EXPECT_EQ(decode_all(deep).batch.num_rows() + decode_all(deep).num_rejected(), 1U);
}

}  // namespace
}  // namespace livedata::ingest::native
