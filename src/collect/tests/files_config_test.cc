#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/files/compile_files.h"

namespace livedata::collect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FilesConfigTest, ReadsEverySetting) {
  const auto sets = compile_files(R"(
server:
  listen: 127.0.0.1:1
files:
  - paths: [/var/log/app/*.log, "/srv/**/out.log"]
    exclude: ['*.gz', /srv/old/*]
    labels: {env: prod, team: ops}
    service: shop
    encoding: utf-16le
    start: beginning
    max_line_bytes: 1KiB
    partial_line_timeout: 5s
    modification_time: true
  - paths: /one.log
    start: end
  - paths: [/two.log]
    start: 10MiB
)",
                                  "x.yaml");
  ASSERT_TRUE(sets.has_value()) << sets.error().message;
  ASSERT_EQ(sets->size(), 3U);
  const FileSet& set = sets->front();
  EXPECT_EQ(set.paths[1].text(), "/srv/**/out.log");
  EXPECT_TRUE(set.excludes_file("/srv/old", "x"));
  EXPECT_TRUE(set.excludes_file("/srv", "x.gz"));
  EXPECT_FALSE(set.excludes_file("/srv", "x.log"));
  EXPECT_THAT(set.labels, ElementsAre(Label{"env", "prod"}, Label{"team", "ops"}));
  EXPECT_EQ(set.service, "shop");
  EXPECT_EQ(set.encoding, TextEncoding::kUtf16Le);
  EXPECT_EQ(set.backlog_bytes, UINT64_MAX);
  EXPECT_EQ(set.max_line_bytes, 1024U);
  EXPECT_EQ(set.partial_line_timeout, std::chrono::seconds(5));
  EXPECT_TRUE(set.modification_time);
  EXPECT_EQ((*sets)[1].backlog_bytes, 0U);
  EXPECT_EQ((*sets)[2].backlog_bytes, 10U << 20U);
}

TEST(FilesConfigTest, NoSectionIsNoFiles) {
  for (const char* text : {"", "server:\n  listen: x\n", "files:\n", "files: []\n", "[]"})
    EXPECT_THAT(*compile_files(text, "x.yaml"), IsEmpty()) << text;
}

TEST(FilesConfigTest, MistakesNameTheirPlace) {
  const auto mistake = [](const std::string& text) {
    const auto sets = compile_files("files:\n" + text, "x.yaml");
    return sets ? std::string("none") : sets.error().message;
  };
  EXPECT_THAT(mistake("  - path: [/x]\n"),
              HasSubstr("x.yaml:2:5: files: there is no option 'path'; did you mean 'paths'?"));
  EXPECT_THAT(mistake("  - labels: {a: b}\n"), HasSubstr("x.yaml:2:5: files: 'paths' is missing"));
  EXPECT_THAT(mistake("  - paths: [x.log]\n"),
              HasSubstr("x.yaml:2:12: files: 'x.log' is not an absolute path"));
  EXPECT_THAT(mistake("  - paths: [/x/]\n"), HasSubstr("must end with the name of files"));
  EXPECT_THAT(mistake("  - paths: [/x/**]\n"), HasSubstr("must end with the name of files"));
  EXPECT_THAT(mistake("  - paths: [/x/../y]\n"), HasSubstr("without '..'"));
  EXPECT_THAT(mistake("  - paths: [/x]\n    labels: {a-b: c}\n"),
              HasSubstr("x.yaml:3:13: files: label name 'a-b'"));
  EXPECT_THAT(mistake("  - paths: [/x]\n    labels: {host: c}\n"), HasSubstr("set by livedata"));
  EXPECT_THAT(mistake("  - paths: [/x]\n    encoding: ebcdic\n"),
              HasSubstr("x.yaml:3:15: files: 'ebcdic'"));
  EXPECT_THAT(mistake("  - paths: [/x]\n    start: middle\n"),
              HasSubstr("beginning, end or a size"));
  EXPECT_THAT(mistake("  - paths: [/x]\n    max_line_bytes: 3\n"),
              HasSubstr("'max_line_bytes' must be a size such as 300 or 64KiB, from 16"));
  EXPECT_THAT(mistake("  - paths: [/x]\n    partial_line_timeout: soon\n"),
              HasSubstr("must be a time such as 5s, 10m, 24h or 7d, not 'soon'"));
  EXPECT_THAT(mistake("  paths: [/x]\n"), HasSubstr("x.yaml:2:3: files: a list"));
  EXPECT_THAT(mistake("  - [\n"), HasSubstr("x.yaml:3:1"));
}

TEST(PathPatternTest, Matches) {
  const auto matches = [](const std::string& pattern, const std::string& path) {
    return PathPattern::parse(pattern)->matches(path);
  };
  EXPECT_TRUE(matches("/var/log/*.log", "/var/log/a.log"));
  EXPECT_FALSE(matches("/var/log/*.log", "/var/log/x/a.log"));
  EXPECT_FALSE(matches("/var/log/*.log", "/var/log/.a.log"));
  EXPECT_TRUE(matches("/var/**/a.log", "/var/a.log"));
  EXPECT_TRUE(matches("/var/**/a.log", "/var/x/y/a.log"));
  EXPECT_FALSE(matches("/var/**/a.log", "/var/x/.y/a.log"));
  EXPECT_TRUE(matches("/**/x/**/[ab]?", "/1/x/2/x/3/bc"));
  EXPECT_FALSE(matches("/**/x/**/[ab]?", "/1/2/3/bc"));
  EXPECT_EQ(PathPattern::parse("/var/log/*/x.log")->literal_parts(), 2U);
  EXPECT_EQ(PathPattern::parse("/x.log")->literal_parts(), 0U);
}

}  // namespace
}  // namespace livedata::collect
