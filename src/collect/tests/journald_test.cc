// Reads a real journal, which systemd's own writer makes from the export format. Skipped where that
// program is not installed.
#include "collect/journald.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/journal_file.h"

namespace livedata::collect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr const char* kWriter = "/lib/systemd/systemd-journal-remote";

class JournaldTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kWriter)) GTEST_SKIP() << kWriter << " is not installed";
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "journal");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Writes a journal file of these entries.
  void write_journal(const std::string& name,
                     const std::vector<std::pair<std::string, std::string>>& messages) {
    std::ofstream out(folder_ / "export.txt");
    for (const auto& [priority, message] : messages) {
      const std::int64_t microseconds = 1'700'000'000'000'000 + 1'000'000 * number_++;
      out << "__REALTIME_TIMESTAMP=" << microseconds << "\n__MONOTONIC_TIMESTAMP=" << number_
          << "\n_BOOT_ID=0123456789abcdef0123456789abcdef\n"
          << "PRIORITY=" << priority
          << "\n_SYSTEMD_UNIT=shop.service\nSYSLOG_IDENTIFIER=shop\n_PID=42\nMESSAGE=" << message
          << "\n\n";
    }
    out.close();
    const std::string command = std::string(kWriter) + " -o " +
                                (folder_ / "journal" / name).string() + " " +
                                (folder_ / "export.txt").string() + " >/dev/null 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  std::unique_ptr<Journald> open() {
    auto journal = Journald::open(
        {.journal_folder = folder_ / "journal",
         .machine = "m",
         .host = "h",
         .backlog = std::chrono::hours(100'000),
         .filter = filter_},
        [this](const ingest::Decoded& decoded, const Bookmarks& bookmarks) {
          return take(decoded.batch, bookmarks);
        },
        saved_, limits_, clock_);
    EXPECT_TRUE(journal.has_value()) << (journal ? "" : journal.error().message);
    return journal ? *std::move(journal) : nullptr;
  }

  Result<void> take(const RecordBatch& batch, const Bookmarks& bookmarks) {
    if (refuse_) return fail(ErrorCode::kUnavailable, "full");
    update(saved_, bookmarks);
    for (RowIndex row = 0; row < batch.num_rows(); ++row) {
      lines_.push_back(std::string(batch.line(row)) + " " +
                       to_string(*batch.field(row, "detected_level")) + " " +
                       batch.stream(row).labels.to_string());
    }
    return {};
  }

  /// Lines of the entries of journal files, read `count` at a time, and where the reading ended.
  std::pair<std::vector<std::string>, std::string> read_files(const std::vector<std::string>& names,
                                                              const std::string& cursor,
                                                              std::size_t count,
                                                              std::size_t reads = 1000) {
    std::vector<std::string> paths;
    paths.reserve(names.size());
    for (const std::string& name : names) paths.push_back((folder_ / "journal" / name).string());
    const auto file = JournalFile::open(paths, cursor, limits_);
    EXPECT_TRUE(file.has_value()) << file.error().message;
    const ingest::DecodeContext context{limits_, clock_.now()};
    ingest::RecordIntake intake(context);
    while (reads-- > 0 && *(*file)->read(intake, count, 1'000'000) > 0) {
    }
    std::vector<std::string> lines;
    const ingest::Decoded decoded = intake.take();
    for (RowIndex row = 0; row < decoded.batch.num_rows(); ++row) {
      lines.push_back(std::string(decoded.batch.line(row)) + " " +
                      decoded.batch.stream(row).labels.to_string());
    }
    return {lines, (*file)->cursor()};
  }

  Path folder_;
  int number_ = 0;
  bool refuse_ = false;
  JournalFilter filter_;
  Bookmarks saved_;
  SystemClock clock_;
  Limits limits_;
  std::vector<std::string> lines_;
};

constexpr const char* kLabels = R"( {host="h", service_name="shop", unit="shop.service"})";

TEST_F(JournaldTest, ReadsEntriesAndGoesOnFromTheCursor) {
  write_journal("a.journal", {{"6", "started"}, {"3", "failed"}});
  ASSERT_TRUE(open()->poll());
  EXPECT_EQ(lines_, (std::vector<std::string>{std::string("started info") + kLabels,
                                              std::string("failed error") + kLabels}));
  EXPECT_THAT(saved_, ElementsAre(Pair("journal:m", Not(IsEmpty()))));
  lines_.clear();
  write_journal("b.journal", {{"4", "later"}});
  ASSERT_TRUE(open()->poll());
  EXPECT_EQ(lines_, (std::vector<std::string>{std::string("later warn") + kLabels}));
}

TEST_F(JournaldTest, RepeatsWhatTheSinkRefused) {
  write_journal("a.journal", {{"6", "one"}, {"6", "two"}});
  const auto journal = open();
  refuse_ = true;
  EXPECT_FALSE(journal->poll());
  refuse_ = false;
  EXPECT_TRUE(journal->poll());
  EXPECT_EQ(lines_.size(), 2U);
}

TEST_F(JournaldTest, WhatIsNotWantedIsPassedOver) {
  filter_ = *JournalFilter::parse("", "", "warning");
  write_journal("a.journal", {{"6", "info"}, {"3", "error"}, {"7", "debug"}});
  const auto journal = open();
  EXPECT_TRUE(journal->poll());
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_[0], testing::HasSubstr("error"));
  // The cursor is behind them nevertheless.
  lines_.clear();
  filter_ = {};
  const auto again = open();
  EXPECT_TRUE(again->poll());
  EXPECT_THAT(lines_, IsEmpty());
}

TEST(JournalFilterTest, UnitsByPatternAndPriorities) {
  const auto wants = [](const char* units, const char* excluded, const char* priority,
                        const char* unit, const char* identifier, const char* of) {
    ingest::journal::Entry entry;
    entry.add("MESSAGE", "x");
    if (*unit != '\0') entry.add("_SYSTEMD_UNIT", unit);
    if (*identifier != '\0') entry.add("SYSLOG_IDENTIFIER", identifier);
    if (*of != '\0') entry.add("PRIORITY", of);
    return JournalFilter::parse(units, excluded, priority)->wants(entry);
  };
  EXPECT_TRUE(wants("", "", "debug", "a.service", "", "7"));
  EXPECT_TRUE(wants("sshd, docker*", "", "7", "docker-1.scope", "", ""));
  EXPECT_TRUE(wants("sshd.service", "", "7", "sshd.service", "", ""));
  EXPECT_TRUE(wants("sshd", "", "7", "sshd.service", "", ""));
  EXPECT_FALSE(wants("sshd", "", "7", "cron.service", "", ""));
  EXPECT_TRUE(wants("kernel", "", "7", "", "", ""));
  EXPECT_TRUE(wants("su", "", "7", "", "su", ""));
  EXPECT_FALSE(wants("*", "cron*", "7", "cron.service", "", ""));
  EXPECT_FALSE(wants("", "", "err", "a.service", "", "4"));
  EXPECT_TRUE(wants("", "", "err", "a.service", "", "3"));
  EXPECT_TRUE(wants("", "", "err", "a.service", "", ""));
  EXPECT_FALSE(JournalFilter::parse("", "", "loud").has_value());
  EXPECT_FALSE(JournalFilter::parse("", "", "8").has_value());
}

TEST_F(JournaldTest, AnEmptyFolderIsNoJournal) {
  EXPECT_EQ(Journald::open(
                {.journal_folder = folder_ / "journal"},
                [this](const ingest::Decoded& d, const Bookmarks& m) { return take(d.batch, m); },
                saved_, limits_, clock_)
                .error()
                .code,
            ErrorCode::kUnavailable);
}

TEST_F(JournaldTest, JournalFilesAreReadInOrderAndGoOnFromTheCursor) {
  write_journal("a.journal", {{"6", "one"}, {"6", "two"}});
  write_journal("b.journal", {{"6", "three"}, {"6", "four"}, {"6", "five"}});
  const auto [all, end] = read_files({"b.journal", "a.journal"}, "", 2);
  const std::string labels = R"( {service_name="shop", unit="shop.service"})";
  EXPECT_EQ(all, (std::vector<std::string>{"one" + labels, "two" + labels, "three" + labels,
                                           "four" + labels, "five" + labels}));
  const auto [some, cursor] = read_files({"a.journal", "b.journal"}, "", 1, 3);
  EXPECT_EQ(some.size(), 3U);
  const auto [rest, rest_end] = read_files({"a.journal", "b.journal"}, cursor, 100);
  EXPECT_EQ(rest, (std::vector<std::string>{"four" + labels, "five" + labels}));
  EXPECT_EQ(rest_end, end);
  const auto [nothing, same] = read_files({"a.journal", "b.journal"}, end, 100);
  EXPECT_EQ(nothing.size(), 0U);
  EXPECT_EQ(same, end);
}

TEST_F(JournaldTest, WhatIsNoJournalFileIsAnError) {
  const auto code = [&](const std::string& path) {
    return JournalFile::open({path}, "", limits_).error().code;
  };
  EXPECT_EQ(code("/nowhere/at/all.journal"), ErrorCode::kNotFound);
  std::ofstream(folder_ / "text.journal") << "this is text, and not a journal\n";
  EXPECT_EQ(code((folder_ / "text.journal").string()), ErrorCode::kCorrupt);
  write_journal("a.journal", {{"6", "one"}});
  EXPECT_EQ(JournalFile::open({(folder_ / "journal/a.journal").string()}, "no cursor", limits_)
                .error()
                .code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace livedata::collect
