#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/top/process_records.h"
#include "cli/top/record_figures.h"
#include "cli/top/server_records.h"
#include "cli/top/tests/sample_model.h"
#include "query/logql/parser.h"

namespace livedata::cli::top {
namespace {

using ::testing::HasSubstr;

TEST(RecordFigures, NumbersMayBeText) {
  const std::vector<Field> fields = {{"busy_percent", 12.5},
                                     {"user_percent", std::string_view("7.25")},
                                     {"nice_percent", std::int64_t{1}},
                                     {"iowait_percent", std::string_view("nonsense")}};
  HostFigures host;
  take_record({.source = "cpu", .time = 5, .fields = fields}, host);
  ASSERT_TRUE(host.cpu);
  EXPECT_DOUBLE_EQ(host.cpu->busy, 12.5);
  EXPECT_DOUBLE_EQ(host.cpu->user, 8.25);
  EXPECT_DOUBLE_EQ(host.cpu->iowait, 0);
  EXPECT_EQ(host.time, 5);
}

TEST(RecordFigures, DevicesThatPassOnAreNotCountedTwice) {
  EXPECT_DOUBLE_EQ(
      total({{"sda", {.read = 5}}, {"dm-0", {.read = 5}}, {"nvme0n1", {.read = 1}}}).read, 6);
  EXPECT_DOUBLE_EQ(total({{"eth0", {.received = 5}}, {"veth1", {.received = 5}}}).received, 5);
}

TEST(RecordFigures, Process) {
  const std::vector<Field> fields = {{"pid", std::string_view("12")},
                                     {"name", std::string_view("nginx")},
                                     {"state", std::string_view("R")},
                                     {"start_time", std::string_view("1751551402000000001")},
                                     {"read_bytes_per_second", std::string_view("3")}};
  const ProcessFigures process = process_of({.source = "process", .time = 1, .fields = fields});
  EXPECT_EQ(process.pid, 12);
  EXPECT_EQ(process.start_time, 1'751'551'402'000'000'001);
  EXPECT_EQ(process.state, 'R');
  EXPECT_EQ(process.read_rate, 3);
  EXPECT_FALSE(process.open_files);
}

TEST(ServerRecords, AnswersAreRead) {
  const auto records =
      parse_records(R"({"status":"success","data":{"resultType":"streams","result":[
    {"stream":{"source":"cpu","host":"db1"},"values":[
      ["20","",{"structuredMetadata":{"busy_percent":"3"}}],["10","x",{}]]},
    {"stream":{"unit":"a"},"values":[["15","line"]]}]}})");
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 3U);
  EXPECT_EQ((*records)[0].line, "x");
  EXPECT_EQ((*records)[1].label("unit"), "a");
  EXPECT_EQ((*records)[2].field("busy_percent"), "3");
  EXPECT_EQ((*records)[2].label("host"), "db1");
  EXPECT_EQ((*records)[2].label("none"), "");
}

TEST(ServerRecords, SeriesAreOneWithTheHighestOfEachTime) {
  const auto points = parse_minutes(R"({"data":{"resultType":"matrix","result":[
    {"metric":{},"values":[[1751551402,"3.5"],[1751551462,"1"]]},
    {"metric":{"a":"b"},"values":[[1751551462,"2"]]}]}})");
  ASSERT_TRUE(points);
  ASSERT_EQ(points->size(), 2U);
  EXPECT_EQ((*points)[0].time, kSampleTime);
  EXPECT_EQ((*points)[1].value, 2);
}

TEST(ServerRecords, NamesAndRemotes) {
  EXPECT_EQ(parse_values(R"({"status":"success","data":["a","b"]})").value(),
            (std::vector<std::string>{"a", "b"}));
  const auto remotes = parse_remotes(R"({"remotes":[{"name":"db1","state":"waiting"}]})");
  ASSERT_TRUE(remotes);
  EXPECT_EQ(remotes->front().name, "db1");
  EXPECT_EQ(remotes->front().note, "waiting");
}

TEST(ServerRecords, WhatIsNoAnswerIsAnError) {
  for (const std::string_view text : {"", "[]", "{", "null", "<html>", R"({"data":3})"}) {
    const auto records = parse_records(text);
    if (records) {
      EXPECT_TRUE(records->empty()) << text;
    }
  }
  EXPECT_FALSE(parse_records("<html>"));
  EXPECT_FALSE(parse_records("{}"));
  EXPECT_TRUE(parse_records(R"({"data":{"result":[{"stream":3,"values":[[],7,["x"]]}]}})"));
}

TEST(LogQueries, AreLogqlWhateverTheNames) {
  ProcessFigures process = sample_process(12, 1, "we\"ird`\n", 0, 1);
  process.unit = "a\\x2db.service";
  process.container = "0123456789ab";
  auto queries = log_queries(process, "ho\"st", {"/var/log/a b\".log"});
  EXPECT_EQ(queries.size(), 4U);
  queries.push_back(log_query_by_name(process, "host"));
  queries.push_back({"", history_query(process, "host", "cpu_percent")});
  process.members = 2;
  queries.push_back(log_queries(process, "host", {}).front());
  queries.push_back({"", history_query(process, "host", "cpu_percent")});
  for (const LogQuery& query : queries)
    EXPECT_TRUE(query::logql::parse(query.query)) << query.query;
}

TEST(LogQueries, UnitsOfUsersSayNothing) {
  ProcessFigures process = sample_process(12, 1, "bash", 0, 1);
  process.unit = "user@1000.service";
  EXPECT_EQ(log_queries(process, "host", {}).size(), 1U);
  process.unit = "session-3.scope";
  EXPECT_EQ(log_queries(process, "host", {}).size(), 1U);
  process.unit = "nginx.service";
  EXPECT_THAT(log_queries(process, "host", {})[1].query, HasSubstr(R"(unit="nginx.service")"));
}

TEST(AddLines, EachOnceInTheOrderOfTime) {
  std::vector<LogLine> lines;
  add_lines(lines, {{3, "", "c"}, {1, "", "a"}, {3, "", "d"}});
  add_lines(lines, {{3, "", "c"}, {2, "", "b"}, {3, "", "e"}, {1, "", "a"}});
  std::string text;
  for (const LogLine& line : lines) text += line.line;
  EXPECT_EQ(text, "abcde");
  std::vector<LogLine> many;
  for (int i = 0; i < 6000; ++i) many.push_back({10 + i, "", "x"});
  add_lines(lines, many);
  EXPECT_EQ(lines.size(), 5000U);
  EXPECT_EQ(lines.back().time, 6009);
}

}  // namespace
}  // namespace livedata::cli::top
