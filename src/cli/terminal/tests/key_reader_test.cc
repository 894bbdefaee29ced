#include "cli/terminal/key_reader.h"

#include <random>

#include <gtest/gtest.h>

namespace livedata::cli::terminal {
namespace {

std::vector<Key> keys_of(std::string_view bytes) {
  KeyReader reader;
  reader.feed(bytes);
  std::vector<Key> keys;
  while (const auto key = reader.next()) keys.push_back(*key);
  EXPECT_FALSE(reader.is_waiting());
  return keys;
}

Key letter(char32_t code) { return {KeyKind::kCharacter, code}; }

TEST(KeyReader, Characters) {
  EXPECT_EQ(keys_of("aü日"), (std::vector{letter('a'), letter(U'ü'), letter(U'日')}));
}

TEST(KeyReader, ControlBytes) {
  EXPECT_EQ(keys_of("\r\t\x7f\x03"),
            (std::vector{Key{KeyKind::kEnter}, Key{KeyKind::kTab}, Key{KeyKind::kBackspace},
                         Key{KeyKind::kControl, 'c'}}));
}

TEST(KeyReader, SequencesOfSeveralTerminals) {
  EXPECT_EQ(keys_of("\x1b[A\x1bOB\x1b[1;5C"),
            (std::vector{Key{KeyKind::kUp}, Key{KeyKind::kDown}, Key{KeyKind::kRight}}));
  EXPECT_EQ(keys_of("\x1b[H\x1b[1~\x1b[7~\x1bOH"), (std::vector(4, Key{KeyKind::kHome})));
  EXPECT_EQ(keys_of("\x1b[5~\x1b[6~\x1b[3~\x1b[Z"),
            (std::vector{Key{KeyKind::kPageUp}, Key{KeyKind::kPageDown}, Key{KeyKind::kDelete},
                         Key{KeyKind::kBackTab}}));
  EXPECT_EQ(keys_of("\x1bOP\x1b[[A\x1b[11~"), (std::vector(3, Key{KeyKind::kFunction, 1})));
  EXPECT_EQ(keys_of("\x1b[20~\x1b[21~\x1b[24~"),
            (std::vector{Key{KeyKind::kFunction, 9}, Key{KeyKind::kFunction, 10},
                         Key{KeyKind::kFunction, 12}}));
}

TEST(KeyReader, UnknownSequencesArePassedOverAsAWhole) {
  EXPECT_EQ(keys_of("\x1b[<0;10;5Mq"), (std::vector{Key{KeyKind::kEnter}, letter('q')}));
  EXPECT_EQ(keys_of("\x1b[200~x\x1b[?1;2cy"), (std::vector{letter('x'), letter('y')}));
  EXPECT_EQ(keys_of("\x1bxy"), (std::vector{letter('y')}));  // Alt and x
}

TEST(KeyReader, PartsAreWaitedFor) {
  KeyReader reader;
  reader.feed("\x1b");
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_TRUE(reader.is_waiting());
  reader.feed("[");
  EXPECT_EQ(reader.next(), std::nullopt);
  reader.feed("B");
  EXPECT_EQ(reader.next(), Key{KeyKind::kDown});
  reader.feed("\xc3");
  EXPECT_EQ(reader.next(), std::nullopt);
  reader.feed("\xbc");
  EXPECT_EQ(reader.next(), letter(U'ü'));
}

TEST(KeyReader, EscapeAloneIsAKeyWhenNothingFollows) {
  KeyReader reader;
  reader.feed("\x1b");
  EXPECT_EQ(reader.next(), std::nullopt);
  reader.give_up();
  EXPECT_EQ(reader.next(), Key{KeyKind::kEscape});
  EXPECT_FALSE(reader.is_waiting());
  reader.feed("\x1b\x1b[A");
  EXPECT_EQ(reader.next(), Key{KeyKind::kEscape});
  EXPECT_EQ(reader.next(), Key{KeyKind::kUp});
}

TEST(KeyReader, ArbitraryBytesAlwaysEndAndNeverPileUp) {
  std::mt19937 random(11);
  constexpr std::string_view kLikely = "\x1b[O;19~AMq\xc3\xbc\xe2";
  KeyReader reader;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 8, '\0');
    for (char& c : bytes)
      c = random() % 2 == 0 ? kLikely[random() % kLikely.size()] : static_cast<char>(random());
    reader.feed(bytes);
    if (random() % 4 == 0) reader.give_up();
    int keys = 0;
    while (const auto key = reader.next()) {
      ASSERT_LT(++keys, 5000);
      if (key->kind == KeyKind::kCharacter) {
        ASSERT_GE(key->code, 0x20U);
      }
    }
  }
  reader.give_up();
  while (reader.next()) {
  }
  EXPECT_FALSE(reader.is_waiting());
}

}  // namespace
}  // namespace livedata::cli::terminal
