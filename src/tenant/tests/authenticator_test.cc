#include "tenant/authenticator.h"

#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "encoding/base64.h"

namespace livedata::tenant {
namespace {

using encoding::base64_encode;

class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("livedata_auth_" + std::to_string(::getpid()) + "_" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    tokens_ = *TokenStore::open({files_, clock_, system_random(),
                                 [](std::string_view) { return std::vector<LabelMatcher>(); }},
                                folder_ / "tokens.jsonl");
    Token wish;
    wish.name = "agent";
    wish.tenant = *TenantId::parse("shop");
    wish.roles = {Role::kWriter};
    token_ = tokens_->create(wish)->text;
    options_.enabled = true;
    options_.users.push_back(
        {.grant = {.name = "ada", .tenant = *TenantId::parse("shop"), .roles = {Role::kReader}},
         .password_hash = hash_secret("lovelace", system_random())});
    options_.certificates.push_back({.name = "web1.example", .roles = {Role::kWriter}});
    options_.networks.push_back(
        {*Network::parse("10.0.0.0/8"), {.name = "inside", .roles = {Role::kWriter}}});
    options_.networks.push_back(
        {*Network::parse("10.1.0.0/16"),
         {.name = "lab", .tenant = *TenantId::parse("lab"), .roles = {Role::kWriter}}});
  }
  ~AuthenticatorTest() override { std::filesystem::remove_all(folder_); }

  Result<Identity> authenticate(const Credentials& credentials) {
    return Authenticator(options_, tokens_.get(), clock_, system_random())
        .authenticate(credentials);
  }
  std::string who(const Credentials& credentials) {
    const auto identity = authenticate(credentials);
    return identity ? identity->name + "@" + identity->tenant.text()
                    : std::string(name(identity.error().code));
  }

  PosixFileSystem files_;
  FakeClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<TokenStore> tokens_;
  std::string token_;
  AuthenticatorOptions options_;
};

TEST_F(AuthenticatorTest, ATokenIsTakenInEveryFormThatAgentsSend) {
  for (const std::string& header :
       {"Bearer " + token_, "bearer  " + token_ + " ", "Splunk " + token_, "Token " + token_,
        "Basic " + base64_encode("anything:" + token_), "ApiKey " + base64_encode("id:" + token_),
        "ApiKey " + base64_encode(token_)}) {
    EXPECT_EQ(who({.authorization = header}), "agent@shop") << header;
  }
  EXPECT_EQ(who({.api_key = token_}), "agent@shop");
}

TEST_F(AuthenticatorTest, APasswordIsTakenWithItsNameOnly) {
  EXPECT_EQ(who({.authorization = "Basic " + base64_encode("ada:lovelace")}), "ada@shop");
  for (const char* wrong : {"ada:byron", "ada:", "bob:lovelace", ":lovelace", "ada"}) {
    EXPECT_EQ(who({.authorization = "Basic " + base64_encode(wrong)}), "unauthenticated") << wrong;
  }
}

TEST_F(AuthenticatorTest, APasswordIsHashedOnce) {
  const Authenticator authenticator(options_, tokens_.get(), clock_, system_random());
  EXPECT_TRUE(authenticator.sign_in("ada", "lovelace"));
  EXPECT_TRUE(authenticator.sign_in("ada", "lovelace"));
  EXPECT_FALSE(authenticator.sign_in("ada", "lovelacf"));
}

TEST_F(AuthenticatorTest, WhatShowsNothingIsRefused) {
  EXPECT_EQ(who({}), "unauthenticated");
  EXPECT_EQ(who({.tenant = "shop"}), "unauthenticated");
  for (const char* header : {"Bearer", "Bearer ", "Bearer x", "Digest x", "Basic !", "eyJ.eyJ.x",
                             "ApiKey", "ApiKey =", "Basic "}) {
    EXPECT_EQ(who({.authorization = header}), "unauthenticated") << header;
  }
  EXPECT_EQ(who({.authorization = std::string(30'000, 'x')}), "unauthenticated");
}

TEST_F(AuthenticatorTest, ATenantIsNamedByThoseWhoMay) {
  EXPECT_EQ(who({.api_key = token_, .tenant = "shop"}), "agent@shop");
  EXPECT_EQ(who({.api_key = token_, .tenant = "lab"}), "permission_denied");
  EXPECT_EQ(who({.api_key = token_, .tenant = "../lab"}), "invalid_argument");
}

TEST_F(AuthenticatorTest, CertificatesAndAddressesAreLookedUp) {
  EXPECT_EQ(who({.certificate = "web1.example"}), "web1.example@default");
  EXPECT_EQ(who({.certificate = "web2.example"}), "unauthenticated");
  EXPECT_EQ(who({.address = "10.2.0.1"}), "inside@default");
  EXPECT_EQ(who({.address = "10.1.0.1"}), "lab@lab") << "the narrowest network counts";
  EXPECT_EQ(who({.address = "192.0.2.1"}), "unauthenticated");
}

TEST_F(AuthenticatorTest, ABadTokenIsNotMadeUpForByAnAddress) {
  EXPECT_EQ(who({.api_key = "ld_wrong", .address = "10.2.0.1"}), "unauthenticated");
}

TEST_F(AuthenticatorTest, WithoutAuthenticationEverybodyIsAnAdmin) {
  options_.enabled = false;
  EXPECT_EQ(who({}), "anyone@default");
  EXPECT_EQ(who({.tenant = "shop"}), "anyone@default") << "as there is one tenant only";
  options_.multi_tenant = true;
  EXPECT_EQ(who({.tenant = "shop"}), "anyone@shop");
  EXPECT_EQ(who({.tenant = ".."}), "invalid_argument");
  EXPECT_EQ(who({.tenant = "_audit"}), "permission_denied");
  EXPECT_TRUE(authenticate({})->check(Permission::kAdminister));
}

}  // namespace
}  // namespace livedata::tenant
