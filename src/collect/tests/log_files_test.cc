#include "collect/files/log_files.h"

#include <set>

#include "collect/tests/followed_files.h"

namespace livedata::collect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

using LogFilesTest = FollowedFiles;

// Lines

TEST_F(LogFilesTest, GivesWholeLinesOnly) {
  EXPECT_THAT(read(), IsEmpty());
  append("one\ntw");
  EXPECT_THAT(read(), ElementsAre("one"));
  EXPECT_THAT(read_after(1h), IsEmpty());
  append("o\r\n\nthree\n");
  EXPECT_THAT(read(), ElementsAre("two", "", "three"));
}

TEST_F(LogFilesTest, GivesAnUnfinishedLineAfterTheTimeout) {
  set_.partial_line_timeout = 5s;
  append("one\ntw");
  EXPECT_THAT(read(), ElementsAre("one"));
  EXPECT_THAT(read_after(4s), IsEmpty());
  append("o");
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_THAT(read_after(4s), IsEmpty());
  EXPECT_THAT(read_after(2s), ElementsAre("two"));
  append("\nthree\n");  // the end alone is no line
  EXPECT_THAT(read(), ElementsAre("three"));
}

TEST_F(LogFilesTest, CutsLongLinesAndMarksTheRest) {
  set_.max_line_bytes = 100;
  append(std::string(250, 'x') + "\nshort\n" + std::string(100, 'y') + "\n" +
         std::string(101, 'z') + "\r\n");
  EXPECT_THAT(read(),
              ElementsAre(std::string(100, 'x'), std::string(100, 'x'), std::string(50, 'x'),
                          "short", std::string(100, 'y'), std::string(100, 'z'), "z"));
  std::vector<bool> continues;
  for (const Record& record : records_) continues.push_back(record.continues);
  EXPECT_THAT(continues, ElementsAre(false, true, true, false, false, false, true));
  EXPECT_EQ(counter("lines_cut"), 3U);
  EXPECT_EQ(counter("lines"), 4U);
}

TEST_F(LogFilesTest, TheRestOfACutLineIsMarkedAfterARestartToo) {
  set_.max_line_bytes = 100;
  append(std::string(150, 'x'));
  EXPECT_THAT(read(), SizeIs(1));
  start();
  append("\nnext\n");
  EXPECT_THAT(read(), ElementsAre(std::string(50, 'x'), "next"));
  EXPECT_TRUE(records_[1].continues);
  EXPECT_FALSE(records_[2].continues);
}

TEST_F(LogFilesTest, KeepsBytesThatAreNoText) {
  const std::string line = std::string("zero \0 and \xFF\xC0", 13);
  append(line + "\n");
  EXPECT_THAT(read(), ElementsAre(line));
}

TEST_F(LogFilesTest, DecodesUtf16AndLatin1) {
  using namespace std::string_literals;
  follow({"*.log"});
  append("\xFF\xFEh\0i\0 \0\xE4\0\r\0\n\0=\xD8\0\xDE\n\0"s, "le.log");
  append("\xFE\xFF\0h\0i\0\n"s, "be.log");
  append("p\0l\0a\0i\0n\0\n\0"s, "guessed.log");
  append(
      "\xEF\xBB\xBF"
      "marked\n",
      "utf8.log");
  EXPECT_THAT(read(), UnorderedElementsAre("hi \u00e4", "\U0001f600", "hi", "plain", "marked"));
  append("m\0o\0r\0e\0\n\0"s, "le.log");
  start();
  EXPECT_THAT(read(), ElementsAre("more"));
  set_.encoding = TextEncoding::kLatin1;
  start();
  append(
      "gr\xFC\xDF"
      "e\n",
      "latin.log");
  EXPECT_THAT(read(), ElementsAre("gr\u00fc\u00dfe"));
}

TEST_F(LogFilesTest, LongUtf16LinesAreCutBetweenCharacters) {
  using namespace std::string_literals;
  set_.max_line_bytes = 30;
  std::string text = "\xFF\xFE"s;
  for (int i = 0; i < 25; ++i) text += "=\xD8\0\xDE"s;  // U+1F600, 4 bytes in both
  append(text + "\n\0"s);
  const Lines lines = read();
  std::string joined;
  for (const std::string& line : lines) {
    EXPECT_LE(line.size(), 30U);
    joined += line;
  }
  std::string expected;
  for (int i = 0; i < 25; ++i) expected += "\U0001f600";
  EXPECT_EQ(joined, expected);
}

TEST_F(LogFilesTest, LeavesBinaryFilesOut) {
  follow({"*"});
  append(std::string("\x7F"
                     "ELF\0\0\0\1\2\3\0\0\n\0\0",
                     16),
         "program");
  append("text\n", "notes");
  EXPECT_THAT(read(), ElementsAre("text"));
  EXPECT_THAT(read_after(11s), IsEmpty());
}

TEST_F(LogFilesTest, LinesOfTheSameTimeGetTimesThatDiffer) {
  for (int i = 0; i < 3; ++i) append("2023-11-14T22:13:19Z same\n");
  append("2023-11-14T22:13:18.9Z earlier\n");
  read();
  start();  // what was given is remembered
  append("2023-11-14T22:13:19Z same\n2023-11-14T22:13:20Z later\n");
  read();
  const TimestampNs second = 1'699'999'999 * kNsPerSecond;
  std::vector<TimestampNs> times;
  for (const Record& record : records_) times.push_back(record.time - second);
  EXPECT_THAT(times, ElementsAre(0, 1, 2, 3, 4, kNsPerSecond));
}

TEST_F(LogFilesTest, LabelsSayWhereLinesComeFrom) {
  set_.labels = {{"env", "prod"}};
  append("one\n");
  read();
  EXPECT_EQ(records_[0].labels.get("filename"), (folder_ / "app.log").native());
  EXPECT_EQ(records_[0].labels.get("host"), "h");
  EXPECT_EQ(records_[0].labels.get("env"), "prod");
  EXPECT_EQ(records_[0].labels.get("service_name"), folder_.filename().native());
  set_.service = "shop";
  start();
  append("two\n");
  read();
  EXPECT_EQ(records_[1].labels.get("service_name"), "shop");
}

// Crashes and refusals

TEST_F(LogFilesTest, GoesOnWhereItWasAfterACrash) {
  append("one\ntwo\n");
  EXPECT_THAT(read(), ElementsAre("one", "two"));
  start();
  EXPECT_THAT(read(), IsEmpty());
  files_.reset();
  append("three\n");
  start();
  EXPECT_THAT(read(), ElementsAre("three"));
}

TEST_F(LogFilesTest, WhatTheStoreRefusesIsReadAgain) {
  bool full = true;
  refuses_ = [&] { return full; };
  append("one\n");
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_GE(appends_, 1U);
  append("two\n");
  EXPECT_THAT(read(), IsEmpty());
  full = false;
  EXPECT_THAT(read_after(10s), ElementsAre("one", "two"));
  EXPECT_EQ(counter("lines"), 2U);
}

TEST_F(LogFilesTest, ARefusingStoreIsNotAskedAllTheTime) {
  refuses_ = [] { return true; };
  append("one\n");
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(read());
    clock_.advance(10ms);
  }
  EXPECT_LT(appends_, 12U);
}

// Rotation

TEST_F(LogFilesTest, FollowsRenamingAndReadsTheOldFileToItsEnd) {
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  append("two\n");
  rename("app.log", "app.log.1");
  append("three\n");
  EXPECT_THAT(read(), ElementsAre("two", "three"));
  append("late\n", "app.log.1");
  append("four\n");
  EXPECT_THAT(read(), UnorderedElementsAre("late", "four"));
  for (const Record& record : records_)
    EXPECT_EQ(record.labels.get("filename"), (folder_ / "app.log").native());
  EXPECT_EQ(counter("rotations"), 1U);
}

TEST_F(LogFilesTest, FindsWhatWasRotatedTwiceBetweenTwoLooks) {
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  append("two\n");
  rename("app.log", "app.log.1");
  append("three\n");
  rename("app.log.1", "app.log.2");
  rename("app.log", "app.log.1");
  append("four\n");
  EXPECT_THAT(read(), ElementsAre("two", "three", "four"));
}

TEST_F(LogFilesTest, FindsWhatWasRotatedWhileNobodyFollowed) {
  append("zero\n", "app.log.1");
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  files_.reset();
  append("two\n");
  rename("app.log.1", "app.log.3");
  rename("app.log", "app.log.2");
  append("three\n", "app.log.1");
  append("four\n");
  start();
  EXPECT_THAT(read(), ElementsAre("two", "three", "four"));
  start();
  EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogFilesTest, WhatWasRotatedBeforeTheFirstStartIsNotRead) {
  append("old\n", "app.log.1");
  append(gzipped("older\n"), "app.log.2.gz");
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  rename("app.log.2.gz", "app.log.3.gz");
  compress("app.log.1");
  rename("app.log", "app.log.1");
  append("two\n");
  EXPECT_THAT(read(), ElementsAre("two"));
  start();
  EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogFilesTest, AFileThatWasMovedAwayIsReadToItsEnd) {
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  append("two\n");
  std::filesystem::create_directory(folder_ / "away");
  rename("app.log", "away/app");
  append("three\n");
  EXPECT_THAT(read(), UnorderedElementsAre("two", "three"));
  append("late\n", "away/app");
  EXPECT_THAT(read_when_quiet(), ElementsAre("late"));
}

TEST_F(LogFilesTest, AnUnknownNameInTheFolderIsFoundByItsInode) {
  options_.max_open_files = 0;  // all are closed at once
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  append("two\n");
  rename("app.log", "whatever");
  EXPECT_THAT(read(), ElementsAre("two"));
  append("three\n", "whatever");
  EXPECT_THAT(read(), ElementsAre("three"));
}

TEST_F(LogFilesTest, GivesTheUnfinishedLastLineOfARotatedFile) {
  append("one\ntw");
  EXPECT_THAT(read(), ElementsAre("one"));
  rename("app.log", "app.log.1");
  append("three\n");
  EXPECT_THAT(read(), ElementsAre("three"));
  append("o", "app.log.1");
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_THAT(read_when_quiet(), ElementsAre("two"));
}

TEST_F(LogFilesTest, ADeletedFileIsReadToItsEndIfItIsOpen) {
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  append("two\nthr");
  remove("app.log");
  append("four\n");
  EXPECT_THAT(read(), UnorderedElementsAre("two", "four"));
  EXPECT_THAT(read_when_quiet(), ElementsAre("thr"));
}

TEST_F(LogFilesTest, ReadsAFileThatIsCreatedAgainFromItsStart) {
  append("one\ntwo\n");
  EXPECT_THAT(read(), ElementsAre("one", "two"));
  remove("app.log");
  append("one\ntwo\nthree\n");
  EXPECT_THAT(read(), ElementsAre("one", "two", "three"));
}

TEST_F(LogFilesTest, AnInodeThatIsGivenAgainIsAnotherFile) {
  options_.max_open_files = 0;
  append("first line of the old file\n");
  EXPECT_THAT(read(), SizeIs(1));
  files_.reset();
  remove("app.log");
  append("other line of the new file, longer\n");  // most file systems reuse the inode
  start();
  EXPECT_THAT(read(), ElementsAre("other line of the new file, longer"));
}

TEST_F(LogFilesTest, AFileMayBeAwayForAWhile) {
  std::filesystem::create_directory(folder_ / "away");
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  rename("app.log", "away/x");
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_THAT(read_after(120s), IsEmpty());
  append("two\n", "away/x");
  rename("away/x", "app.log");
  EXPECT_THAT(read(), ElementsAre("two"));
}

TEST_F(LogFilesTest, AFolderMayBeAwayForAWhile) {
  follow({"logs/*.log"});
  EXPECT_THAT(read(), IsEmpty());
  std::filesystem::create_directory(folder_ / "logs");
  append("one\n", "logs/a.log");
  EXPECT_THAT(read(), ElementsAre("one"));
  rename("logs", "away");
  EXPECT_THAT(read_when_quiet(), IsEmpty());
  append("two\n", "away/a.log");
  rename("away", "logs");
  EXPECT_THAT(read_after(11s), ElementsAre("two"));
  std::filesystem::remove_all(folder_ / "logs");
  EXPECT_THAT(read_when_quiet(), IsEmpty());
  std::filesystem::create_directory(folder_ / "logs");
  append("three\n", "logs/a.log");
  EXPECT_THAT(read(), ElementsAre("three"));
}

// Truncation

TEST_F(LogFilesTest, FollowsTruncation) {
  append("one\ntwo\n");
  EXPECT_THAT(read(), ElementsAre("one", "two"));
  truncate();
  append("x\n");
  EXPECT_THAT(read(), ElementsAre("x"));
  EXPECT_EQ(counter("truncations"), 1U);
}

TEST_F(LogFilesTest, NoticesOtherContentOfTheSameSizeAndOfMore) {
  append("one\ntwo\n");
  EXPECT_THAT(read(), ElementsAre("one", "two"));
  truncate();
  append("neu\nzwei\n");
  EXPECT_THAT(read(), ElementsAre("neu", "zwei"));
  files_.reset();
  truncate();
  append("new\ndos\n\n");
  start();
  EXPECT_THAT(read(), ElementsAre("new", "dos", ""));
}

TEST_F(LogFilesTest, ReadsTheRestOfATruncatedFileFromItsCopy) {
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  append("two\nthree");
  copy("app.log", "app.log.1");
  truncate();
  append("four\n");
  EXPECT_THAT(read(), UnorderedElementsAre("two", "four"));
  EXPECT_THAT(read_when_quiet(), ElementsAre("three"));
  start();
  EXPECT_THAT(read_after(11s), IsEmpty());
}

TEST_F(LogFilesTest, ACopyIsNotReadWhileTheOriginalIsThere) {
  follow({"*"});
  append("one\ntwo\n");
  EXPECT_THAT(read(), ElementsAre("one", "two"));
  append("one\n", "app.log.1");  // the copy, half done
  EXPECT_THAT(read(), IsEmpty());
  append("three\n");
  append("two\nthree\n", "app.log.1");
  EXPECT_THAT(read(), ElementsAre("three"));
  truncate();
  append("four\n");
  EXPECT_THAT(read(), ElementsAre("four"));
  start();
  EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogFilesTest, CopiesAreToldAfterARestart) {
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  files_.reset();
  append("two\n");
  copy("app.log", "app.log.1");
  truncate();
  append("three\n");
  copy("app.log", "app.log.0");
  rename("app.log.1", "app.log.2");
  rename("app.log.0", "app.log.1");
  truncate();
  append("four\n");
  start();
  EXPECT_THAT(read(), UnorderedElementsAre("two", "three", "four"));
}

TEST_F(LogFilesTest, ZerosOfATruncationUnderTheWritersFeetAreSkipped) {
  append("one\ntwo\n");
  EXPECT_THAT(read(), ElementsAre("one", "two"));
  truncate();
  truncate(8);  // a writer without O_APPEND goes on at its old place
  append("three\n");
  EXPECT_THAT(read(), ElementsAre("three"));
}

// Compression

TEST_F(LogFilesTest, CompressedFilesThatMatchAreReadOnceAsAWhole) {
  follow({"*"});
  append(gzipped("one\n") + gzipped("two\nlast"), "a.log.gz");
  append(zstandard("three\n") + zstandard("four\n"), "b.zst");
  EXPECT_THAT(read(), UnorderedElementsAre("one", "two", "last", "three", "four"));
  start();
  EXPECT_THAT(read_after(11s), IsEmpty());
  append(gzipped("five\n"), "c.gz");
  EXPECT_THAT(read(), ElementsAre("five"));
}

TEST_F(LogFilesTest, WhatIsCompressedAfterItsRotationIsNotReadAgain) {
  for (const bool with_zstd : {false, true}) {
    append("one\n");
    EXPECT_THAT(read(), ElementsAre("one"));
    rename("app.log", "app.log.1");
    append("two\n");
    EXPECT_THAT(read(), ElementsAre("two"));
    compress("app.log.1", with_zstd);
    EXPECT_THAT(read(), IsEmpty());
    EXPECT_THAT(read_when_quiet(), IsEmpty());
    start();
    EXPECT_THAT(read_after(11s), IsEmpty());
    remove(with_zstd ? "app.log.1.zst" : "app.log.1.gz");
    remove("app.log");
    read_when_quiet();
  }
}

TEST_F(LogFilesTest, TheRestIsReadFromWhereItWasCompressed) {
  for (const bool with_zstd : {false, true}) {
    append("one\n");
    EXPECT_THAT(read(), ElementsAre("one"));
    files_.reset();
    append("two\nthree");
    rename("app.log", "app.log.1");
    compress("app.log.1", with_zstd);
    append("four\n");
    start();
    EXPECT_THAT(read(), UnorderedElementsAre("two", "three", "four"));
    start();
    EXPECT_THAT(read_after(11s), IsEmpty());
    remove(with_zstd ? "app.log.1.zst" : "app.log.1.gz");
    remove("app.log");
    read_when_quiet();
  }
}

TEST_F(LogFilesTest, WhatWasRotatedAndCompressedWhileNobodyFollowedIsRead) {
  append("one\n");
  EXPECT_THAT(read(), ElementsAre("one"));
  files_.reset();
  rename("app.log", "app.log.2");
  append("two\n", "app.log.1");
  compress("app.log.1");
  compress("app.log.2");
  append("three\n");
  start();
  EXPECT_THAT(read(), UnorderedElementsAre("two", "three"));
}

TEST_F(LogFilesTest, ACompressedFileMayGrowWhileItIsRead) {
  follow({"*"});
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919) + " some line\n";
  const std::string whole = gzipped(text);
  append(whole.substr(0, 5), "x.log.gz");
  std::size_t lines = read().size();
  append(whole.substr(5, whole.size() / 2), "x.log.gz");
  lines += read().size();
  EXPECT_GT(lines, 0U);
  EXPECT_LT(lines, 50'000U);
  append(whole.substr(5 + whole.size() / 2), "x.log.gz");
  lines += read_when_quiet().size();
  EXPECT_EQ(lines, 50'000U);
  start();
  EXPECT_THAT(read(), IsEmpty());
}

TEST_F(LogFilesTest, ADamagedCompressedFileIsGivenUp) {
  follow({"*"});
  std::string damaged = gzipped("one\ntwo\n");
  damaged[12] = static_cast<char>(damaged[12] ^ 0x55);
  append(damaged, "a.log.gz");
  append(gzipped("whole\n").substr(0, 20), "b.log.gz");  // half a file, for good
  read();
  EXPECT_THAT(read_after(61s), testing::AnyOf(IsEmpty(), ElementsAre("whole")));
  EXPECT_GE(counter("errors"), 1U);
  const std::uint64_t errors = counter("errors");
  read_after(3600s);
  EXPECT_EQ(counter("errors"), errors);
}

TEST_F(LogFilesTest, ACrashInTheMiddleOfACompressedFile) {
  follow({"*"});
  options_.turn_bytes = 1;
  options_.batch_bytes = 1;
  set_.max_line_bytes = 100;
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "line " + std::to_string(i) + "\n";
  append(gzipped(text), "a.log.gz");
  int accepted = 0;
  refuses_ = [&] { return ++accepted > 10; };
  work();
  const std::size_t before = read().size();
  EXPECT_GT(before, 0U);
  EXPECT_LT(before, 2000U);
  refuses_ = nullptr;
  start();
  EXPECT_EQ(read().size(), 2000U - before);
  std::set<std::string> unique;
  for (const Record& record : records_) unique.insert(record.line);
  EXPECT_THAT(unique, SizeIs(2000));
}

// Which files

TEST_F(LogFilesTest, FindsFilesInFoldersOfAnyDepth) {
  follow({"**/x*/*.log"});
  std::filesystem::create_directories(folder_ / "a/b/x1");
  append("deep\n", "a/b/x1/one.log");
  append("no\n", "a/b/one.log");
  std::filesystem::create_directory(folder_ / "x2");
  append("shallow\n", "x2/two.log");
  EXPECT_THAT(read(), UnorderedElementsAre("deep", "shallow"));
  std::filesystem::create_directories(folder_ / "new/x3");
  append("new\n", "new/x3/three.log");
  EXPECT_THAT(read(), ElementsAre("new"));
}

TEST_F(LogFilesTest, LeavesExcludedFilesOut) {
  follow({"**/*.log"});
  set_.excludes = {*ExcludePattern::parse("debug*"),
                   *ExcludePattern::parse((folder_ / "skip" / "*").native())};
  std::filesystem::create_directory(folder_ / "skip");
  append("a\n", "a.log");
  append("b\n", "debug.log");
  append("c\n", "skip/c.log");
  EXPECT_THAT(read(), ElementsAre("a"));
}

TEST_F(LogFilesTest, TheSameFileUnderSeveralNamesIsReadOnce) {
  follow({"*.log", "links/*"});
  std::filesystem::create_directory(folder_ / "links");
  append("one\n", "a.log");
  std::filesystem::create_hard_link(folder_ / "a.log", folder_ / "b.log");
  std::filesystem::create_symlink(folder_ / "a.log", folder_ / "links/c");
  EXPECT_THAT(read(), ElementsAre("one"));
  append("two\n", "b.log");
  EXPECT_THAT(read(), ElementsAre("two"));
  start();
  EXPECT_THAT(read(), IsEmpty());
  remove("a.log");
  append("three\n", "b.log");
  EXPECT_THAT(read(), ElementsAre("three"));
}

TEST_F(LogFilesTest, FollowsALinkToWhereItLeads) {
  follow({"links/*.log"});
  std::filesystem::create_directories(folder_ / "links");
  std::filesystem::create_directories(folder_ / "real");
  append("one\n", "real/0");
  std::filesystem::create_symlink(folder_ / "real/0", folder_ / "links/pod.log");
  EXPECT_THAT(read(), ElementsAre("one"));
  EXPECT_EQ(records_[0].labels.get("filename"), (folder_ / "links/pod.log").native());
  append("two\n", "real/0");
  EXPECT_THAT(read(), ElementsAre("two"));
  rename("real/0", "real/0.1");  // rotation behind the link
  append("three\n", "real/0");
  append("late\n", "real/0.1");
  EXPECT_THAT(read(), UnorderedElementsAre("three", "late"));
  append("four\n", "real/1");
  append("last\n", "real/0");
  remove("links/pod.log");
  std::filesystem::create_symlink(folder_ / "real/1", folder_ / "links/pod.log");
  EXPECT_THAT(read(), UnorderedElementsAre("four", "last"));
}

TEST_F(LogFilesTest, StartsWhereItIsToldTo) {
  for (int i = 0; i < 1000; ++i) append("line " + std::to_string(i) + "\n");
  append("half");
  set_.backlog_bytes = 100;
  const Lines lines = read();
  ASSERT_FALSE(lines.empty());
  EXPECT_LT(lines.size(), 12U);
  EXPECT_EQ(lines.back(), "line 999");
  EXPECT_TRUE(lines.front().starts_with("line "));
}

TEST_F(LogFilesTest, StartingAtTheEndWaitsForWholeLines) {
  append("old\nhal");
  set_.backlog_bytes = 0;
  EXPECT_THAT(read(), IsEmpty());
  start();
  append("f\nnew\n");
  EXPECT_THAT(read(), ElementsAre("half", "new"));
  append("x\n", "app.log.1");  // what comes later is read whole
  EXPECT_THAT(read(), ElementsAre("x"));
}

TEST_F(LogFilesTest, AFileThatCameWhileNobodyFollowedIsReadWhole) {
  set_.backlog_bytes = 0;
  EXPECT_THAT(read(), IsEmpty());
  files_.reset();
  append("one\n");
  start();
  EXPECT_THAT(read(), ElementsAre("one"));
}

TEST_F(LogFilesTest, TwoFilesWithTheSameContentAreTwo) {
  follow({"*.log"});
  append("start\n", "worker.1.log");
  EXPECT_THAT(read(), ElementsAre("start"));
  append("start\n", "worker.2.log");
  append("start\n", "other.log");
  EXPECT_THAT(read(), ElementsAre("start", "start"));
}

TEST_F(LogFilesTest, WithoutInotifyFilesAreLookedAt) {
  options_.use_inotify = false;
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_EQ(files_->event_fd(), -1);
  append("one\n");
  EXPECT_THAT(read_after(11s), ElementsAre("one"));
  rename("app.log", "app.log.1");
  append("two\n");
  append("late\n", "app.log.1");
  EXPECT_THAT(read_after(11s), UnorderedElementsAre("two", "late"));
}

TEST_F(LogFilesTest, BookmarksOfFilesThatAreLongGoneAreForgotten) {
  append("one\n");
  read();
  EXPECT_THAT(saved_, SizeIs(2));  // the file's and the pattern's
  remove("app.log");
  read_when_quiet();
  read_after(24h);
  EXPECT_THAT(saved_, SizeIs(2));
  for (int i = 0; i < 8; ++i) read_after(24h);
  EXPECT_THAT(saved_, SizeIs(1));
}

// Joined lines

TEST_F(LogFilesTest, JoinsLinesAndIsNeverAheadOfThem) {
  join_by_indentation();
  append("one\n  more\ntwo\n");
  EXPECT_THAT(read(), ElementsAre("one\n  more"));
  start();  // the second one was held, and is not lost
  append("  rest\n");
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_THAT(read_after(4s), ElementsAre("two\n  rest"));
  start();
  EXPECT_THAT(read_after(11s), IsEmpty());
}

TEST_F(LogFilesTest, HeldLinesOfATruncatedFileAreGiven) {
  join_by_indentation();
  append("one\n  more\n");
  EXPECT_THAT(read(), IsEmpty());
  truncate();
  append("x\n");
  EXPECT_THAT(read(), ElementsAre("one\n  more"));
  EXPECT_THAT(read_after(4s), ElementsAre("x"));
}

TEST_F(LogFilesTest, JoinedLinesThatTheStoreRefusesAreJoinedAgain) {
  join_by_indentation();
  bool full = true;
  refuses_ = [&] { return full; };
  append("one\n  more\ntwo\n");
  EXPECT_THAT(read(), IsEmpty());
  full = false;
  EXPECT_THAT(read_after(1s), ElementsAre("one\n  more"));
  EXPECT_THAT(read_after(4s), ElementsAre("two"));
}

TEST_F(LogFilesTest, ARecordWithoutEndIsCut) {
  join_by_indentation();
  append("start\n");
  EXPECT_THAT(read(), IsEmpty());
  std::string text;
  for (int i = 0; i < 2000; ++i) text += " " + std::string(1000, 'x') + "\n";
  append(text);
  std::size_t bytes = 0;
  for (int i = 0; i < 5; ++i) {
    for (const std::string& line : read_after(1s)) bytes += line.size() + 1;
  }
  EXPECT_EQ(bytes, text.size() + 6);
}

TEST_F(LogFilesTest, LinesGoThroughThePipelineOfTheirFile) {
  pipe("    stages: [json, {labels: [a]}, {line: msg}]\n");
  append("{\"a\":\"1\",\"msg\":\"hello\"}\n{\"a\":\"1\",\"msg\":\"hello\"}\n");
  EXPECT_THAT(read(), ElementsAre("hello", "hello"));
  EXPECT_EQ(records_[0].labels.get("a"), "1");
  EXPECT_NE(records_[0].time, records_[1].time);
}

// Fairness

TEST_F(LogFilesTest, BackfillIsPacedAndHoldsNobodyUp) {
  follow({"*.log"});
  options_.backfill_bytes_per_second = 1U << 20U;
  std::string line(99, 'x');
  line += '\n';
  std::string megabyte;
  while (megabyte.size() < 1'000'000) megabyte += line;
  for (int i = 0; i < 5; ++i) append(megabyte, "large.log");
  append("start\n", "small.log");
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i < 10; ++i) {
      append("fresh\n", "small.log");
      const Lines lines = read_after(100ms);
      EXPECT_THAT(lines, testing::Contains("fresh"));
    }
  }
  const std::size_t large = records_.size() - 31;
  EXPECT_GT(large, 20'000U);
  EXPECT_LT(large, 45'000U);
  read_after(1s);
  for (int i = 0; i < 40; ++i) read_after(100ms);
  EXPECT_EQ(records_.size(), 50'031U);
}

TEST_F(LogFilesTest, ManyFilesAreNotKeptOpen) {
  follow({"*.log"});
  options_.max_open_files = 10;
  for (int i = 0; i < 300; ++i) append("one\n", std::to_string(i) + ".log");
  EXPECT_THAT(read(), SizeIs(300));
  EXPECT_THAT(metrics_->render(), HasSubstr("livedata_files_followed 300"));
  const auto open_files = [&] {
    std::size_t count = 0;
    for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code error;
      count += std::filesystem::read_symlink(fd, error).native().ends_with(".log") ? 1U : 0U;
    }
    return count;
  };
  EXPECT_LE(open_files(), 10U);
  append("two\n", "17.log");
  EXPECT_THAT(read(), ElementsAre("two"));
  read_after(70s);
  EXPECT_EQ(open_files(), 0U);
}

}  // namespace
}  // namespace livedata::collect
