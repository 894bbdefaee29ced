#include "archive/s3/credentials.h"

#include <gtest/gtest.h>

#include "archive/s3/credentials_file.h"
#include "archive/s3/tests/scripted_transport.h"
#include "base/testing/fake_clock.h"
#include "base/testing/simulated_disk.h"
#include "base/time_format.h"

namespace livedata::archive::s3 {
namespace {

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() : disk_(1), files_(disk_.mount()) {}

  void write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(files_->create_folders(Path(path).parent_path()));
    ASSERT_TRUE(write_atomically(*files_, path, text));
  }
  Result<Credentials> ask(const CredentialsOptions& options) {
    return CredentialsSource(options, *files_, transport_, clock_).get(Deadline());
  }
  std::string lent(const std::string& id, std::chrono::seconds for_time) {
    return fmt::format(
        R"({{"AccessKeyId": "{}", "SecretAccessKey": "s", "Token": "t", "Expiration": "{}"}})", id,
        format_rfc3339(clock_.now() + std::chrono::nanoseconds(for_time).count()));
  }

  SimulatedDisk disk_;
  std::shared_ptr<FileSystem> files_;
  ScriptedTransport transport_;
  FakeClock clock_;
};

TEST_F(CredentialsTest, TheFirstPlaceThatHasSomeIsTaken) {
  write("/home/.aws/credentials",
        "[default]\naws_access_key_id = of-file\naws_secret_access_key = s\n"
        "[other]\naws_access_key_id=of-other\naws_secret_access_key=s\naws_session_token=t\n");
  CredentialsOptions options;
  options.access_key_id = "of-options";
  options.secret_access_key = "s";
  options.profile = "other";
  options.environment = {
      {"AWS_ACCESS_KEY_ID", "of-environment"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"HOME", "/home"}};
  EXPECT_EQ(ask(options)->access_key_id, "of-options");
  options.secret_access_key = "";  // half of them is none
  EXPECT_EQ(ask(options)->access_key_id, "of-other");
  EXPECT_EQ(ask(options)->session_token, "t");
  options.profile = "";
  EXPECT_EQ(ask(options)->access_key_id, "of-environment");
  options.environment.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(ask(options)->access_key_id, "of-file");
  options.environment["AWS_PROFILE"] = "other";
  EXPECT_EQ(ask(options)->access_key_id, "of-other");
  EXPECT_TRUE(transport_.seen.empty());
}

TEST_F(CredentialsTest, AProfileThatIsNamedMustBeThere) {
  write("/c", "[default]\naws_access_key_id = a\naws_secret_access_key = very-secret\n[x]\n");
  const auto found = ask({.profile = "x", .credentials_file = "/c"});
  EXPECT_EQ(found.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(found.error().message.find("very-secret"), std::string::npos);
  EXPECT_EQ(ask({.credentials_file = "/absent"}).error().code, ErrorCode::kNotFound);
}

TEST_F(CredentialsTest, AsksTheInstanceWithAToken) {
  transport_.add(200, "token");
  transport_.add(200, "my-role\n");
  transport_.add(200, lent("of-instance", std::chrono::hours(6)));
  CredentialsSource source({}, *files_, transport_, clock_);
  EXPECT_EQ(source.get(Deadline())->access_key_id, "of-instance");
  ASSERT_EQ(transport_.seen.size(), 3U);
  EXPECT_EQ(transport_.seen[0].method, "PUT");
  EXPECT_EQ(transport_.seen[0].url, "http://169.254.169.254/latest/api/token");
  EXPECT_EQ(transport_.seen[2].url,
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role");
  EXPECT_EQ(transport_.seen[2].header("X-aws-ec2-metadata-token"), "token");
  // Kept until shortly before they expire, and then asked for anew.
  clock_.advance(std::chrono::hours(5));
  EXPECT_EQ(source.get(Deadline())->access_key_id, "of-instance");
  EXPECT_EQ(transport_.seen.size(), 3U);
  clock_.advance(std::chrono::minutes(56));
  transport_.add(500);
  EXPECT_EQ(source.get(Deadline())->access_key_id, "of-instance");  // good for minutes yet
  transport_.add(200, "token");
  transport_.add(200, "my-role");
  transport_.add(200, lent("second", std::chrono::hours(6)));
  EXPECT_EQ(source.get(Deadline())->access_key_id, "second");
  clock_.advance(std::chrono::hours(7));
  EXPECT_EQ(source.get(Deadline()).error().code, ErrorCode::kUnauthenticated);
}

TEST_F(CredentialsTest, AsksTheContainersService) {
  write("/token", "bearer\n");
  CredentialsOptions options;
  options.environment = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"},
                         {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "bearer"}};
  transport_.add(200, lent("of-container", std::chrono::hours(1)));
  EXPECT_EQ(ask(options)->access_key_id, "of-container");
  EXPECT_EQ(transport_.seen[0].url, "http://169.254.170.2/v2/x");
  EXPECT_EQ(transport_.seen[0].header("Authorization"), "bearer");
  for (const char* url :
       {"http://example.org/x", "http://127.0.0.1.example.org/", "ftp://127.0.0.1/"}) {
    options.environment = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}};
    EXPECT_EQ(ask(options).error().code, ErrorCode::kPermissionDenied) << url;
  }
  EXPECT_EQ(transport_.seen.size(), 1U);
}

TEST_F(CredentialsTest, SaysWhereItHasLooked) {
  CredentialsOptions options;
  options.environment = {{"AWS_EC2_METADATA_DISABLED", "true"}};
  const auto found = ask(options);
  EXPECT_EQ(found.error().code, ErrorCode::kUnauthenticated);
  EXPECT_NE(found.error().message.find("AWS_ACCESS_KEY_ID"), std::string::npos);
  EXPECT_TRUE(transport_.seen.empty());
}

TEST_F(CredentialsTest, AnAnswerWithoutCredentialsIsNotRepeated) {
  transport_.add(200, "token");
  transport_.add(200, "role");
  transport_.add(200, R"({"AccessKeyId": "id", "SecretAccessKey": "hush"})");
  const auto found = ask({});
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().message.find("hush"), std::string::npos);
}

TEST_F(CredentialsTest, WhatNeverChangesIsNotForgotten) {
  CredentialsSource fixed({.access_key_id = "a", .secret_access_key = "b"}, *files_, transport_,
                          clock_);
  ASSERT_TRUE(fixed.get(Deadline()));
  EXPECT_FALSE(fixed.forget());
  write("/c", "[default]\naws_access_key_id = old\naws_secret_access_key = s\n");
  CredentialsSource source({.credentials_file = "/c"}, *files_, transport_, clock_);
  EXPECT_EQ(source.get(Deadline())->access_key_id, "old");
  write("/c", "[default]\naws_access_key_id = new\naws_secret_access_key = s\n");
  EXPECT_EQ(source.get(Deadline())->access_key_id, "old");
  EXPECT_TRUE(source.forget());
  EXPECT_EQ(source.get(Deadline())->access_key_id, "new");
  write("/c", "[default]\naws_access_key_id = third\naws_secret_access_key = s\n");
  clock_.advance(std::chrono::seconds(61));
  EXPECT_EQ(source.get(Deadline())->access_key_id, "third");
}

TEST(CredentialsFileTest, ReadsOneProfile) {
  const std::string text =
      "# comment\r\n[ a ]\r\naws_access_key_id=1\r\n;aws_access_key_id=2\r\n"
      "aws_secret_access_key = x=y+/ \r\nregion = r\r\n\r\n[b]\naws_access_key_id=3";
  const auto found = find_profile(text, "a");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->access_key_id, "1");
  EXPECT_EQ(found->secret_access_key, "x=y+/");
  EXPECT_FALSE(find_profile(text, "b").has_value());
  EXPECT_FALSE(find_profile(text, "c").has_value());
  EXPECT_FALSE(find_profile("", "default").has_value());
}

}  // namespace
}  // namespace livedata::archive::s3
