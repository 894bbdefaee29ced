#include "tenant/secret.h"

#include <random>

#include <gtest/gtest.h>

#include "encoding/base64.h"

namespace livedata::tenant {
namespace {

TEST(SecretTest, AHashIsOfItsSecretOnly) {
  const RandomBytes random = system_random();
  const std::string hash = hash_secret("correct horse", random);
  EXPECT_TRUE(is_secret_hash(hash)) << hash;
  EXPECT_TRUE(is_secret(hash, "correct horse"));
  EXPECT_FALSE(is_secret(hash, "correct horsf"));
  EXPECT_FALSE(is_secret(hash, ""));
  EXPECT_NE(hash_secret("correct horse", random), hash) << "the salt must differ";
}

TEST(SecretTest, HashesThatAreNoneOrTooDearAreRefused) {
  for (const char* text : {"", "secret", "$argon2id$", "$2y$10$abcdefghijklmnopqrstuv",
                           "$argon2id$v=19$m=1048576,t=2,p=1$c29tZXNhbHQ$aGFzaA",
                           "$argon2id$v=19$m=19456,t=1000,p=1$c29tZXNhbHQ$aGFzaA",
                           "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA"}) {
    EXPECT_FALSE(is_secret_hash(text)) << text;
    EXPECT_FALSE(is_secret(text, "secret")) << text;
  }
}

TEST(SecretTest, Base64UrlComesBack) {
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 100; ++size) {
    std::vector<unsigned char> bytes(size);
    for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random());
    const auto back = encoding::base64_decode(base64url(bytes));
    ASSERT_TRUE(back);
    EXPECT_EQ(std::vector<unsigned char>(back->begin(), back->end()), bytes);
  }
  EXPECT_EQ(base64url(std::vector<unsigned char>{0xfb, 0xff}), "-_8");
}

TEST(SecretTest, EqualSecretsAreEqual) {
  EXPECT_TRUE(is_equal_secret("abc", "abc"));
  EXPECT_FALSE(is_equal_secret("abc", "abd"));
  EXPECT_FALSE(is_equal_secret("abc", "ab"));
  EXPECT_EQ(digest("abc").substr(0, 4), "\xba\x78\x16\xbf") << "FIPS 180-2, appendix B.1";
}

}  // namespace
}  // namespace livedata::tenant
