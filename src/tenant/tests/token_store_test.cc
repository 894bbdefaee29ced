#include "tenant/token_store.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace livedata::tenant {
namespace {

Result<std::vector<LabelMatcher>> parse_team(std::string_view text) {
  if (text != "{team=\"shop\"}") return fail(ErrorCode::kInvalidArgument, "no selector: {}", text);
  LIVEDATA_TRY(LabelMatcher matcher, LabelMatcher::make("team", MatchOp::kEqual, "shop"));
  return std::vector<LabelMatcher>{std::move(matcher)};
}

class TokenStoreTest : public testing::Test {
 protected:
  TokenStoreTest() {
    folder_ = std::filesystem::temp_directory_path() /
              ("livedata_tokens_" + std::to_string(::getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
  }
  ~TokenStoreTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<TokenStore> open() {
    auto store = TokenStore::open({files_, clock_, system_random(), parse_team}, path());
    EXPECT_TRUE(store) << store.error().message;
    return *std::move(store);
  }
  [[nodiscard]] Path path() const { return folder_ / "tokens.jsonl"; }
  static Token wish(std::string name) {
    Token token;
    token.name = std::move(name);
    token.roles = {Role::kReader};
    return token;
  }

  PosixFileSystem files_;
  FakeClock clock_{1'700'000'000 * kNsPerSecond};
  Path folder_;
};

TEST_F(TokenStoreTest, ATokenIsWhoItWasMadeFor) {
  const auto store = open();
  Token asked = wish("grafana");
  asked.tenant = *TenantId::parse("shop");
  asked.other_tenants = {"shop-test"};
  asked.streams = "{team=\"shop\"}";
  const auto created = store->create(asked);
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_TRUE(created->text.starts_with("ld_" + created->token.id + "_"));
  for (int i = 0; i < 2; ++i) {  // the second time by its digest
    const auto identity = store->verify(created->text);
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->name, "grafana");
    EXPECT_EQ(identity->proof, Proof::kToken);
    EXPECT_EQ(identity->tenant.text(), "shop");
    EXPECT_EQ(identity->roles, Roles{Role::kReader});
    EXPECT_EQ(identity->other_tenants, std::vector<std::string>{"shop-test"});
    ASSERT_EQ(identity->streams.size(), 1U);
    EXPECT_EQ(identity->streams[0].value(), "shop");
  }
}

TEST_F(TokenStoreTest, WhatIsNoTokenOfOursIsRefusedAlike) {
  const auto store = open();
  const std::string text = store->create(wish("a"))->text;
  std::string wrong = text;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  const auto known = store->verify(text);
  EXPECT_TRUE(known);
  for (const std::string& bad :
       {wrong, text + "A", text.substr(0, text.size() - 1), std::string("ld_"), std::string(),
        std::string("ld_aaaaaaaaaaaa_secret"), "x" + text, std::string(1000, 'l')}) {
    const auto identity = store->verify(bad);
    ASSERT_FALSE(identity) << bad;
    EXPECT_EQ(identity.error().code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(identity.error().message, "the token is not known here, or was revoked");
  }
}

TEST_F(TokenStoreTest, TheSecretIsKeptNowhere) {
  const auto store = open();
  const std::string text = store->create(wish("a"))->text;
  const std::string secret(split_token(text)->secret);
  EXPECT_EQ(files_.read_all(path())->find(secret), std::string::npos);
}

TEST_F(TokenStoreTest, ATokenExpires) {
  const auto store = open();
  Token asked = wish("short");
  asked.expires = clock_.now() + 10 * kNsPerSecond;
  const std::string text = store->create(asked)->text;
  EXPECT_TRUE(store->verify(text));
  clock_.advance(std::chrono::seconds(10));
  const auto identity = store->verify(text);
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().message, "the token has expired");
}

TEST_F(TokenStoreTest, ARevokedTokenIsRefusedAtOnce) {
  const auto store = open();
  const auto created = store->create(wish("a"));
  EXPECT_TRUE(store->verify(created->text));
  ASSERT_TRUE(store->revoke(created->token.id));
  EXPECT_FALSE(store->verify(created->text));
  EXPECT_EQ(store->revoke(created->token.id).error().code, ErrorCode::kNotFound);
}

TEST_F(TokenStoreTest, ChangesOfAnotherProcessAreSeenWithinASecond) {
  const auto server = open();
  const auto command_line = open();
  const auto created = command_line->create(wish("a"));
  ASSERT_TRUE(created);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_TRUE(server->verify(created->text));
  ASSERT_TRUE(command_line->revoke(created->token.id));
  clock_.advance(std::chrono::seconds(1));
  EXPECT_FALSE(server->verify(created->text));
  // A change takes what others changed before it.
  ASSERT_TRUE(command_line->create(wish("b")));
  ASSERT_TRUE(server->create(wish("c")));
  EXPECT_EQ(command_line->list()->size(), 2U);
}

TEST_F(TokenStoreTest, TokensOutliveTheProcess) {
  const std::string text = open()->create(wish("a"))->text;
  EXPECT_TRUE(open()->verify(text));
}

TEST_F(TokenStoreTest, BadWishesAreRefused) {
  const auto store = open();
  Token no_roles = wish("a");
  no_roles.roles = {};
  Token past = wish("a");
  past.expires = clock_.now();
  Token selector = wish("a");
  selector.streams = "{";
  Token tenant = wish("a");
  tenant.other_tenants = {"../x"};
  for (const Token& bad :
       {wish(""), wish(std::string(101, 'a')), wish("a\nb"), no_roles, past, selector, tenant}) {
    const auto created = store->create(bad);
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(store->list()->empty());
}

TEST_F(TokenStoreTest, ABrokenFileIsToldByItsLine) {
  ASSERT_TRUE(open()->create(wish("a")));
  const std::string good = *files_.read_all(path());
  ASSERT_TRUE(write_atomically(files_, path(), good + "{\"id\": 1}\n"));
  const auto store = TokenStore::open({files_, clock_, system_random(), parse_team}, path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(store.error().message.find("tokens.jsonl, line 2"), std::string::npos)
      << store.error().message;
}

}  // namespace
}  // namespace livedata::tenant
