#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "ingest/otlp/attribute_fields.h"
#include "ingest/otlp/push.h"
#include "ingest/otlp/value_text.h"
#include "ingest/tests/otlp_encoder.h"

namespace livedata::ingest::otlp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

/// `name=value` of every field but detected_level, with the type's letter behind integers, doubles
/// and booleans.
std::vector<std::string> fields_of(const Decoded& decoded, RowIndex row = 0) {
  constexpr std::array<const char*, 4> kTypes = {"", "i", "d", "b"};
  std::vector<std::string> out;
  for (const Field& field : decoded.batch.fields(row)) {
    if (field.name == "detected_level") continue;
    out.push_back(
        fmt::format("{}={}{}", field.name, to_string(field.value), kTypes.at(field.value.index())));
  }
  return out;
}

std::string level_of(const Decoded& decoded, RowIndex row = 0) {
  return to_string(*decoded.batch.field(row, "detected_level"));
}

class OtlpPushTest : public testing::Test {
 protected:
  Decoded json(const std::string& body) {
    auto decoded = decode_json(body, context_);
    EXPECT_TRUE(decoded.has_value()) << decoded.error().message << "\n" << body;
    return decoded ? *std::move(decoded) : Decoded();
  }
  Decoded records(const std::string& records) {
    return json(R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)" + records + "]}]}]}");
  }
  Decoded attributes(const std::string& attributes) {
    return records(R"({"attributes":[)" + attributes + "]}");
  }
  Decoded resource(const std::string& attributes) {
    return json(R"({"resourceLogs":[{"resource":{"attributes":[)" + attributes +
                R"(]},"scopeLogs":[{"logRecords":[{}]}]}]})");
  }
  /// Why the only record was rejected; "" if it was not.
  std::string rejection(const std::string& record) {
    const Decoded decoded = records(record);
    return decoded.rejected.empty() ? "" : decoded.rejected[0].message;
  }
  static std::string text(const std::string& key, const std::string& value) {
    return R"({"key":")" + key + R"(","value":{"stringValue":")" + value + "\"}}";
  }

  Limits limits_;
  DecodeContext context_{limits_, kNow};
};

// opentelemetry-proto, examples/logs.json
constexpr std::string_view kExample = R"({
  "resourceLogs": [{
    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "my.service"}}]},
    "scopeLogs": [{
      "scope": {
        "name": "my.library", "version": "1.0.0",
        "attributes": [{"key": "my.scope.attribute", "value": {"stringValue": "some scope attribute"}}]
      },
      "logRecords": [{
        "timeUnixNano": "1544712660300000000",
        "observedTimeUnixNano": "1544712660300000000",
        "severityNumber": 10,
        "severityText": "Information",
        "traceId": "5B8EFFF798038103D269B633813FC60C",
        "spanId": "EEE19B7EC3C1B174",
        "body": {"stringValue": "Example log record"},
        "attributes": [
          {"key": "string.attribute", "value": {"stringValue": "some string"}},
          {"key": "boolean.attribute", "value": {"boolValue": true}},
          {"key": "int.attribute", "value": {"intValue": "10"}},
          {"key": "double.attribute", "value": {"doubleValue": 637.704}},
          {"key": "array.attribute", "value": {"arrayValue": {"values": [{"stringValue": "many"}, {"stringValue": "values"}]}}},
          {"key": "map.attribute", "value": {"kvlistValue": {"values": [{"key": "some.map.key", "value": {"stringValue": "some value"}}]}}}
        ]
      }]
    }]
  }]
})";

TEST_F(OtlpPushTest, TheExampleOfTheProtocol) {
  const Decoded decoded = json(std::string(kExample));
  ASSERT_EQ(decoded.batch.num_rows(), 1U);
  EXPECT_EQ(decoded.batch.stream(0).labels.to_string(), R"({service_name="my.service"})");
  EXPECT_EQ(decoded.batch.timestamps()[0], 1'544'712'660'300'000'000);
  EXPECT_EQ(decoded.batch.line(0), "Example log record");
  EXPECT_EQ(level_of(decoded), "info");
  EXPECT_THAT(fields_of(decoded),
              ElementsAre(R"(array_attribute=["many","values"])", "boolean_attribute=trueb",
                          "double_attribute=637.704d", "int_attribute=10i",
                          "map_attribute_some_map_key=some value",
                          "my_scope_attribute=some scope attribute",
                          "observed_timestamp=1544712660300000000i", "scope_name=my.library",
                          "scope_version=1.0.0", "severity_number=10i", "severity_text=Information",
                          "span_id=eee19b7ec3c1b174", "string_attribute=some string",
                          "trace_id=5b8efff798038103d269b633813fc60c"));
}

TEST_F(OtlpPushTest, SnakeCaseNumbersAndEnumerators) {
  const Decoded decoded = json(R"({"resource_logs":[{"resource":{"dropped_attributes_count":3},
    "scope_logs":[{"scope":{"dropped_attributes_count":"4"},"log_records":[{
      "time_unix_nano":1544712660300000000,"observed_time_unix_nano":"1544712660300000001",
      "severity_number":"SEVERITY_NUMBER_WARN3","trace_id":"0102","span_id":"","flags":1,
      "event_name":"it.happened","dropped_attributes_count":2,"unknown":[{}],
      "body":{"kvlist_value":{"values":[{"key":"n","value":{"int_value":-7}},
        {"key":"list","value":{"array_value":{"values":[{"double_value":1.5},{"bool_value":false},{}]}}}]}}}]}]}]})");
  ASSERT_EQ(decoded.batch.num_rows(), 1U);
  EXPECT_EQ(decoded.batch.timestamps()[0], 1'544'712'660'300'000'000);
  EXPECT_EQ(decoded.batch.line(0), R"({"n":-7,"list":[1.5,false,null]})");
  EXPECT_EQ(level_of(decoded), "warn");
  EXPECT_THAT(
      fields_of(decoded),
      ElementsAre("dropped_attributes_count=2i", "event_name=it.happened", "flags=1i",
                  "observed_timestamp=1544712660300000001i", "resource_dropped_attributes_count=3i",
                  "scope_dropped_attributes_count=4i", "severity_number=15i", "trace_id=0102"));
}

TEST_F(OtlpPushTest, ResourceAttributesOfLokisListAreLabels) {
  const Decoded decoded = resource(
      text("service.name", "shop") + "," + text("k8s.pod.name", "shop-1") + "," +
      text("cloud.region", "") + "," + text("host.name", "h1") + "," +
      R"({"key":"deployment.environment.name","value":{"arrayValue":{"values":[{"intValue":1}]}}},)" +
      text("service.namespace", "first") + "," + text("service.namespace", "second"));
  EXPECT_EQ(
      decoded.batch.stream(0).labels.to_string(),
      R"({deployment_environment_name="[1]", k8s_pod_name="shop-1", service_name="shop", service_namespace="second"})");
  EXPECT_THAT(fields_of(decoded), ElementsAre("host_name=h1"));
}

TEST_F(OtlpPushTest, EveryStreamHasAServiceName) {
  EXPECT_EQ(resource("").batch.stream(0).labels.to_string(), R"({service_name="unknown_service"})");
  EXPECT_EQ(resource(text("host.name", "h1")).batch.stream(0).labels.get("service_name"),
            "unknown_service");
  EXPECT_EQ(resource(text("container.name", "c1")).batch.stream(0).labels.get("service_name"),
            "c1");
}

TEST_F(OtlpPushTest, AResourceWithoutRecordsMakesNoStream) {
  const Decoded decoded =
      json(R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]},{"scopeLogs":[]},{}]})");
  EXPECT_TRUE(decoded.batch.streams().empty());
  EXPECT_THAT(decoded.rejected, IsEmpty());
}

TEST_F(OtlpPushTest, TooManyLabelsRejectTheRecordsOfThatResource) {
  limits_.max_label_names = 2;
  const Decoded decoded =
      resource(text("service.name", "a") + "," + text("service.namespace", "b") + "," +
               text("cloud.region", "c"));
  EXPECT_EQ(decoded.batch.num_rows(), 0U);
  ASSERT_EQ(decoded.rejected.size(), 1U);
  EXPECT_EQ(decoded.rejected[0].reason, "max_label_names_per_series");
}

TEST_F(OtlpPushTest, TimeIsTheRecordsElseTheObserversElseArrival) {
  const Decoded decoded = records(
      R"({"timeUnixNano":"5","observedTimeUnixNano":"6"},{"observedTimeUnixNano":"7"},{},{})");
  EXPECT_THAT(decoded.batch.timestamps(), ElementsAre(5, 7, kNow, kNow + 1));
  EXPECT_THAT(fields_of(decoded, 0), ElementsAre("observed_timestamp=6i"));
  EXPECT_THAT(fields_of(decoded, 1), IsEmpty());
}

TEST_F(OtlpPushTest, TimesThatNobodyCanHaveAreRejected) {
  const Decoded decoded = records(R"({"timeUnixNano":"18446744073709551615"})");
  ASSERT_EQ(decoded.rejected.size(), 1U);
  EXPECT_EQ(decoded.rejected[0].reason, "too_far_in_future");
}

TEST_F(OtlpPushTest, SeverityGivesTheLevel) {
  const auto level = [&](const std::string& record) { return level_of(records(record)); };
  const std::array<const char*, 6> levels = {"trace", "debug", "info", "warn", "error", "fatal"};
  for (std::size_t number = 1; number <= 24; ++number)
    EXPECT_EQ(level(fmt::format(R"({{"severityNumber":{}}})", number)),
              levels.at((number - 1) / 4));
  EXPECT_EQ(level(R"({"severityText":"Critical","severityNumber":17})"), "critical");
  EXPECT_EQ(level(R"({"severityText":"Custom","severityNumber":17})"), "error");
  EXPECT_EQ(level(R"({"severityNumber":25,"body":{"stringValue":"WARN x"}})"), "warn");
  EXPECT_EQ(level(R"({"severityNumber":0,"body":{"stringValue":"nothing"}})"), "unknown");
  EXPECT_EQ(level(R"({"severityNumber":9,"attributes":[)" + text("detected_level", "mine") + "]}"),
            "mine");
  EXPECT_EQ(level(R"({"attributes":[)" + text("level", "debug") + "]}"), "debug");
}

TEST_F(OtlpPushTest, SeverityNames) {
  const auto number = [&](const std::string& name) {
    return to_string(
        *records(R"({"severityNumber":")" + name + "\"}").batch.field(0, "severity_number"));
  };
  EXPECT_EQ(number("SEVERITY_NUMBER_TRACE"), "1");
  EXPECT_EQ(number("SEVERITY_NUMBER_INFO4"), "12");
  EXPECT_EQ(number("SEVERITY_NUMBER_FATAL"), "21");
  EXPECT_EQ(number("17"), "17");
  for (const char* name : {"SEVERITY_NUMBER_INFO5", "SEVERITY_NUMBER_", "HIGH", "INFO10"})
    EXPECT_THAT(rejection(R"({"severityNumber":")" + std::string(name) + "\"}"),
                HasSubstr("name of a severity"));
}

TEST_F(OtlpPushTest, BodiesOfEveryType) {
  const auto line = [&](const std::string& body) {
    return std::string(records(R"({"body":)" + body + "}").batch.line(0));
  };
  EXPECT_EQ(line(R"({"stringValue":"text"})"), "text");
  EXPECT_EQ(line(R"({"intValue":"-9223372036854775808"})"), "-9223372036854775808");
  EXPECT_EQ(line(R"({"doubleValue":0.1})"), "0.1");
  EXPECT_EQ(line(R"({"doubleValue":"NaN"})"), "nan");
  EXPECT_EQ(line(R"({"boolValue":true})"), "true");
  EXPECT_EQ(line(R"({"bytesValue":"AP8="})"), "AP8=");
  EXPECT_EQ(line(R"({"bytesValue":"_-8"})"), "/+8=");
  EXPECT_EQ(line("{}"), "");
  EXPECT_EQ(line("null"), "");
  EXPECT_EQ(line(R"({"kvlistValue":{"values":[]}})"), "{}");
  EXPECT_EQ(
      line(R"({"kvlistValue":{"values":[{},{"key":"q\"\n","value":{"doubleValue":"Infinity"}}]}})"),
      R"({"":null,"q\"\n":"inf"})");
}

TEST_F(OtlpPushTest, NestedAttributesAreFlattened) {
  const Decoded decoded = attributes(
      R"({"key":"http","value":{"kvlistValue":{"values":[
          {"key":"method","value":{"stringValue":"GET"}},
          {"key":"response","value":{"kvlistValue":{"values":[{"key":"status.code","value":{"intValue":200}},{"key":"none","value":{}}]}}},
          {"key":"tags","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}}]}}]}}}]}}},
        {"key":"empty","value":{}},{"key":"blank","value":{"stringValue":""}},{"key":"data","value":{"bytesValue":"aGk="}})");
  EXPECT_THAT(fields_of(decoded),
              ElementsAre("blank=", "data=aGk=", "http_method=GET",
                          "http_response_status_code=200i", R"(http_tags=[{"a":1}])"));
}

TEST_F(OtlpPushTest, TheNearestOfEqualNamesIsKept) {
  const Decoded decoded = json(
      R"({"resourceLogs":[{"resource":{"attributes":[)" + text("a.b", "resource") + "," +
      text("r", "resource") + R"(]},"scopeLogs":[{"scope":{"attributes":[)" + text("a_b", "scope") +
      "," + text("s", "scope") + R"(]},"logRecords":[{"traceId":"0a","attributes":[)" +
      text("a-b", "record") + "," + text("trace_id", "attribute") + "]}]}]}]}");
  EXPECT_THAT(fields_of(decoded),
              ElementsAre("a_b=record", "r=resource", "s=scope", "trace_id=0a"));
}

TEST_F(OtlpPushTest, ScopesDoNotLeakIntoOtherScopesAndResources) {
  const Decoded decoded =
      json(R"({"resourceLogs":[{"resource":{"attributes":[)" + text("r", "1") +
           R"(]},"scopeLogs":[{"scope":{"name":"one"},"logRecords":[{}]},{"logRecords":[{}]}]},
        {"scopeLogs":[{"logRecords":[{}]}]}]})");
  EXPECT_THAT(fields_of(decoded, 0), ElementsAre("r=1", "scope_name=one"));
  EXPECT_THAT(fields_of(decoded, 1), ElementsAre("r=1"));
  EXPECT_THAT(fields_of(decoded, 2), IsEmpty());
}

TEST(AttributeNameTest, AreMadeAsLokiDoes) {
  EXPECT_EQ(attribute_name("http.status_code"), "http_status_code");
  EXPECT_EQ(attribute_name("1st"), "key_1st");
  EXPECT_EQ(attribute_name("_private"), "key_private");
  EXPECT_EQ(attribute_name("__reserved__"), "__reserved__");
  EXPECT_EQ(attribute_name("gr\u00f6\u00dfe"), "gr__e");
  EXPECT_EQ(attribute_name("ä"), "key_");
  EXPECT_EQ(attribute_name(""), "key_");
  for (const char* key : {"", ".", "9", "\xff\x80", "a b", "-"})
    EXPECT_TRUE(is_label_name(attribute_name(key))) << key;
}

TEST_F(OtlpPushTest, AWrongRecordIsRejectedAlone) {
  const Decoded decoded = records(
      R"({"body":{"stringValue":"good"}},{"traceId":"wxyz"},{"timeUnixNano":"soon"},{"body":"text"},null,5,
         {"attributes":{}},{"attributes":[{"key":1}]},{"severityNumber":[]},{"flags":-1},{"flags":4294967296},
         {"droppedAttributesCount":1.5},{"body":{"boolValue":"true"}},{"body":{"intValue":"9223372036854775808"}},
         {"body":{"doubleValue":"much"}},{"body":{"bytesValue":"?"}},{"spanId":"abc"},{"severityText":1},
         {"severityNumber":-2147483649},{"body":{"stringValue":"good too"}})");
  ASSERT_EQ(decoded.batch.num_rows(), 2U);
  EXPECT_EQ(decoded.batch.line(1), "good too");
  ASSERT_EQ(decoded.rejected.size(), 1U);
  EXPECT_EQ(decoded.rejected[0].reason, "invalid_record");
  EXPECT_EQ(decoded.rejected[0].count, 18U);
  EXPECT_EQ(decoded.rejected[0].message, "\"traceId\" is \"wxyz\", and should be hexadecimal");
}

TEST_F(OtlpPushTest, NumbersInEveryForm) {
  const auto line = [&](const std::string& body) {
    return std::string(records(R"({"body":)" + body + "}").batch.line(0));
  };
  EXPECT_EQ(line(R"({"intValue":1e3})"), "1000");
  EXPECT_EQ(line(R"({"intValue":"2.0"})"), "2");
  EXPECT_EQ(line(R"({"intValue":-3})"), "-3");
  EXPECT_EQ(line(R"({"doubleValue":"-1.5"})"), "-1.5");
  EXPECT_EQ(line(R"({"doubleValue":7})"), "7");
  for (const char* wrong : {R"({"intValue":1.5})", R"({"intValue":"0x10"})", R"({"intValue":""})",
                            R"({"intValue":9223372036854775808})", R"({"intValue":1e19})",
                            R"({"doubleValue":"inf"})", R"({"doubleValue":{}})"})
    EXPECT_THAT(rejection(R"({"body":)" + std::string(wrong) + "}"), HasSubstr("should be"))
        << wrong;
}

TEST_F(OtlpPushTest, BodiesThatAreNoRequestAreRefusedAsAWhole) {
  for (
      const char* body :
      {"", "{", "[]", "null", "5", R"({"resourceLogs":{}})", R"({"resourceLogs":[5]})",
       R"({"resourceLogs":[{"resource":[]}]})", R"({"resourceLogs":[{"scopeLogs":[{"scope":1}]}]})",
       R"({"resourceLogs":[{"scopeLogs":[{"logRecords":{}}]}]})",
       R"({"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"intValue":"x"}}]}}]})"}) {
    const auto decoded = decode_json(body, context_);
    ASSERT_FALSE(decoded.has_value()) << body;
    EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidArgument) << body;
  }
  for (const char* body : {"{}", R"({"resourceLogs":null})", R"({"resourceLogs":[]})"})
    EXPECT_TRUE(decode_json(body, context_)->batch.empty()) << body;
  EXPECT_TRUE(decode_protobuf("", context_)->batch.empty());
}

/// A body of arrays within arrays.
std::string nested_json(int depth) {
  std::string body = "{}";
  for (int i = 1; i < depth; ++i) body = R"({"arrayValue":{"values":[)" + body + "]}}";
  return body;
}

TEST_F(OtlpPushTest, NestingHasAnEnd) {
  EXPECT_EQ(rejection(R"({"body":)" + nested_json(kMaxValueDepth) + "}"), "");
  EXPECT_THAT(rejection(R"({"body":)" + nested_json(kMaxValueDepth + 1) + "}"),
              HasSubstr("nested deeper than 32 levels"));
  EXPECT_THAT(rejection(R"({"body":)" + nested_json(20'000) + "}"), HasSubstr("nested deeper"));

  std::string value;
  for (int i = 0; i < 10'000; ++i) {
    std::string outer;
    protozero::pbf_writer writer(outer);
    {
      protozero::pbf_writer array(writer, 5);
      array.add_message(1, value);
    }
    value = std::move(outer);
  }
  std::string body;
  {
    protozero::pbf_writer request(body);
    protozero::pbf_writer resource_logs(request, 1);
    protozero::pbf_writer scope_logs(resource_logs, 2);
    for (const std::string& content : {value, std::string()}) {
      protozero::pbf_writer record(scope_logs, 2);
      record.add_message(5, content);
    }
  }
  const auto decoded = decode_protobuf(body, context_);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->num_rejected(), 1U);
  EXPECT_EQ(decoded->batch.num_rows(), 1U);
}

TEST_F(OtlpPushTest, ValuesInARecordAreCounted) {
  limits_.max_line_bytes = 60;
  limits_.max_fields_bytes = 40;
  std::string elements = "{}";
  for (int i = 1; i < 101; ++i) elements += ",{}";
  EXPECT_THAT(rejection(R"({"body":{"arrayValue":{"values":[)" + elements + "]}}}"),
              HasSubstr("more than 100 values"));
}

TEST_F(OtlpPushTest, FieldsOverTheLimitRejectTheRecord) {
  limits_.max_fields = 10;
  std::string many;
  for (int i = 0; i < 1000; ++i) many += (i > 0 ? "," : "") + text("a" + std::to_string(i), "v");
  const Decoded decoded = attributes(many);
  ASSERT_EQ(decoded.rejected.size(), 1U);
  EXPECT_EQ(decoded.rejected[0].reason, "structured_metadata_too_many");

  limits_.max_fields_bytes = 100;
  EXPECT_EQ(attributes(text("a", std::string(200, 'x'))).rejected[0].reason,
            "structured_metadata_too_large");
}

TEST_F(OtlpPushTest, ALevelFitsEvenIfTheFieldsAreAtTheirLimit) {
  limits_.max_fields = 2;
  const Decoded decoded = records(R"({"severityNumber":9,"attributes":[)" + text("a", "b") + "]}");
  EXPECT_THAT(decoded.rejected, IsEmpty());
}

TEST_F(OtlpPushTest, AttributesThatWouldFillTheMemoryRefuseTheRequest) {
  limits_.max_expanded_body_bytes = 1'000'000;
  TestRequest request;
  const std::string large(10'000, 'x');
  request.resource.attributes = {{"process.command_line", {std::string_view(large)}}};
  request.records.resize(50);
  EXPECT_EQ(decode_protobuf(encode_protobuf(request), context_)->batch.num_rows(), 50U);
  request.records.resize(500);
  const auto decoded = decode_protobuf(encode_protobuf(request), context_);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace livedata::ingest::otlp
