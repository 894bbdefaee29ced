#include "base/utf8.h"

#include <gtest/gtest.h>

namespace livedata {
namespace {

TEST(Utf8Test, KnowsSequences) {
  EXPECT_EQ(utf8_length("a"), 1U);
  EXPECT_EQ(utf8_length("\u00e9"), 2U);
  EXPECT_EQ(utf8_length("\u20ac"), 3U);
  EXPECT_EQ(utf8_length("\U0001F600"), 4U);
  for (const char* bad : {"", "\x80", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"})
    EXPECT_EQ(utf8_length(bad), 0U) << bad;
}

TEST(Utf8Test, FindsBytesAbove127Anywhere) {
  std::string text(40, 'a');
  EXPECT_TRUE(is_ascii(text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = '\x80';
    EXPECT_FALSE(is_ascii(other)) << i;
  }
  EXPECT_TRUE(is_ascii(""));
}

TEST(Utf8Test, ReplacesWhatIsNoCharacter) {
  EXPECT_EQ(as_utf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(as_utf8("\xE2\x82x"), "\uFFFD\uFFFDx");
  EXPECT_EQ(as_utf8("fine \u20ac"), "fine \u20ac");
  EXPECT_FALSE(is_utf8("a\xFFz"));
  EXPECT_TRUE(is_utf8(as_utf8("\xE2\x82 \xC0\xC0")));
}

}  // namespace
}  // namespace livedata
