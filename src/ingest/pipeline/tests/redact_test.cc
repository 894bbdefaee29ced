#include <random>

#include <gmock/gmock.h>

#include "ingest/pipeline/secrets/finders.h"
#include "ingest/pipeline/secrets/keyed_hash.h"
#include "ingest/pipeline/tests/piped.h"

namespace livedata::ingest::pipeline {
namespace {

using testing::HasSubstr;

std::string redacted(const std::string& pattern, const std::string& text) {
  Bench bench("- redact: {patterns: [" + pattern + "], replacement: '#'}");
  return bench(text).line;
}

struct Example {
  const char* text;
  const char* wanted;
};

void expect_all(const std::string& pattern, const std::vector<Example>& examples) {
  for (const Example& example : examples)
    EXPECT_EQ(redacted(pattern, example.text), example.wanted) << example.text;
}

TEST(Redact, CreditCards) {
  expect_all("credit_card", {{"pay 4111111111111111 now", "pay # now"},
                             {"4111 1111 1111 1111", "#"},
                             {"4111-1111-1111-1111.", "#."},
                             {"amex 378282246310005", "amex #"},
                             {"5555555555554444,4242424242424242", "#,#"},
                             {"4111 1111 1111 1111 2026", "# 2026"},
                             {"6011111111111117", "#"},
                             {"\"card\":\"3530111333300000\"", "\"card\":\"#\""},
                             // a wrong check digit, a time in nanoseconds, too long, too short
                             {"4111111111111112", "4111111111111112"},
                             {"1700000000000000003", "1700000000000000003"},
                             {"41111111111111111111111", "41111111111111111111111"},
                             {"411111111111", "411111111111"},
                             {"id4111111111111111", "id4111111111111111"},
                             {"0.4111111111111111", "0.4111111111111111"}});
}

TEST(Redact, EmailAddresses) {
  expect_all("email", {{"from a.b+c@mail.example.com to x@y.org.", "from # to #."},
                       {"<bob@example.com>", "<#>"},
                       {"user@host", "user@host"},
                       {"@example.com", "@example.com"},
                       {"a@b.c", "a@b.c"},
                       {"a@@b.com", "a@@b.com"},
                       {"x@y.com@z.org", "#@z.org"}});
}

TEST(Redact, Addresses) {
  expect_all("ipv4", {{"from 10.0.0.1:80 to 192.168.1.255", "from #:80 to #"},
                      {"1.2.3", "1.2.3"},
                      {"256.1.1.1", "256.1.1.1"},
                      {"1.2.3.4.5", "1.2.3.4.5"},
                      {"v1.2.3.4", "v1.2.3.4"},
                      {"end 1.2.3.4.", "end #."}});
  expect_all("ipv6", {{"from 2001:db8::1 to [::1]:80", "from # to [#]:80"},
                      {"12:34:56", "12:34:56"},
                      {"a::b::c", "a::b::c"},
                      {"std::string", "std::string"},
                      {"at fe80::1: down", "at #: down"}});
}

TEST(Redact, Tokens) {
  expect_all("bearer", {{"Authorization: Bearer abc.DEF-123_456 x", "Authorization: Bearer # x"},
                        {"authorization: basic dXNlcjpwYXNz", "authorization: basic #"},
                        {"a bearer of news", "a bearer of news"},
                        {"bearer ", "bearer "}});
  expect_all(
      "jwt",
      {{"t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9 x",
        "t=# x"},
       {"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0NTY3ODkwIn0.", "#"},
       {"eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9"},
       {"eyJ.eyJ.eyJ", "eyJ.eyJ.eyJ"}});
  expect_all("aws_key", {{"key AKIAIOSFODNN7EXAMPLE.", "key #."},
                         {"ASIAIOSFODNN7EXAMPLE", "#"},
                         {"AKIAIOSFODNN7EXAMPLEX", "AKIAIOSFODNN7EXAMPLEX"},
                         {"XAKIAIOSFODNN7EXAMPLE", "XAKIAIOSFODNN7EXAMPLE"},
                         {"IA", "IA"}});
  expect_all("private_key",
             {{"a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b", "a # b"},
              {"-----BEGIN PRIVATE KEY-----\\nMII", "#"},
              {"-----BEGIN PUBLIC KEY----- x -----END PUBLIC KEY-----",
               "-----BEGIN PUBLIC KEY----- x -----END PUBLIC KEY-----"},
              {"-----BEGIN -----BEGIN EC PRIVATE KEY----- x -----END", "-----BEGIN #"}});
}

TEST(Redact, Passwords) {
  expect_all("url_password", {{"postgres://app:s3cr3t@db:5432/x", "postgres://app:#@db:5432/x"},
                              {"redis://:pw@h", "redis://:#@h"},
                              {"http://host:80/a@b", "http://host:80/a@b"},
                              {"http://user@host", "http://user@host"},
                              {"x://a:p@ss@h", "x://a:#@h"},
                              {"://", "://"}});
  expect_all("password", {{"user=bob password=hunter2 next=1", "user=bob password=# next=1"},
                          {R"({"user":"bob","password":"hun\"ter2","n":1})",
                           R"({"user":"bob","password":"#","n":1})"},
                          {R"("{\"api_key\":\"abc\"}")", R"("{\"api_key\":\"#\"}")"},
                          {"DB_PASSWD: 'a b c'", "DB_PASSWD: '#'"},
                          {"client-secret = abc;x", "client-secret = #;x"},
                          {"?access_token=abc&x=1", "?access_token=#&x=1"},
                          {"Pwd:=x", "Pwd:=#"},
                          {"passwords: 3", "passwords: 3"},
                          {"max_tokens=5", "max_tokens=5"},
                          {"password=", "password="},
                          {"password=\"\" a", "password=\"\" a"},
                          {"password=\"open", "password=\"#"},
                          {"=:=:", "=:=:"}});
}

TEST(Redact, DefaultPatternsOnLineAndFields) {
  Bench bench("- json\n- redact");
  const Piped out = bench(R"({"mail":"a@example.com","token":12345,"n":4111,"ip":"10.0.0.1"})");
  EXPECT_EQ(out.line, R"({"mail":"<redacted>","token":<redacted>,"n":4111,"ip":"10.0.0.1"})");
  EXPECT_EQ(out.field("mail"), "<redacted>");
  EXPECT_EQ(out.field("token"), "<redacted>");
  EXPECT_EQ(out.field("n"), "int 4111");
  EXPECT_EQ(out.field("ip"), "10.0.0.1");
  Bench line_only("- redact: {in: line}");
  EXPECT_EQ(line_only("a@example.com", {{"m", std::string_view("a@example.com")}}).field("m"),
            "a@example.com");
}

TEST(Redact, OwnRegexes) {
  Bench bench(
      "- redact: {regexes: {order: 'order-([0-9]+)', odd: 'z*'}, replacement: '<{pattern}>'}");
  EXPECT_EQ(bench("order-17 and order-18 zz a@example.com").line,
            "order-<order> and order-<order> <odd> a@example.com");
}

TEST(Redact, HashesAreKeyedAndEqualForEqualSecrets) {
  const auto with_key = [](const std::string& key) {
    return "- redact: {patterns: [email], hash_key: '" + key + "'}";
  };
  Bench bench(with_key("0123456789abcdef"));
  const std::string once = bench("a@example.com").line;
  EXPECT_THAT(once, testing::MatchesRegex("<email:[0-9a-f]{16}>"));
  EXPECT_EQ(bench("a@example.com a@example.com").line, once + " " + once);
  EXPECT_NE(bench("b@example.com").line, once);
  EXPECT_NE(Bench(with_key("another key of 16"))("a@example.com").line, once);
  const auto refused = compile(with_stages(with_key("short")), "f");
  EXPECT_THAT(refused.error().message, HasSubstr("at least 16 characters"));
}

// The vectors of the paper's appendix: key 00..0f, input 00..0e.
TEST(Redact, SipHashIsWhatItsAuthorsPublished) {
  const KeyedHash hash(0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL);
  std::string input;
  for (char c = 0; c < 15; ++c) input += c;
  EXPECT_EQ(hash.of(input), 0xa129ca6149be45e5ULL);
}

TEST(Redact, ALineThatGrowsTooLongIsCutNotLeftAlone) {
  Limits limits;
  limits.max_line_bytes = 40;
  Bench bench("- redact: {patterns: [email], replacement: 'XXXXXXXXXXXXXXXXXXXXXXXXX'}", limits);
  const Piped out = bench("a@example.com b@example.com c@example.com");
  EXPECT_EQ(out.line.size(), 40U);
  EXPECT_EQ(out.line.find("@"), std::string::npos);
  EXPECT_EQ(out.error(), "redact: the record grew over the limits and was cut");
}

TEST(Redact, SecretsGoWhateverStandsAroundThem) {
  Bench bench("- redact: {patterns: all}");
  const std::vector<std::string> secrets = {"4111111111111111", "hunter2secret"};
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string noise;
    const auto add_noise = [&] {
      for (std::size_t n = random() % 12; n > 0; --n)
        noise += " \"'\n\t{},<>;|\x80\xff()!"[random() % 20];
    };
    add_noise();
    noise += ' ';
    noise += i % 2 == 0 ? "4111111111111111" : "password=hunter2secret";
    noise += ' ';
    add_noise();
    const std::string line = bench(noise).line;
    for (const std::string& secret : secrets)
      EXPECT_EQ(line.find(secret), std::string::npos) << noise;
  }
}

TEST(Redact, TakesLinearTimeOnHostileText) {
  Bench bench("- redact: {patterns: all, regexes: {x: 'a.*b|a'}}");
  for (const std::string part :
       {"@", "a@", "eyJ.", "://", "://a:b@", "password=", "=\"", "-----BEGIN ", "4 ", "1.",
        "a:", "bearer ", "a", "AKIA", "\\\"", "-----BEGIN PRIVATE KEY", "eyJ", "4111-"}) {
    std::string text;
    while (text.size() < 200'000) text += part;
    EXPECT_TRUE(bench(text).kept) << part;
  }
}

TEST(Redact, FindersStayInTheText) {
  std::mt19937 random(3);
  const std::string letters = "a@.:/-=\"' 49eyJAKIABEGINPRIVATEKEYpassword\\,{";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 60; n > 0; --n) text += letters[random() % letters.size()];
    for (const SecretKind& kind : secret_kinds()) {
      std::size_t from = 0;
      for (auto span = kind.find(text, from); span; span = kind.find(text, from)) {
        ASSERT_LE(from, span->begin) << kind.name << ": " << text;
        ASSERT_LT(span->begin, span->end) << kind.name << ": " << text;
        ASSERT_LE(span->end, text.size()) << kind.name << ": " << text;
        from = span->end;
      }
    }
  }
}

}  // namespace
}  // namespace livedata::ingest::pipeline
