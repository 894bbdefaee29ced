#include "archive/s3/s3_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "archive/s3/tests/s3_fixture.h"

namespace livedata::archive::s3 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class S3ClientTest : public S3Fixture {};

TEST_F(S3ClientTest, TriesAgainWhatMayBeBetterLater) {
  transport_.add(500);
  transport_.add_failure(ErrorCode::kUnavailable);
  transport_.add_error(503, "SlowDown");
  transport_.add(200, "bytes");
  EXPECT_EQ(*store()->get("k", 100, forever_), "bytes");
  EXPECT_THAT(pauses_, ElementsAre(200, 400, 800));
  EXPECT_EQ(transport_.seen.size(), 4U);
}

TEST_F(S3ClientTest, GivesUpAfterSomeAttempts) {
  for (int i = 0; i < 5; ++i) transport_.add_error(503, "SlowDown");
  const auto got = store()->get("k", 100, forever_);
  EXPECT_EQ(got.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(got.error().message, HasSubstr("SlowDown (503)"));
  EXPECT_THAT(got.error().message, HasSubstr("tried 4 times"));
  EXPECT_EQ(transport_.seen.size(), 4U);
}

TEST_F(S3ClientTest, WhatIsRefusedIsNotTriedAgain) {
  struct Case {
    int status;
    const char* code;
    ErrorCode expected;
    const char* says;
  };
  for (const Case& c :
       {Case{403, "AccessDenied", ErrorCode::kPermissionDenied, "s3:GetObject"},
        Case{404, "NoSuchKey", ErrorCode::kNotFound, "s3://bucket/pre/fix/k"},
        Case{404, "NoSuchBucket", ErrorCode::kInvalidArgument, "archive.s3.bucket"},
        Case{400, "InvalidArgument", ErrorCode::kInvalidArgument, "InvalidArgument"},
        Case{403, "RequestTimeTooSkewed", ErrorCode::kPermissionDenied, "clock"},
        Case{403, "SignatureDoesNotMatch", ErrorCode::kPermissionDenied, "secret"},
        Case{301, "PermanentRedirect", ErrorCode::kUnavailable, "region"},
        Case{501, "NotImplemented", ErrorCode::kUnsupported, "NotImplemented"}}) {
    transport_.add_error(c.status, c.code);
    const auto got = store()->get("k", 100, forever_);
    EXPECT_EQ(got.error().code, c.expected) << c.code;
    EXPECT_THAT(got.error().message, HasSubstr(c.says)) << c.code;
    EXPECT_THAT(got.error().message, Not(HasSubstr("very-secret")));
  }
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(S3ClientTest, NamesTheRegionOfTheBucket) {
  transport_.add(
      400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>");
  EXPECT_THAT(store()->get("k", 100, forever_).error().message,
              HasSubstr("set archive.s3.region to eu-west-1"));
}

TEST_F(S3ClientTest, WaitsAsLongAsTheServerAsks) {
  transport_.add(429, "", {{"retry-after", "3"}});
  transport_.add(503, "", {{"retry-after", "100000"}});
  transport_.add(200);
  EXPECT_TRUE(store()->get("k", 100, forever_));
  EXPECT_THAT(pauses_, ElementsAre(3'000, 20'000));
}

TEST_F(S3ClientTest, EndsWithTheDeadline) {
  const Deadline cancelled;
  retry_.pause = [&](std::chrono::nanoseconds, const Deadline& deadline) {
    deadline.cancel();
    return deadline.check();
  };
  transport_.add(500);
  EXPECT_EQ(store()->get("k", 100, cancelled).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(transport_.seen.size(), 1U);
}

TEST_F(S3ClientTest, AsksForNewCredentialsOnce) {
  options_.credentials = {.credentials_file = "/d/c"};
  ASSERT_TRUE(write_atomically(*files_, "/d/c",
                               "[default]\naws_access_key_id=a\naws_secret_access_key=s\n"));
  const auto made = store();
  transport_.add(200);
  EXPECT_TRUE(made->get("k", 100, forever_));
  ASSERT_TRUE(write_atomically(*files_, "/d/c",
                               "[default]\naws_access_key_id=b\naws_secret_access_key=s\n"));
  transport_.add_error(400, "ExpiredToken");
  transport_.add(200);
  EXPECT_TRUE(made->get("k", 100, forever_));
  EXPECT_THAT(transport_.seen[1].header("Authorization"), HasSubstr("Credential=a/"));
  EXPECT_THAT(transport_.seen[2].header("Authorization"), HasSubstr("Credential=b/"));
  transport_.add_error(400, "ExpiredToken");
  transport_.add_error(400, "ExpiredToken");
  EXPECT_FALSE(made->get("k", 100, forever_));
  EXPECT_EQ(transport_.seen.size(), 5U);
}

TEST_F(S3ClientTest, AddressesBucketsInBothWays) {
  struct Case {
    const char* endpoint;
    Addressing addressing;
    const char* url;
  };
  for (const Case& c :
       {Case{"", Addressing::kVirtualHost,
             "https://bucket.s3.us-east-1.amazonaws.com/pre/fix/k%3D1"},
        Case{"https://Min.io:443/", Addressing::kPath, "https://min.io/bucket/pre/fix/k%3D1"},
        Case{"http://127.0.0.1:9000", Addressing::kPath,
             "http://127.0.0.1:9000/bucket/pre/fix/k%3D1"}}) {
    options_.endpoint = c.endpoint;
    options_.addressing = c.addressing;
    transport_.add(200);
    EXPECT_TRUE(store()->get("k=1", 100, forever_));
    EXPECT_EQ(transport_.seen.back().url, c.url);
  }
}

TEST_F(S3ClientTest, RefusesAddressesThatAreNone) {
  const auto refuses = [&] { return !create().has_value(); };
  EXPECT_FALSE(refuses());
  const S3Options good = options_;
  for (const char* endpoint :
       {"s3.test", "ftp://x", "http://", "http://a/b", "http://u:p@h", "x"}) {
    options_.endpoint = endpoint;
    EXPECT_TRUE(refuses()) << endpoint;
  }
  options_ = good;
  for (const char* bucket : {"", "ab", "a/b", "a..b", "../x", "a b"}) {
    options_.bucket = bucket;
    EXPECT_TRUE(refuses()) << bucket;
  }
  options_ = good;
  options_.prefix = "a/";
  EXPECT_TRUE(refuses());
  options_ = good;
  options_.part_bytes = 100;
  EXPECT_TRUE(refuses());
}

TEST(RetryPolicyTest, PausesDoubleUpToABoundAndAreJittered) {
  RetryPolicy policy;
  double share = 1;
  policy.jitter = [&] { return share; };
  using std::chrono::milliseconds;
  EXPECT_EQ(policy.pause_after(1, {}), milliseconds(200));
  EXPECT_EQ(policy.pause_after(4, {}), milliseconds(1'600));
  EXPECT_EQ(policy.pause_after(100, {}), milliseconds(20'000));
  share = 0.5;
  EXPECT_EQ(policy.pause_after(4, {}), milliseconds(800));
  share = 0;
  EXPECT_EQ(policy.pause_after(4, {}), milliseconds(0));
  EXPECT_EQ(policy.pause_after(4, std::chrono::seconds(-5)), milliseconds(0));
}

}  // namespace
}  // namespace livedata::archive::s3
