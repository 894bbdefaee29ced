#include "ingest/pipeline/multi_line.h"

#include <random>

#include <gmock/gmock.h>

#include "ingest/pipeline/tests/piped.h"

namespace livedata::ingest::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Lines = std::vector<std::string>;

MultiLineRules rules(const std::string& options) {
  const std::string yaml =
      "pipelines:\n  - name: test\n    multiline: {" + options + "}\n    stages: []\n";
  const Pipelines pipelines = compiled(yaml);
  return *pipelines.all().front()->multi_line();
}

std::string error_of(const std::string& options) {
  return compile("pipelines:\n  - name: test\n    multiline: {" + options + "}\n    stages: []\n",
                 "f")
      .error()
      .message;
}

Lines joined(const std::string& options, std::string_view text) {
  const MultiLineRules parsed = rules(options);
  MultiLine lines(parsed, 1U << 20U);
  Lines out;
  const auto emit = [&out](const MultiLine::Joined& record) { out.emplace_back(record.text); };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push(text.substr(0, end), {}, {}, emit);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  lines.flush(emit);
  return out;
}

TEST(MultiLine, ByFirstLine) {
  EXPECT_THAT(joined("first_line: '^\\d{4}-'", "rest\n2026-01 a\n b\n\nc\n2026-02 d\n"),
              ElementsAre("rest", "2026-01 a\n b\n\nc", "2026-02 d"));
}

TEST(MultiLine, ByIndentation) {
  EXPECT_THAT(joined("indentation: true", "a\n b\n\tc\nd\ne\n"),
              ElementsAre("a\n b\n\tc", "d", "e"));
}

TEST(MultiLine, Java) {
  const std::string trace =
      "2026-01-02 ERROR failed: java.lang.IllegalStateException: boom\n"
      "\tat com.example.Main.run(Main.java:12)\n"
      "\tat com.example.Main.main(Main.java:5) ~[app.jar:?]\n"
      "\tSuppressed: java.io.IOException: closed\n"
      "\t\tat java.io.Stream.close(Stream.java:1)\n"
      "\t\t... 3 more\n"
      "Caused by: java.lang.NullPointerException\n"
      "\tat com.example.Dao.get(Dao.java:7)\n"
      "\t... 12 common frames omitted";
  EXPECT_THAT(joined("traces: java", "before\n" + trace + "\nafter\n"),
              ElementsAre("before", trace, "after"));
}

TEST(MultiLine, Python) {
  const std::string trace =
      "Traceback (most recent call last):\n"
      "  File \"a.py\", line 1, in f\n"
      "    g()\n"
      "ValueError: bad\n"
      "\n"
      "During handling of the above exception, another exception occurred:\n"
      "\n"
      "Traceback (most recent call last):\n"
      "  File \"a.py\", line 3, in <module>\n"
      "KeyError: 'x'";
  EXPECT_THAT(joined("traces: python", "before\n" + trace + "\nafter\nlast\n"),
              ElementsAre("before", trace, "after", "last"));
  EXPECT_THAT(joined("traces: [python]",
                     "Exception Group Traceback (most recent call last):\n  | ExceptionGroup: two\n"
                     "  +-+---- 1 ----\n    | ValueError: 1\n    +----\nafter"),
              ElementsAre(HasSubstr("ValueError: 1"), "after"));
}

TEST(MultiLine, Go) {
  const std::string trace =
      "panic: runtime error: index out of range [5] with length 3\n"
      "\n"
      "goroutine 1 [running]:\n"
      "main.(*Server).run(0xc000012345, {0x1, 0x2})\n"
      "\t/app/main.go:10 +0x1b\n"
      "main.main()\n"
      "\t/app/main.go:5 +0x1d\n"
      "created by net/http.(*Server).Serve in goroutine 34\n"
      "\t/usr/local/go/src/net/http/server.go:3086 +0x5cb\n"
      "exit status 2";
  EXPECT_THAT(joined("traces: go", "before\n" + trace + "\nafter line\n"),
              ElementsAre("before", trace, "after line"));
}

TEST(MultiLine, Node) {
  const std::string trace =
      "/app/server.js:10\n"
      "    throw new Error('x');\n"
      "    ^\n"
      "\n"
      "Error: x\n"
      "    at Object.<anonymous> (/app/server.js:10:11)\n"
      "    at node:internal/main/run_main_module:23:47 {\n"
      "  code: 'ENOENT'\n"
      "}\n"
      "\n"
      "Node.js v20.1.0";
  EXPECT_THAT(joined("traces: node", "before\n" + trace + "\nafter\n"),
              ElementsAre("before", trace, "after"));
  EXPECT_THAT(joined("traces: node", "TypeError: y\n    at f (/a.js:1:2)\nafter"),
              ElementsAre("TypeError: y\n    at f (/a.js:1:2)", "after"));
}

TEST(MultiLine, Ruby) {
  const std::string trace =
      "/app/x.rb:12:in `run': undefined method (NoMethodError)\n"
      "\tfrom /app/x.rb:5:in `block in main'\n"
      "\t 3: from /app/y.rb:1:in `<main>'";
  EXPECT_THAT(joined("traces: ruby", "before\n" + trace + "\nafter\n"),
              ElementsAre("before", trace, "after"));
}

TEST(MultiLine, OnlyTheLanguagesAskedFor) {
  EXPECT_THAT(joined("traces: go", "a\n\tat b(C.java:1)"), ElementsAre("a", "\tat b(C.java:1)"));
}

TEST(MultiLine, CriParts) {
  EXPECT_THAT(
      joined("partial: cri",
             "2026-01-02T03:04:05.1Z stdout P one \n2026-01-02T03:04:05.2Z stdout P two \n"
             "2026-01-02T03:04:05.3Z stdout F three\n2026-01-02T03:04:05.4Z stderr F x\nodd\n"
             "2026-01-02T03:04:05.5Z stdout P end"),
      ElementsAre("2026-01-02T03:04:05.1Z stdout F one two three",
                  "2026-01-02T03:04:05.4Z stderr F x", "odd",
                  "2026-01-02T03:04:05.5Z stdout P end"));
}

TEST(MultiLine, DockerParts) {
  EXPECT_THAT(joined("partial: docker",
                     R"({"log":"a\"b","stream":"stdout","time":"t1"}
{"log":"c\\n","stream":"stdout","time":"t2"}
{"log":"d\n","stream":"stdout","time":"t3"}
{"log":"e\n","stream":"stderr","time":"t4"}
not json)"),
              ElementsAre(R"({"log":"a\"bc\\nd\n","stream":"stdout","time":"t1"})",
                          R"({"log":"e\n","stream":"stderr","time":"t4"})", "not json"));
}

TEST(MultiLine, AtItsBoundsItIsCutAndNothingIsLost) {
  EXPECT_THAT(joined("indentation: true, max_lines: 2", "a\n b\n c\n d\n e"),
              ElementsAre("a\n b", " c\n d", " e"));
  const std::string line(30, 'x');
  EXPECT_THAT(joined("indentation: true, max_bytes: 64", line + "\n " + line + "\n " + line),
              ElementsAre(line + "\n " + line, " " + line));
}

TEST(MultiLine, ARecordThatRestsIsFlushed) {
  const MultiLineRules parsed = rules("indentation: true, timeout: 2s");
  MultiLine lines(parsed, 1000);
  Lines out;
  const auto emit = [&out](const MultiLine::Joined& record) { out.emplace_back(record.text); };
  const MultiLine::Time start{};
  lines.push("a", {.timestamp = 7, .tag = 1}, start, emit);
  lines.push(" b", {.timestamp = 8, .tag = 2}, start + std::chrono::seconds(1), emit);
  EXPECT_EQ(lines.pending().timestamp, 7);
  lines.flush_if_idle(start + std::chrono::milliseconds(2900), emit);
  EXPECT_TRUE(out.empty());
  lines.flush_if_idle(start + std::chrono::seconds(3), emit);
  EXPECT_THAT(out, ElementsAre("a\n b"));
  EXPECT_TRUE(lines.empty());
}

TEST(MultiLine, MistakesAreNamed) {
  EXPECT_THAT(error_of(""), HasSubstr("exactly one of 'first_line: REGEX'"));
  EXPECT_THAT(error_of("first_line: a, indentation: true"), HasSubstr("exactly one of"));
  EXPECT_THAT(error_of("traces: [java, pyhton]"), HasSubstr("did you mean 'python'?"));
  EXPECT_THAT(error_of("first_line: '('"), HasSubstr("the regex '(' is wrong"));
  EXPECT_THAT(error_of("indentation: true, max_lines: 1"), HasSubstr("from 2 to 100000, not '1'"));
}

// Whatever the lines are: joined by newlines again, records are the lines.
TEST(MultiLine, NoLineIsLostOrMoved) {
  const std::vector<std::string> pool = {"text",
                                         "",
                                         " indented",
                                         "\tat a.b(C.java:1)",
                                         "Caused by: x",
                                         "Traceback (most recent call last):",
                                         "ValueError: x",
                                         "During handling of the above exception, another",
                                         "panic: x",
                                         "goroutine 1 [running]:",
                                         "main.main()",
                                         "/app/x.js:10",
                                         "Error: x",
                                         "    at f (/x.js:1:2) {",
                                         "}",
                                         "/a.rb:1:in `x': y (Z)",
                                         "\tfrom /a.rb:1:in `x'",
                                         "2026-01-01 first",
                                         "exit status 2",
                                         "Node.js v20",
                                         "    ^"};
  std::mt19937 random(5);
  for (const char* options : {"first_line: '^2026'", "indentation: true", "traces: all",
                              "traces: all, max_lines: 3", "traces: [java, node], max_bytes: 64"}) {
    for (int round = 0; round < 300; ++round) {
      Lines lines;
      for (auto n = 1 + random() % 40; n > 0; --n) lines.push_back(pool[random() % pool.size()]);
      std::string text;
      for (const std::string& line : lines) text += line + "\n";
      std::string again;
      for (const std::string& record : joined(options, text)) again += record + "\n";
      ASSERT_EQ(again, text) << options;
    }
  }
}

}  // namespace
}  // namespace livedata::ingest::pipeline
