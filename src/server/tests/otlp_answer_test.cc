#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_reader.hpp>

#include "server/api/otlp/answer.h"
#include "server/grpc/status.h"

namespace livedata::server::otlp {
namespace {

using ingest::Rejection;

const std::vector<Rejection> kRejected = {{"line_too_long", "a line of 9 bytes", 2},
                                          {"invalid_record", "\"traceId\" is 5", 1}};
constexpr const char* kMessage =
    "2 refused (line_too_long): a line of 9 bytes; 1 refused (invalid_record): \"traceId\" is 5";

TEST(OtlpAnswerTest, FullSuccessIsAnEmptyMessage) {
  EXPECT_EQ(encode_response({}, Format::kJson), "{}");
  EXPECT_EQ(encode_response({}, Format::kProtobuf), "");
}

TEST(OtlpAnswerTest, PartialSuccessCountsAndSaysWhy) {
  EXPECT_EQ(
      encode_response(kRejected, Format::kJson),
      R"({"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"2 refused (line_too_long): a line of 9 bytes; 1 refused (invalid_record): \"traceId\" is 5"}})");
  const std::string bytes = encode_response(kRejected, Format::kProtobuf);
  protozero::pbf_reader response(bytes);
  ASSERT_TRUE(response.next(1));
  protozero::pbf_reader partial_success = response.get_message();
  ASSERT_TRUE(partial_success.next(1));
  EXPECT_EQ(partial_success.get_int64(), 3);
  ASSERT_TRUE(partial_success.next(2));
  EXPECT_EQ(partial_success.get_string(), kMessage);
}

TEST(OtlpAnswerTest, FinalErrorsHaveNoDetails) {
  const Error error{ErrorCode::kTooLarge, "send less"};
  EXPECT_EQ(encode_status(error, Format::kJson), R"({"code":8,"message":"send less"})");
  EXPECT_EQ(encode_status(error, Format::kProtobuf), "\x08\x08\x12\x09send less");
}

TEST(OtlpAnswerTest, WhatMayBeRepeatedSaysWhen) {
  for (const ErrorCode code : {ErrorCode::kResourceExhausted, ErrorCode::kUnavailable}) {
    const Error error{code, "busy"};
    EXPECT_EQ(
        encode_status(error, Format::kJson),
        fmt::format(
            R"({{"code":{},"message":"busy","details":[{{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1s"}}]}})",
            grpc::status_code(code)));
    const std::string bytes = encode_status(error, Format::kProtobuf);
    protozero::pbf_reader status(bytes);
    ASSERT_TRUE(status.next(3));
    protozero::pbf_reader any = status.get_message();
    ASSERT_TRUE(any.next(1));
    EXPECT_EQ(any.get_string(), "type.googleapis.com/google.rpc.RetryInfo");
    ASSERT_TRUE(any.next(2));
    EXPECT_EQ(any.get_string(), std::string("\x0a\x02\x08\x01"));
  }
}

}  // namespace
}  // namespace livedata::server::otlp
