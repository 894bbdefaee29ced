#include "collect/log_files.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "base/testing/fake_clock.h"
#include "ingest/pipeline/compile.h"

namespace livedata::collect {
namespace {

using testing::ElementsAre;

class LogFilesTest : public testing::Test {
 protected:
  LogFilesTest() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "app");
  }
  ~LogFilesTest() override { std::filesystem::remove_all(folder_); }

  void append(std::string_view text) {
    std::ofstream(folder_ / "app/x.log", std::ios::app | std::ios::binary) << text;
  }

  LogFiles follow(const std::string& yaml) {
    pipelines_ = ingest::pipeline::compile(yaml, "f").value();
    return LogFiles(
        {.globs = {(folder_ / "app/*.log").string()},
         .state_file = folder_ / "state/positions",
         .host = "h",
         .pipelines = &pipelines_},
        [this](const RecordBatch& batch) -> Result<void> {
          for (RowIndex row = 0; row < batch.num_rows(); ++row) {
            lines_.emplace_back(batch.line(row));
            labels_ = batch.stream(row).labels;
          }
          return {};
        },
        limits_, files_, clock_, logger_);
  }

  std::vector<std::string> poll(LogFiles& log_files) {
    lines_.clear();
    EXPECT_TRUE(log_files.poll().has_value());
    return lines_;
  }

  Path folder_;
  FakeClock clock_;
  Limits limits_;
  PosixFileSystem files_;
  Logger logger_{clock_, LogLevel::kError};
  ingest::pipeline::Pipelines pipelines_;
  std::vector<std::string> lines_;
  Labels labels_;
};

constexpr const char* kJoining =
    "pipelines:\n  - name: a\n    match: {source: file}\n    multiline: {indentation: true, "
    "timeout: 3s}\n"
    "    stages: []\n";

TEST_F(LogFilesTest, LinesGoThroughThePipelineOfTheirFile) {
  append("{\"a\":\"1\",\"msg\":\"hello\"}\n");
  LogFiles log_files =
      follow("pipelines:\n  - name: a\n    match: {source: file, files: '" + folder_.string() +
             "/**/*.log'}\n    stages: [json, {labels: [a]}, {line: msg}]\n");
  EXPECT_THAT(poll(log_files), ElementsAre("hello"));
  EXPECT_EQ(labels_.get("a"), "1");
  EXPECT_EQ(labels_.get("service_name"), "app");
}

TEST_F(LogFilesTest, ARecordThatMayGoOnWaitsForItsTimeOut) {
  append("one\n 1\n");
  LogFiles log_files = follow(kJoining);
  EXPECT_THAT(poll(log_files), ElementsAre());
  append(" 2\ntwo\n");
  EXPECT_THAT(poll(log_files), ElementsAre("one\n 1\n 2"));
  clock_.advance(std::chrono::seconds(2));
  EXPECT_THAT(poll(log_files), ElementsAre());
  clock_.advance(std::chrono::seconds(1));
  EXPECT_THAT(poll(log_files), ElementsAre("two"));
  EXPECT_THAT(poll(log_files), ElementsAre());
  append("three\n");
  clock_.advance(std::chrono::seconds(10));
  EXPECT_THAT(poll(log_files), ElementsAre());
  clock_.advance(std::chrono::seconds(3));
  EXPECT_THAT(poll(log_files), ElementsAre("three"));
}

TEST_F(LogFilesTest, ARestartLosesNothingOfWhatWaits) {
  append("one\n 1\n");
  {
    LogFiles log_files = follow(kJoining);
    EXPECT_THAT(poll(log_files), ElementsAre());
  }
  append(" 2\nnext\n");
  LogFiles again = follow(kJoining);
  EXPECT_THAT(poll(again), ElementsAre("one\n 1\n 2"));
}

TEST_F(LogFilesTest, WhatWaitsIsReadBeforeARotatedFileIsLeft) {
  append("one\n 1\n");
  LogFiles log_files = follow(kJoining);
  EXPECT_THAT(poll(log_files), ElementsAre());
  std::filesystem::rename(folder_ / "app/x.log", folder_ / "app/x.log.1");
  append("new\n");
  std::vector<std::string> all;
  for (int i = 0; i < 12; ++i) {
    clock_.advance(std::chrono::seconds(1));
    for (const std::string& line : poll(log_files)) all.push_back(line);
  }
  EXPECT_THAT(all, ElementsAre("one\n 1", "new"));
}

TEST_F(LogFilesTest, ARecordWithoutEndIsCut) {
  LogFiles log_files = follow(kJoining);
  append("start\n");
  EXPECT_THAT(poll(log_files), ElementsAre());
  std::string text;
  for (int i = 0; i < 2000; ++i) text += " " + std::string(1000, 'x') + "\n";
  append(text);
  std::size_t bytes = 0;
  for (int i = 0; i < 10; ++i) {
    clock_.advance(std::chrono::seconds(1));
    for (const std::string& line : poll(log_files)) bytes += line.size() + 1;
  }
  EXPECT_EQ(bytes, text.size() + 6);
}

}  // namespace
}  // namespace livedata::collect
