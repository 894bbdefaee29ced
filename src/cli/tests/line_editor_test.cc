#include "cli/line_editor.h"

#include <random>

#include <gmock/gmock.h>

#include "cli/sql_words.h"

namespace livedata::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Event = LineEditor::Event;

class LineEditorTest : public ::testing::Test {
 protected:
  Event type(std::string_view text) {
    Event event = Event::kNone;
    for (const char c : text) event = editor_.feed(std::string_view(&c, 1));
    return event;
  }
  LineEditor editor_{[](std::string_view word) {
    std::vector<std::string> words;
    for (const char* known : {"logs", "lower", "service", "status"}) {
      if (std::string_view(known).starts_with(word)) words.emplace_back(known);
    }
    return words;
  }};
};

TEST_F(LineEditorTest, InsertsAndErasesAtTheCursor) {
  type("SELCT");
  editor_.feed("\x1b[D");
  editor_.feed("\x1b[D");
  type("E");
  EXPECT_EQ(editor_.text(), "SELECT");
  editor_.feed("\x1b[H");
  editor_.feed("\x1b[3~");
  EXPECT_EQ(editor_.text(), "ELECT");
  editor_.feed("\x1b[F");
  type("\x7f\x7f");
  EXPECT_EQ(editor_.text(), "ELE");
  EXPECT_EQ(type("\r"), Event::kLine);
  EXPECT_EQ(editor_.take_line(), "ELE");
  EXPECT_EQ(editor_.text(), "");
}

TEST_F(LineEditorTest, KnowsCharactersOfSeveralBytes) {
  editor_.feed("\u00e9");
  editor_.feed("\u20ac");
  editor_.feed("\x1b[D");
  type("x");
  EXPECT_EQ(editor_.text(), "\u00e9x\u20ac");
  type("\x7f\x7f");
  EXPECT_EQ(editor_.text(), "\u20ac");
}

TEST_F(LineEditorTest, WalksThroughHistory) {
  editor_.remember("first");
  editor_.remember("second");
  editor_.remember("second");
  EXPECT_THAT(editor_.history(), ElementsAre("first", "second"));
  type("typ");
  editor_.feed("\x1b[A");
  EXPECT_EQ(editor_.text(), "second");
  editor_.feed("\x1b[A");
  editor_.feed("\x1b[A");
  EXPECT_EQ(editor_.text(), "first");
  editor_.feed("\x1b[B");
  editor_.feed("\x1b[B");
  editor_.feed("\x1b[B");
  EXPECT_EQ(editor_.text(), "typ");
}

TEST_F(LineEditorTest, CompletesWords) {
  type("FROM lo\t");
  EXPECT_THAT(editor_.take_notice(), HasSubstr("logs  lower"));
  type("g\t");
  EXPECT_EQ(editor_.text(), "FROM logs ");
  type("WHERE st\t");
  EXPECT_EQ(editor_.text(), "FROM logs WHERE status ");
  type("xyz\t");
  EXPECT_EQ(editor_.text(), "FROM logs WHERE status xyz");
}

TEST_F(LineEditorTest, CancelsAndEnds) {
  type("abc");
  EXPECT_EQ(type("\x03"), Event::kCancel);
  EXPECT_EQ(editor_.text(), "");
  EXPECT_EQ(type("\x04"), Event::kEnd);
}

TEST_F(LineEditorTest, ShowsThePartAroundTheCursor) {
  for (int i = 0; i < 100; ++i) type(std::to_string(i % 10));
  const std::string end = editor_.render("> ", 30);
  EXPECT_THAT(end, HasSubstr("789\x1b[K"));
  type("\x01");
  EXPECT_THAT(editor_.render("> ", 30), HasSubstr("> 0123"));
}

TEST_F(LineEditorTest, TakesAnyKeys) {
  std::mt19937 random(3);
  const std::vector<std::string> keys = {
      "a",    "\u00e9", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[3~",
      "\x7f", "\t",     "\x17",   "\x0b",   "\x15",   "\xff",   "\x1b",   " ",      "\x1b[99~"};
  for (int i = 0; i < 20'000; ++i) {
    editor_.feed(keys[random() % keys.size()]);
    ASSERT_LE(editor_.cursor(), editor_.text().size());
    static_cast<void>(editor_.render("sql> ", random() % 40));
    if (editor_.text().size() > 200) editor_.remember(editor_.take_line());
  }
}

TEST(SqlWordsTest, KnowsNamesAndKeywords) {
  const SqlWords words({"logs", "line", "logs"});
  EXPECT_THAT(words.starting_with("lo"), ElementsAre("logs", "lower"));
  EXPECT_THAT(words.starting_with("SEL"), ElementsAre("SELECT"));
  EXPECT_THAT(words.starting_with(""), ElementsAre("line", "logs"));
  EXPECT_THAT(words.starting_with("zzz"), IsEmpty());
}

TEST(SqlWordsTest, KnowsTheEndOfAStatement) {
  EXPECT_TRUE(ends_statement("SELECT 1;"));
  EXPECT_TRUE(ends_statement("SELECT ';' ; -- done"));
  EXPECT_FALSE(ends_statement("SELECT 1"));
  EXPECT_FALSE(ends_statement("SELECT ';"));
  EXPECT_FALSE(ends_statement("SELECT 1 -- ;"));
  EXPECT_FALSE(ends_statement("SELECT \";\""));
  EXPECT_FALSE(ends_statement("/* ;"));
  EXPECT_FALSE(ends_statement("SELECT 1; SELECT"));
}

}  // namespace
}  // namespace livedata::cli
