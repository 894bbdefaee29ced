#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "ingest/loki/label_text.h"
#include "ingest/loki/push.h"

namespace livedata::ingest::loki {
namespace {

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class LokiPushTest : public testing::Test {
 protected:
  Result<Decoded> json(const std::string& body) { return decode_json(body, context_); }
  static std::string push(const std::string& labels, const std::string& values) {
    return R"({"streams":[{"stream":)" + labels + R"(,"values":[)" + values + "]}]}";
  }
  Limits limits_;
  DecodeContext context_{limits_, kNow};
};

TEST_F(LokiPushTest, TakesLinesWithStructuredMetadata) {
  const auto decoded = json(
      push(R"({"app":"web"})",
           R"(["1700000000000000001","one",{"trace_id":"t1"}],["1700000000000000002","two"])"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  const RecordBatch& batch = decoded->batch;
  ASSERT_EQ(batch.num_rows(), 2U);
  EXPECT_EQ(batch.line(0), "one");
  EXPECT_EQ(batch.timestamps()[0], 1'700'000'000'000'000'001);
  EXPECT_EQ(to_string(*batch.field(0, "trace_id")), "t1");
  EXPECT_FALSE(batch.field(1, "trace_id").has_value());
  EXPECT_EQ(batch.stream(0).labels.to_string(), R"({app="web", service_name="web"})");
}

TEST_F(LokiPushTest, FindsTheLevel) {
  const auto level = [&](const std::string& line, const std::string& labels = R"({"app":"a"})") {
    return to_string(
        *json(push(labels, "[\"1\",\"" + line + "\"]"))->batch.field(0, "detected_level"));
  };
  EXPECT_EQ(level("level=warn x"), "warn");
  EXPECT_EQ(level(R"({\"level\": \"Error\", \"x\":1})"), "error");
  EXPECT_EQ(level("2026-01-02 INFO started"), "info");
  EXPECT_EQ(level("nothing to see"), "unknown");
  EXPECT_EQ(level("information is not seriously a level here"), "info");
  EXPECT_EQ(level("anything", R"({"level":"crit"})"), "critical");
}

TEST_F(LokiPushTest, RefusesMalformedBodiesAsAWhole) {
  for (const char* body :
       {"", "{", "[]", "{}", R"({"streams":5})", R"({"streams":[{"stream":{"a":1},"values":[]}]})",
        R"({"streams":[{"stream":{"a":"b"},"values":[["x","line"]]}]})",
        R"({"streams":[{"stream":{"a":"b"},"values":[["1",5]]}]})",
        R"({"streams":[{"stream":{"a":"b"},"values":[["1"]]}]})",
        R"({"streams":[{"stream":{"a":"b"},"values":[["1","x",{"k":5}]]}]})"}) {
    const auto decoded = json(body);
    ASSERT_FALSE(decoded.has_value()) << body;
    EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidArgument) << body;
    EXPECT_FALSE(decoded.error().message.empty());
  }
}

TEST_F(LokiPushTest, KeepsTheGoodPartAndNamesTheReasons) {
  limits_.max_line_bytes = 10;
  const std::string future = std::to_string(kNow + 3'600 * kNsPerSecond);
  const auto decoded =
      json(push(R"({"app":"web"})",
                R"(["1","good"],["2","much too long for it"],["3","also too long a line"],[")" +
                    future + R"(","late"])"));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->batch.num_rows(), 1U);
  ASSERT_EQ(decoded->rejected.size(), 2U);
  EXPECT_EQ(decoded->rejected[0].reason, "line_too_long");
  EXPECT_EQ(decoded->rejected[0].count, 2U);
  EXPECT_EQ(decoded->rejected[1].reason, "too_far_in_future");
}

TEST_F(LokiPushTest, ChecksLabels) {
  const auto reason = [&](const std::string& labels) {
    const auto decoded = json(push(labels, R"(["1","x"])"));
    return !decoded                    ? decoded.error().message
           : decoded->rejected.empty() ? ""
                                       : decoded->rejected[0].reason;
  };
  EXPECT_EQ(reason("{}"), "missing_labels");
  EXPECT_EQ(reason(R"({"bad-name":"x"})"), "invalid_labels");
  EXPECT_EQ(reason(R"({"1a":"x"})"), "invalid_labels");
  EXPECT_EQ(reason(R"({"a":")" + std::string(3000, 'x') + "\"}"), "label_value_too_long");
  EXPECT_EQ(reason("{\"" + std::string(2000, 'x') + R"(":"v"})"), "label_name_too_long");
  EXPECT_EQ(reason(R"({"a":"1","a":"2"})"), "duplicate_label_names");
  std::string many = "{";
  for (int i = 0; i < 16; ++i) many += (i > 0 ? ",\"l" : "\"l") + std::to_string(i) + "\":\"v\"";
  EXPECT_EQ(reason(many + "}"), "max_label_names_per_series");
}

std::string protobuf(const std::string& labels,
                     const std::vector<std::pair<TimestampNs, std::string>>& lines) {
  std::string raw;
  protozero::pbf_writer request(raw);
  protozero::pbf_writer stream(request, 1);
  stream.add_string(1, labels);
  for (const auto& [time, line] : lines) {
    protozero::pbf_writer entry(stream, 2);
    {
      protozero::pbf_writer timestamp(entry, 1);
      timestamp.add_int64(1, time / kNsPerSecond);
      timestamp.add_int32(2, static_cast<std::int32_t>(time % kNsPerSecond));
    }
    entry.add_string(2, line);
    protozero::pbf_writer pair(entry, 3);
    pair.add_string(1, "trace_id");
    pair.add_string(2, "t9");
  }
  return raw;
}

TEST_F(LokiPushTest, ProtobufKeepsEveryByte) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<TimestampNs, std::string>> lines;
    for (std::uint64_t n = random() % 20; n > 0; --n) {
      std::string line;
      for (std::uint64_t size = random() % 50; size > 0; --size)
        line += static_cast<char>(random() % 256);
      lines.emplace_back(static_cast<TimestampNs>(random() % static_cast<std::uint64_t>(kNow)),
                         line);
    }
    const auto decoded =
        decode_protobuf(protobuf(R"({app="a", path="C:\\x \"q\""})", lines), context_);
    ASSERT_TRUE(decoded.has_value());
    ASSERT_EQ(decoded->batch.num_rows(), lines.size());
    for (RowIndex row = 0; row < lines.size(); ++row) {
      ASSERT_EQ(decoded->batch.timestamps()[row], lines[row].first);
      ASSERT_EQ(decoded->batch.line(row), lines[row].second);
      ASSERT_EQ(to_string(*decoded->batch.field(row, "trace_id")), "t9");
      ASSERT_EQ(decoded->batch.stream(row).labels.get("path"), "C:\\x \"q\"");
    }
  }
}

TEST_F(LokiPushTest, DamagedProtobufIsAnErrorOrAnotherRequest) {
  std::mt19937_64 random(4);
  const std::string good = protobuf(R"({app="a"})", {{1, "one"}, {2, "two"}});
  for (int round = 0; round < 5000; ++round) {
    std::string bad = good;
    for (std::uint64_t n = 1 + random() % 4; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
    bad.resize(random() % (bad.size() + 1));
    static_cast<void>(decode_protobuf(bad, context_));
  }
}

TEST(LabelTextTest, ReadsEscapesAndRefusesTheRest) {
  const auto labels = parse_label_text(R"({a="x", b="tab\t\"q\" \\ \u00e4", })");
  ASSERT_TRUE(labels.has_value());
  EXPECT_EQ((*labels)[1].value, "tab\t\"q\" \\ \u00e4");
  for (const char* text : {"", "a", "{", "{a}", "{a=}", "{a=\"x}", "{a=\"x\"", "{a=\"x\"} y",
                           "{a=\"\\q\"}", "{=\"x\"}"}) {
    EXPECT_FALSE(parse_label_text(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace livedata::ingest::loki
