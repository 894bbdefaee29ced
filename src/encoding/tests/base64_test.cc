#include "encoding/base64.h"

#include <random>

#include <gtest/gtest.h>

namespace livedata::encoding {
namespace {

TEST(Base64Test, ExamplesOfTheRfc) {
  // RFC 4648, section 10.
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(*base64_decode(text), bytes);
  }
}

TEST(Base64Test, TakesBothAlphabetsAndMissingPadding) {
  EXPECT_EQ(*base64_decode("+/+/"), *base64_decode("-_-_"));
  EXPECT_EQ(*base64_decode("Zg"), "f");
  EXPECT_EQ(*base64_decode("Zm8"), "fo");
}

TEST(Base64Test, RefusesWhatIsNone) {
  for (const char* text :
       {"Z", "Zm9vY", "Zm9 ", "====", "Zg=", "Zg==Zg==", "Zm=v", "\xff\xff\xff\xff"})
    EXPECT_FALSE(base64_decode(text).has_value()) << text;
}

TEST(Base64Test, EveryByteComesBack) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 1000; ++round) {
    std::string bytes(random() % 100, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    ASSERT_EQ(*base64_decode(base64_encode(bytes)), bytes);
  }
}

}  // namespace
}  // namespace livedata::encoding
