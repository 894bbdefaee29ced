#include "cli/terminal/character.h"

#include <random>

#include <gtest/gtest.h>

namespace livedata::cli::terminal {
namespace {

TEST(Character, WidthsOfText) {
  EXPECT_EQ(text_width(""), 0);
  EXPECT_EQ(text_width("nginx"), 5);
  EXPECT_EQ(text_width("Grüße"), 5);
  EXPECT_EQ(text_width("日本"), 4);
  EXPECT_EQ(text_width("🚀"), 2);
  EXPECT_EQ(text_width("e\u0301"), 1);       // a mark
  EXPECT_EQ(text_width("\u200b\u202e"), 0);  // invisible
  EXPECT_EQ(text_width("━▁█╸…"), 5);
}

TEST(Character, CommandsOfTheTerminalAreReplaced) {
  for (const std::string_view bad : {"\x1b", "\x07", "\r", "\n", "\x7f", "\xc2\x9b", "\xc2\x85"}) {
    const Character character = first_character(bad);
    EXPECT_EQ(character.code, kControlStandIn);
    EXPECT_EQ(character.bytes, bad.size());
  }
  EXPECT_EQ(first_character("\t").code, U' ');
  EXPECT_EQ(first_character("\u202eabc").code, 0U);
}

TEST(Character, WhatIsNoUtf8IsOneReplacementForEachByte) {
  // Too short, a lone continuation, overlong, a surrogate, beyond the last code point.
  for (const std::string_view bad :
       {"\xe2\x82", "\x80", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(first_character(bad).code, kReplacement);
    EXPECT_EQ(first_character(bad).bytes, 1U);
  }
}

TEST(Character, FittingEndsBetweenCharacters) {
  EXPECT_EQ(fitting("日本語", 5), "日本");
  EXPECT_EQ(fitting("日本語", 1), "");
  EXPECT_EQ(fitting("abc", 10), "abc");
  EXPECT_EQ(fitting("ae\u0301b", 2), "ae\u0301");
}

TEST(Character, ArbitraryBytesAlwaysEnd) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 20, '\0');
    for (char& c : text) c = static_cast<char>(random());
    std::string_view rest = text;
    while (!rest.empty()) {
      const Character character = first_character(rest);
      ASSERT_GE(character.bytes, 1U);
      ASSERT_LE(character.bytes, rest.size());
      ASSERT_FALSE(character.code < 0x20 && character.code != 0);
      ASSERT_FALSE(character.code >= 0x7F && character.code < 0xA0);
      rest.remove_prefix(character.bytes);
    }
  }
}

TEST(Character, CodesGoToUtf8AndBack) {
  for (const char32_t code : {U'a', U'ü', U'…', U'🚀', char32_t{0x10FFFD}}) {
    std::string text;
    append_utf8(code, text);
    EXPECT_EQ(first_character(text).code, code);
    EXPECT_EQ(first_character(text).bytes, text.size());
  }
}

}  // namespace
}  // namespace livedata::cli::terminal
