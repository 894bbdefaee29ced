#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/datadog/logs.h"

namespace livedata::ingest::datadog {
namespace {

using testing::ElementsAre;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class DatadogLogsTest : public testing::Test {
 protected:
  RecordBatch batch_of(const std::string& body) {
    auto decoded = decode_json(body, defaults_, context_);
    EXPECT_TRUE(decoded.has_value()) << body;
    if (!decoded) return {};
    EXPECT_EQ(decoded->num_rejected(), 0U) << body;
    return std::move(decoded->batch);
  }
  static std::vector<std::string> fields(const RecordBatch& batch) {
    std::vector<std::string> out;
    for (const Field& field : batch.fields(0))
      out.push_back(std::string(field.name) + "=" + to_string(field.value));
    return out;
  }
  Limits limits_;
  Metadata defaults_;
  DecodeContext context_{limits_, kNow};
};

TEST_F(DatadogLogsTest, TakesWhatTheAgentSends) {
  const RecordBatch batch = batch_of(
      R"([{"message":"hello","status":"warn","timestamp":1600000000123,"hostname":"web1","service":"shop",
           "ddsource":"nginx","ddtags":"env:prod,version:1.2,team:x,canary,kube_namespace:ns"}])");
  ASSERT_EQ(batch.num_rows(), 1U);
  EXPECT_EQ(batch.line(0), "hello");
  EXPECT_EQ(batch.timestamps()[0], 1'600'000'000'123'000'000);
  EXPECT_EQ(
      batch.stream(0).labels.to_string(),
      R"({env="prod", host="web1", namespace="ns", service_name="shop", source="nginx", version="1.2"})");
  EXPECT_THAT(fields(batch),
              ElementsAre("canary=true", "detected_level=warn", "level=warn", "team=x"));
}

TEST_F(DatadogLogsTest, OtherMembersAreFields) {
  const RecordBatch batch = batch_of(
      R"({"message":"x","http":{"status_code":500,"url_details":{"path":"/p"}},"duration":1.5,"status":404,
          "level":"error","usr":null})");
  EXPECT_THAT(fields(batch),
              ElementsAre("detected_level=error", "duration=1.5", "http_status_code=500",
                          "http_url_details_path=/p", "level=error", "status=404"));
  EXPECT_THAT(fields(batch_of(R"({"message":"x","level":"a","status":"b"})")),
              ElementsAre("detected_level=unknown", "level=a", "status=b"));
}

TEST_F(DatadogLogsTest, TheLineIsTheMessageOrAll) {
  EXPECT_EQ(batch_of(R"({"a":1})").line(0), R"({"a":1})");
  EXPECT_EQ(batch_of(R"({"message":{"a":1}})").line(0), R"({"a":1})");
  EXPECT_EQ(batch_of(R"({"message":""})").line(0), "");
  EXPECT_EQ(batch_of(R"(["one","two"])").line(1), "two");
}

TEST_F(DatadogLogsTest, TimesOfEveryForm) {
  for (const char* member :
       {R"("timestamp":1600000000000)", R"("date":"2020-09-13T12:26:40Z")",
        R"("timestamp":"1600000000000")", R"("timestamp":"noon","date":1600000000)"})
    EXPECT_EQ(batch_of("{" + std::string(member) + "}").timestamps()[0],
              1'600'000'000 * kNsPerSecond)
        << member;
  EXPECT_THAT(fields(batch_of(R"({"message":"x","timestamp":1600000000,"date":"today"})")),
              ElementsAre("date=today", "detected_level=unknown"));
  EXPECT_THAT(batch_of(R"([{"message":"x"},{"message":"x"}])").timestamps(),
              ElementsAre(kNow, kNow + 1));
}

TEST_F(DatadogLogsTest, TagsOfTheRequestAddToThoseOfTheLog) {
  defaults_ = {.source = "s", .tags = "env:dev,host:tagged,team:b", .host = "", .service = "d"};
  const RecordBatch batch = batch_of(
      R"([{"message":"x","ddtags":"env:prod, team:a ,team:a,service:t,,:odd"},{"message":"y","service":"own"}])");
  EXPECT_EQ(batch.stream(0).labels.to_string(),
            R"({env="prod", host="tagged", service_name="t", source="s"})");
  EXPECT_THAT(fields(batch), ElementsAre("detected_level=unknown", "env=dev", "team=a,b"));
  EXPECT_EQ(batch.stream(1).labels.to_string(),
            R"({env="dev", host="tagged", service_name="own", source="s"})");
}

TEST_F(DatadogLogsTest, TagsMayBeAList) {
  EXPECT_EQ(batch_of(R"({"message":"x","ddtags":["env:prod","a:b"]})").stream(0).labels.get("env"),
            "prod");
}

TEST_F(DatadogLogsTest, TooManyFieldsStayTheLine) {
  std::string tags;
  for (int i = 0; i < 10'000; ++i) tags += fmt::format("t{}:x,", i);
  const std::string log = R"({"message":"x","service":"s","ddtags":")" + tags + "\"}";
  const RecordBatch batch = batch_of(log);
  EXPECT_EQ(batch.line(0), log);
  EXPECT_EQ(batch.stream(0).labels.get("service_name"), "s");
  EXPECT_EQ(batch.fields(0).size(), 1U);
  defaults_.tags = tags;
  EXPECT_EQ(decode_text("line", defaults_, context_).rejected.at(0).reason,
            "structured_metadata_too_many");
}

TEST_F(DatadogLogsTest, AnEmptyObjectIsNoLog) {
  EXPECT_EQ(batch_of("{}").num_rows(), 0U);
  EXPECT_EQ(batch_of("[{}]").num_rows(), 0U);
  EXPECT_EQ(batch_of("[]").num_rows(), 0U);
}

TEST_F(DatadogLogsTest, WrongLogsAreRefusedAlone) {
  limits_.max_line_bytes = 5;
  const auto decoded =
      decode_json(R"([{"message":"a"},5,[{"message":"b"}],{"message":"too long"},{"message":"c"}])",
                  defaults_, context_);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->batch.num_rows(), 2U);
  EXPECT_EQ(decoded->num_rejected(), 3U);
  for (const char* body : {"", "text", "{", "[{\"message\":\"a\"}"})
    EXPECT_FALSE(decode_json(body, defaults_, context_).has_value()) << body;
}

TEST_F(DatadogLogsTest, TextIsLines) {
  defaults_ = {.source = "nginx", .tags = "env:prod", .host = "h", .service = "web"};
  const Decoded decoded = decode_text("one\r\n\ntwo\n", defaults_, context_);
  ASSERT_EQ(decoded.batch.num_rows(), 2U);
  EXPECT_EQ(decoded.batch.line(1), "two");
  EXPECT_EQ(decoded.batch.stream(1).labels.to_string(),
            R"({env="prod", host="h", service_name="web", source="nginx"})");
}

TEST_F(DatadogLogsTest, WhateverComesIsTakenOrRefused) {
  std::mt19937_64 random(17);
  const std::string good =
      R"([{"message":"hello","status":"warn","timestamp":1600000000123,"ddtags":"env:prod,a"},{"b":{"c":1}}])";
  for (int round = 0; round < 20'000; ++round) {
    std::string bad = good;
    for (std::uint64_t n = 1 + random() % 4; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
    const auto decoded = decode_json(bad, defaults_, context_);
    const std::size_t count = decoded ? decoded->batch.num_rows() + decoded->num_rejected() : 0;
    ASSERT_LE(count, 4U) << bad;
  }
}

}  // namespace
}  // namespace livedata::ingest::datadog
