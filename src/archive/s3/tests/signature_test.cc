#include "archive/s3/signature.h"

#include <gtest/gtest.h>

#include "archive/s3/digests.h"

namespace livedata::archive::s3 {
namespace {

// The examples of "Signature Calculations for the Authorization Header" in Amazon's documentation
// of S3: 2013-05-24T00:00:00Z, us-east-1, examplebucket.
constexpr TimestampNs kTime = 1'369'353'600 * kNsPerSecond;
const Credentials kCredentials{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                               ""};

std::string signature_of(std::string_view method, std::string_view path, const Query& query,
                         const std::vector<http_client::Header>& headers,
                         std::string_view payload = "") {
  const std::string digest = hex(sha256(payload));
  const auto added = sign({method, "examplebucket.s3.amazonaws.com", path, query, headers, digest},
                          kCredentials, "us-east-1", kTime);
  const std::string& value = added.back().value;
  EXPECT_TRUE(
      value.starts_with("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
                        "us-east-1/s3/aws4_request,SignedHeaders="));
  return value.substr(value.rfind('=') + 1);
}

TEST(SignatureTest, SignsAsAmazonsExamples) {
  EXPECT_EQ(signature_of("GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(signature_of("PUT", uri_escape("/test$file.text", Slash::kKept), {},
                         {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                          {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                         "Welcome to Amazon S3."),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  EXPECT_EQ(signature_of("GET", "/", {{"lifecycle", ""}}, {}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(signature_of("GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SignatureTest, ASessionTokenIsSentAndSigned) {
  Credentials lent = kCredentials;
  lent.session_token = "token";
  const auto added = sign({"GET", "h", "/", {}, {}, hex(sha256(""))}, lent, "r", kTime);
  bool is_sent = false;
  for (const auto& header : added) is_sent = is_sent || header.name == "x-amz-security-token";
  EXPECT_TRUE(is_sent);
  EXPECT_NE(added.back().value.find(
                "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"),
            std::string::npos);
}

TEST(SignatureTest, EscapesAllButTheUnreserved) {
  EXPECT_EQ(uri_escape("a/b=c d~é", Slash::kKept), "a/b%3Dc%20d~%C3%A9");
  EXPECT_EQ(uri_escape("a/b", Slash::kEscaped), "a%2Fb");
  EXPECT_EQ(query_text({{"b", "x/y"}, {"a", ""}}), "a=&b=x%2Fy");
}

TEST(DigestsTest, AreThoseOfTheStandards) {
  // RFC 4231, case 2; RFC 1321; FIPS 180; RFC 3720.
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(crc32c_base64("123456789"), "4waSgw==");
}

}  // namespace
}  // namespace livedata::archive::s3
