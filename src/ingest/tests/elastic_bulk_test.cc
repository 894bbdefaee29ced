#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/elastic/bulk.h"

namespace livedata::ingest::elastic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class ElasticBulkTest : public testing::Test {
 protected:
  Bulk decode(std::string_view body, std::string_view index = "") {
    auto bulk = decode_bulk(body, index, context_);
    EXPECT_TRUE(bulk.has_value()) << (bulk ? "" : bulk.error().message);
    return bulk ? *std::move(bulk) : Bulk();
  }
  /// The batch of one document.
  RecordBatch batch_of(const std::string& source) {
    Bulk bulk = decode_document(source, Action::kIndex, "logs", "", context_);
    EXPECT_EQ(bulk.items.at(0).error, nullptr) << bulk.items.at(0).error->reason;
    return std::move(bulk.decoded.batch);
  }
  static std::vector<std::string> fields(const RecordBatch& batch) {
    std::vector<std::string> out;
    for (const Field& field : batch.fields(0))
      out.push_back(std::string(field.name) + "=" + to_string(field.value));
    return out;
  }
  Limits limits_;
  DecodeContext context_{limits_, kNow};
};

TEST_F(ElasticBulkTest, TakesActionsAndDocuments) {
  const Bulk bulk = decode(
      "{\"create\":{\"_index\":\"a\",\"_id\":\"7\"}}\n"
      "{\"@timestamp\":\"2023-11-14T22:13:20.5Z\",\"message\":\"one\"}\r\n"
      "\n"
      "{ \"index\" : { } }\n"
      "{\"@timestamp\":1700000000001,\"message\":\"two\"}\n"
      "{\"index\":{\"_index\":\"a\",\"_type\":\"_doc\"}}\n"
      "{\"@timestamp\":\"1700000000002\",\"message\":\"three\"}",
      "by-path");
  const RecordBatch& batch = bulk.decoded.batch;
  ASSERT_EQ(batch.num_rows(), 3U);
  EXPECT_EQ(batch.line(0), "one");
  EXPECT_THAT(batch.timestamps(),
              ElementsAre(kNow + 500'000'000, kNow + 1'000'000, kNow + 2'000'000));
  EXPECT_EQ(batch.stream(0).labels.to_string(), R"({index="a", service_name="unknown_service"})");
  EXPECT_EQ(batch.stream(1).labels.get("index"), "by-path");
  EXPECT_EQ(to_string(*batch.field(0, "_id")), "7");
  EXPECT_FALSE(batch.field(1, "_id").has_value());
  EXPECT_THAT(bulk.indices, ElementsAre("a", "by-path"));
  ASSERT_EQ(bulk.items.size(), 3U);
  EXPECT_EQ(bulk.items[0].action, Action::kCreate);
  EXPECT_EQ(bulk.items[0].id, "7");
  EXPECT_EQ(bulk.items[1].index, 1U);
  for (const BulkItem& item : bulk.items) EXPECT_EQ(item.error, nullptr);
}

TEST_F(ElasticBulkTest, MapsEcs) {
  const RecordBatch batch = batch_of(
      R"({"@timestamp":"2023-11-14T22:13:20Z","message":"hi","log":{"level":"warn","file":{"path":"/x"}},
          "service":{"name":"shop"},"host":{"name":"web1","hostname":"web1.lan","ip":["10.0.0.1"]},
          "container":{"name":"c1","id":"0f"},"kubernetes":{"namespace":"prod","pod":{"name":"p-1"},
          "container":{"name":"main"}},"http":{"response":{"status_code":500}},"ok":false})");
  EXPECT_EQ(
      batch.stream(0).labels.to_string(),
      R"({container="c1", host="web1", index="logs", namespace="prod", pod="p-1", service_name="shop"})");
  EXPECT_THAT(
      fields(batch),
      ElementsAre("container_id=0f", "detected_level=warn", "host_hostname=web1.lan",
                  "host_ip=[\"10.0.0.1\"]", "http_response_status_code=500",
                  "kubernetes_container_name=main", "level=warn", "log_file_path=/x", "ok=false"));
  EXPECT_EQ(std::get<std::int64_t>(*batch.field(0, "http_response_status_code")), 500);
}

TEST_F(ElasticBulkTest, DottedNamesAreTheSame) {
  const RecordBatch batch = batch_of(
      R"({"message":"x","service.name":"shop","host.hostname":"h","log.level":"error","kubernetes.pod.name":"p"})");
  EXPECT_EQ(batch.stream(0).labels.to_string(),
            R"({host="h", index="logs", pod="p", service_name="shop"})");
  EXPECT_THAT(fields(batch), ElementsAre("detected_level=error", "level=error"));
  EXPECT_EQ(
      batch_of(
          R"({"kubernetes.pod":{"name":"p"},"kubernetes":{"container.name":"c"},"service":{"id":"s"}})")
          .stream(0)
          .labels.to_string(),
      R"({container="c", index="logs", pod="p", service_name="c"})");
}

TEST_F(ElasticBulkTest, MapsWhatFluentBitSends) {
  const RecordBatch batch = batch_of(
      R"({"@timestamp":"2023-11-14T22:13:20Z","log":"a line","stream":"stdout","host":"node1",
          "kubernetes":{"namespace_name":"prod","pod_name":"p","container_name":"web"}})");
  EXPECT_EQ(batch.line(0), "a line");
  EXPECT_EQ(
      batch.stream(0).labels.to_string(),
      R"({container="web", host="node1", index="logs", namespace="prod", pod="p", service_name="web"})");
  EXPECT_THAT(fields(batch), ElementsAre("detected_level=unknown", "stream=stdout"));
}

TEST_F(ElasticBulkTest, TheLineIsMessageOrLogOrMsgOrAll) {
  EXPECT_EQ(batch_of(R"({"msg":"c","log":"b","message":"a"})").line(0), "a");
  EXPECT_THAT(fields(batch_of(R"({"msg":"c","log":"b","message":"a"})")),
              ElementsAre("detected_level=unknown", "log=b", "msg=c"));
  EXPECT_EQ(batch_of(R"({"msg":"c","log":"b"})").line(0), "b");
  EXPECT_EQ(batch_of(R"({"msg":"c","log":{"level":"info"}})").line(0), "c");
  EXPECT_EQ(batch_of(R"({"a": 1, "message":{"b":2}})").line(0), R"({"a": 1, "message":{"b":2}})");
  EXPECT_EQ(batch_of("{\n \"a\": 1\n}").line(0), R"({"a":1})");
  EXPECT_EQ(batch_of("{}").line(0), "{}");
}

TEST_F(ElasticBulkTest, TooManyFieldsStayTheLine) {
  for (const bool many : {true, false}) {
    std::string source = R"({"message":"hi","host":{"name":"h"},"@timestamp":1600000000)";
    for (int i = 0; many && i < 200; ++i) source += fmt::format(",\"f{}\":1", i);
    if (!many) source += ",\"trace\":\"" + std::string(70'000, 'x') + "\"";
    source += '}';
    const RecordBatch batch = batch_of(source);
    EXPECT_EQ(batch.line(0), source);
    EXPECT_EQ(batch.timestamps()[0], 1'600'000'000 * kNsPerSecond);
    EXPECT_EQ(batch.stream(0).labels.get("host"), "h");
    EXPECT_EQ(batch.fields(0).size(), 1U);
  }
  std::string labels = R"({"message":"hi","kubernetes":{"pod":{"name":"p"},"labels":{)";
  for (int i = 0; i < 200; ++i) labels += fmt::format("{}\"l{}\":1", i == 0 ? "" : ",", i);
  const RecordBatch flat = batch_of(labels + R"(}},"service":{"name":"s"},"n":1})");
  EXPECT_EQ(flat.line(0), "hi");
  EXPECT_EQ(flat.stream(0).labels.to_string(), R"({index="logs", pod="p", service_name="s"})");
  EXPECT_EQ(to_string(*flat.field(0, "kubernetes_pod")), R"({"name":"p"})");
  const Bulk with_id = decode_document(R"({"trace":")" + std::string(70'000, 'x') + "\"}",
                                       Action::kIndex, "logs", "7", context_);
  EXPECT_EQ(to_string(*with_id.decoded.batch.field(0, "_id")), "7");
  // As many as there may be.
  std::string source = R"({"message":"hi")";
  for (int i = 0; i < 128; ++i) source += fmt::format(",\"f{}\":1", i);
  EXPECT_EQ(batch_of(source + "}").line(0), "hi");
}

TEST_F(ElasticBulkTest, FindsTheTime) {
  const auto time = [this](const std::string& source) { return batch_of(source).timestamps()[0]; };
  EXPECT_EQ(time(R"({"@timestamp":1600000000000,"time":5})"), 1'600'000'000 * kNsPerSecond);
  EXPECT_EQ(time(R"({"time":1600000000,"message":"x"})"), 1'600'000'000 * kNsPerSecond);
  EXPECT_EQ(time(R"({"time":"1:30 pm","timestamp":"2020-09-13T12:26:40Z","message":"x"})"),
            1'600'000'000 * kNsPerSecond);
  EXPECT_EQ(time(R"({"@timestamp":null,"message":"x"})"), kNow);
  EXPECT_EQ(time(R"({"time":"1:30 pm","message":"x"})"), kNow);
  // What is no time, or another one, is a field as any other.
  EXPECT_THAT(fields(batch_of(R"({"@timestamp":1600000000,"time":"noon","message":"x"})")),
              ElementsAre("detected_level=unknown", "time=noon"));
}

TEST_F(ElasticBulkTest, DocumentsWithoutTimesKeepTheirOrder) {
  const Bulk bulk =
      decode("{\"index\":{}}\n{\"message\":\"x\"}\n{\"index\":{}}\n{\"message\":\"x\"}\n");
  EXPECT_THAT(bulk.decoded.batch.timestamps(), ElementsAre(kNow, kNow + 1));
}

TEST_F(ElasticBulkTest, WrongDocumentsAreErrorsOfTheirItems) {
  limits_.max_line_bytes = 40;
  const Bulk bulk = decode(
      "{\"index\":{}}\n{\"message\":\"good\"}\n"
      "{\"index\":{}}\n{broken\n"
      "{\"index\":{}}\n[1]\n"
      "{\"index\":{}}\n{\"@timestamp\":\"never\",\"message\":\"x\"}\n"
      "{\"index\":{}}\n{\"message\":\"" +
          std::string(50, 'x') +
          "\"}\n"
          "{\"delete\":{\"_id\":\"1\"}}\n"
          "{\"update\":{\"_id\":\"1\"}}\n{\"doc\":{}}\n"
          "{\"create\":{}}\n{\"message\":\"last\"}\n",
      "i");
  EXPECT_EQ(bulk.decoded.batch.num_rows(), 2U);
  EXPECT_EQ(bulk.decoded.num_rejected(), 6U);
  ASSERT_EQ(bulk.items.size(), 8U);
  std::vector<std::string> types;
  for (const BulkItem& item : bulk.items)
    types.emplace_back(item.error == nullptr ? "" : item.error->type);
  EXPECT_THAT(types, ElementsAre("", "document_parsing_exception", "document_parsing_exception",
                                 "document_parsing_exception", "illegal_argument_exception",
                                 "illegal_argument_exception", "illegal_argument_exception", ""));
  EXPECT_THAT(bulk.items[3].error->reason, HasSubstr("@timestamp"));
  EXPECT_THAT(bulk.items[4].error->reason, HasSubstr("limit of 40"));
  EXPECT_EQ(bulk.items[5].action, Action::kDelete);
  EXPECT_EQ(bulk.items[6].error->status, 400);
}

TEST_F(ElasticBulkTest, RecordsBeyondTheLimitMayBeSentAgain) {
  limits_.max_records = 1;
  const Bulk bulk = decode("{\"index\":{}}\n{\"a\":1}\n{\"index\":{}}\n{\"a\":2}\n");
  EXPECT_EQ(bulk.decoded.batch.num_rows(), 1U);
  EXPECT_EQ(bulk.items[1].error->status, 429);
}

TEST_F(ElasticBulkTest, MalformedActionsRefuseAll) {
  for (const char* body :
       {"x", "[]", "{}", "{\"index\":1}\n{}\n", "{\"explode\":{}}\n{}\n", "{\"index\":{}}",
        "{\"index\":{}}\n", "{\"index\":{},\"create\":{}}\n{}\n",
        "{\"index\":{}}\n{}\nnonsense\n"}) {
    const auto bulk = decode_bulk(body, "i", context_);
    ASSERT_FALSE(bulk.has_value()) << body;
    EXPECT_EQ(bulk.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_THAT(decode_bulk("{\"index\":{}}\n{}\n\nnonsense\n", "i", context_).error().message,
              HasSubstr("line [4]"));
  EXPECT_THAT(decode("").items, IsEmpty());
}

TEST_F(ElasticBulkTest, TooManyActionsAreRefused) {
  std::string body;
  for (std::size_t i = 0; i <= kMaxBulkItems; ++i) body += "{\"delete\":{}}\n";
  EXPECT_EQ(decode_bulk(body, "i", context_).error().code, ErrorCode::kTooLarge);
}

TEST_F(ElasticBulkTest, EveryItemHasItsAnswerWhateverComes) {
  std::mt19937_64 random(11);
  const std::string good =
      "{\"create\":{\"_index\":\"a\",\"_id\":\"7\"}}\n"
      "{\"@timestamp\":\"2023-11-14T22:13:20.5Z\",\"message\":\"one\",\"host\":{\"name\":\"h\"}}\n"
      "{\"index\":{}}\n{\"time\":1700000000,\"log\":{\"level\":\"info\"},\"n\":[1,2]}\n"
      "{\"delete\":{\"_id\":\"1\"}}\n";
  for (int round = 0; round < 20'000; ++round) {
    std::string bad = good;
    for (std::uint64_t n = 1 + random() % 4; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
    if (round % 3 == 0) bad.resize(random() % (bad.size() + 1));
    const auto bulk = decode_bulk(bad, "i", context_);
    if (!bulk) continue;
    std::size_t errors = 0;
    for (const BulkItem& item : bulk->items) errors += item.error == nullptr ? 0U : 1U;
    ASSERT_EQ(bulk->items.size(), bulk->decoded.batch.num_rows() + errors);
    ASSERT_EQ(errors, bulk->decoded.num_rejected());
  }
}

}  // namespace
}  // namespace livedata::ingest::elastic
