#include "tenant/jwt.h"

#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "tenant/secret.h"

namespace livedata::tenant {
namespace {

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;
constexpr std::string_view kGoodClaims =
    R"({"sub":"grafana","tenant_id":"shop","roles":["reader"],"exp":1700000100})";

std::string encode(std::string_view text) {
  return base64url({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

/// A key pair that signs as RFC 7518 says, and its public part as a JWK.
class Signer {
 public:
  Signer(JwtAlgorithm algorithm, std::string id) : algorithm_(algorithm), id_(std::move(id)) {
    switch (algorithm) {
      case JwtAlgorithm::kRs256:
        key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048});
        break;
      case JwtAlgorithm::kEs256:
        key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
        break;
      case JwtAlgorithm::kEdDsa:
        key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
        break;
    }
  }
  ~Signer() { EVP_PKEY_free(key_); }
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  [[nodiscard]] std::string jwk() const {
    switch (algorithm_) {
      case JwtAlgorithm::kRs256:
        return fmt::format(R"({{"kty":"RSA","kid":"{}","use":"sig","n":"{}","e":"{}"}})", id_,
                           encode(number(OSSL_PKEY_PARAM_RSA_N, 0)),
                           encode(number(OSSL_PKEY_PARAM_RSA_E, 0)));
      case JwtAlgorithm::kEs256:
        return fmt::format(R"({{"kty":"EC","crv":"P-256","kid":"{}","x":"{}","y":"{}"}})", id_,
                           encode(number(OSSL_PKEY_PARAM_EC_PUB_X, 32)),
                           encode(number(OSSL_PKEY_PARAM_EC_PUB_Y, 32)));
      case JwtAlgorithm::kEdDsa:
        break;
    }
    std::string raw(32, '\0');
    std::size_t size = raw.size();
    EVP_PKEY_get_raw_public_key(key_, reinterpret_cast<unsigned char*>(raw.data()), &size);
    return fmt::format(R"({{"kty":"OKP","crv":"Ed25519","kid":"{}","x":"{}"}})", id_, encode(raw));
  }

  [[nodiscard]] std::string token(std::string_view claims, std::string header = {}) const {
    const char* name = algorithm_ == JwtAlgorithm::kRs256   ? "RS256"
                       : algorithm_ == JwtAlgorithm::kEs256 ? "ES256"
                                                            : "EdDSA";
    if (header.empty()) header = fmt::format(R"({{"alg":"{}","kid":"{}"}})", name, id_);
    const std::string signed_part = encode(header) + "." + encode(claims);
    return signed_part + "." + encode(signature(signed_part));
  }

 private:
  [[nodiscard]] std::string number(const char* parameter, int width) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key_, parameter, &value);
    std::string out(static_cast<std::size_t>(width == 0 ? BN_num_bytes(value) : width), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    BN_free(value);
    return out;
  }
  [[nodiscard]] std::string signature(const std::string& text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr,
                       algorithm_ == JwtAlgorithm::kEdDsa ? nullptr : EVP_sha256(), nullptr, key_);
    std::string out(512, '\0');
    std::size_t size = out.size();
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    out.resize(size);
    if (algorithm_ != JwtAlgorithm::kEs256) return out;
    const auto* der = reinterpret_cast<const unsigned char*>(out.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size));
    std::string both(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), reinterpret_cast<unsigned char*>(both.data()), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), reinterpret_cast<unsigned char*>(both.data()) + 32, 32);
    ECDSA_SIG_free(pair);
    return both;
  }

  JwtAlgorithm algorithm_;
  std::string id_;
  EVP_PKEY* key_ = nullptr;
};

class JwtTest : public testing::Test {
 protected:
  JwtTest() {
    auto keys =
        parse_jwks(fmt::format(R"({{"keys":[{},{},{}]}})", rsa_.jwk(), ec_.jwk(), ed_.jwk()));
    EXPECT_TRUE(keys) << keys.error().message;
    if (keys) keys_ = *std::move(keys);
  }
  [[nodiscard]] Result<Identity> verify(std::string_view token) const {
    return verify_jwt(token, keys_, rules_, kNow);
  }
  [[nodiscard]] std::string refusal(std::string_view token) const {
    const auto identity = verify(token);
    if (identity) return "accepted";
    EXPECT_EQ(identity.error().code, ErrorCode::kUnauthenticated);
    return identity.error().message;
  }

  Signer rsa_{JwtAlgorithm::kRs256, "one"};
  Signer ec_{JwtAlgorithm::kEs256, "two"};
  Signer ed_{JwtAlgorithm::kEdDsa, "three"};
  std::vector<VerifyingKey> keys_;
  JwtRules rules_;
};

TEST_F(JwtTest, TokensOfEachAlgorithmAreTaken) {
  for (const Signer* signer : {&rsa_, &ec_, &ed_}) {
    const auto identity = verify(signer->token(kGoodClaims));
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->name, "grafana");
    EXPECT_EQ(identity->tenant.text(), "shop");
    EXPECT_EQ(identity->roles, Roles{Role::kReader});
    EXPECT_EQ(identity->proof, Proof::kJwt);
    EXPECT_EQ(identity->expires, 1'700'000'100 * kNsPerSecond);
  }
}

TEST_F(JwtTest, AChangedByteAnywhereIsRefused) {
  for (const Signer* signer : {&rsa_, &ec_, &ed_}) {
    const std::string good = signer->token(kGoodClaims);
    for (std::size_t i = 3; i < good.size(); i += 7) {
      // The last character of a part may hold bits that stand for nothing.
      if (good[i] == '.' || i + 1 == good.size() || good[i + 1] == '.') continue;
      std::string bad = good;
      bad[i] = bad[i] == 'A' ? 'B' : 'A';
      EXPECT_FALSE(verify(bad)) << i;
    }
  }
}

TEST_F(JwtTest, AlgorithmsThatAnybodyCanSignWithAreRefused) {
  for (const char* algorithm : {"none", "HS256", "RS512", "ES256"}) {
    EXPECT_NE(refusal(rsa_.token(kGoodClaims, fmt::format(R"({{"alg":"{}"}})", algorithm))),
              "accepted")
        << algorithm;
  }
  const std::string unsigned_token = encode(R"({"alg":"none"})") + "." + encode(kGoodClaims) + ".";
  EXPECT_EQ(refusal(unsigned_token),
            "tokens signed by 'none' are not taken; RS256, ES256 and EdDSA are");
}

TEST_F(JwtTest, AKeyOfAnotherSetIsRefused) {
  const Signer stranger(JwtAlgorithm::kEs256, "two");
  EXPECT_EQ(refusal(stranger.token(kGoodClaims)),
            "the token is not signed by a key that is trusted here");
  EXPECT_EQ(refusal(ec_.token(kGoodClaims, R"({"alg":"ES256","kid":"one"})")),
            "the token is not signed by a key that is trusted here");
  EXPECT_EQ(refusal(ec_.token(kGoodClaims, R"({"alg":"ES256"})")), "accepted");
  EXPECT_NE(refusal(ec_.token(kGoodClaims, R"({"alg":"ES256","crit":["exp"]})")), "accepted");
}

TEST_F(JwtTest, ClaimsThatAreMissingOrWrongAreNamed) {
  struct Row {
    const char* claims;
    const char* part_of_message;
  };
  for (const Row& row : {
           Row{R"({"tenant_id":"shop","roles":["reader"]})", "\"exp\""},
           Row{R"({"tenant_id":"shop","roles":["reader"],"exp":"soon"})", "\"exp\""},
           Row{R"({"tenant_id":"shop","roles":["reader"],"exp":1e300})", "\"exp\""},
           Row{R"({"tenant_id":"shop","roles":["reader"],"exp":1699999900})", "expired"},
           Row{R"({"tenant_id":"shop","roles":["reader"],"exp":1700000100,"nbf":1700000099})",
               "\"nbf\""},
           Row{R"({"roles":["reader"],"exp":1700000100})", "\"tenant_id\""},
           Row{R"({"tenant_id":"../x","roles":["reader"],"exp":1700000100})", "\"tenant_id\""},
           Row{R"({"tenant_id":7,"roles":["reader"],"exp":1700000100})", "\"tenant_id\""},
           Row{R"({"tenant_id":"shop","exp":1700000100})", "\"roles\""},
           Row{R"({"tenant_id":"shop","roles":[],"exp":1700000100})", "\"roles\""},
           Row{R"({"tenant_id":"shop","roles":["root"],"exp":1700000100})", "'root'"},
           Row{R"([1])", "claims"},
       }) {
    EXPECT_NE(refusal(ed_.token(row.claims)).find(row.part_of_message), std::string::npos)
        << row.claims << ": " << refusal(ed_.token(row.claims));
  }
  EXPECT_EQ(refusal(ed_.token(R"({"tenant_id":"shop","roles":"reader writer","exp":1699999950})")),
            "accepted")
      << "clocks may differ by a minute";
}

TEST_F(JwtTest, IssuerAndAudienceAreCheckedWhereTheyAreSet) {
  rules_.issuer = "https://id.example";
  rules_.audience = "livedata";
  const auto claims = [](std::string_view more) {
    return fmt::format(R"({{"tenant_id":"shop","roles":["reader"],"exp":1700000100{}}})", more);
  };
  EXPECT_NE(refusal(ed_.token(claims(""))).find("\"iss\""), std::string::npos);
  EXPECT_NE(refusal(ed_.token(claims(R"(,"iss":"https://id.example")"))).find("\"aud\""),
            std::string::npos);
  EXPECT_EQ(refusal(ed_.token(claims(R"(,"iss":"https://id.example","aud":"livedata")"))),
            "accepted");
  EXPECT_EQ(refusal(ed_.token(claims(R"(,"iss":"https://id.example","aud":["a","livedata"])"))),
            "accepted");
}

TEST_F(JwtTest, TextsThatAreNoTokensAreRefused) {
  for (const char* text : {"", "..", "eyJ..", "eyJ.eyJ.eyJ", "a.b.c"}) {
    EXPECT_NE(refusal(text), "accepted") << text;
  }
  EXPECT_NE(refusal("eyJ." + std::string(20'000, 'a') + ".b"), "accepted");
}

TEST(JwksTest, SetsWithoutAUsableKeyAreRefused) {
  for (const char* json : {"", "{}", R"({"keys":[]})", R"({"keys":[{"kty":"oct","k":"c2VjcmV0"}]})",
                           R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]})",
                           R"({"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]})",
                           R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":""}]})"}) {
    EXPECT_FALSE(parse_jwks(json)) << json;
  }
}

TEST(JwksTest, KeysThatAreNotForSignaturesAreLeftOut) {
  const Signer signer(JwtAlgorithm::kEdDsa, "a");
  const auto keys = parse_jwks(fmt::format(
      R"({{"keys":[{{"kty":"oct","k":"c2VjcmV0"}},{{"kty":"EC","crv":"P-521"}},{{"use":"enc","kty":"RSA"}},{}]}})",
      signer.jwk()));
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->size(), 1U);
}

}  // namespace
}  // namespace livedata::tenant
