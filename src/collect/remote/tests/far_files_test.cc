#include "collect/remote/far_files.h"

#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::collect::remote {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

/// Log files of another machine, and the answers that its shell would give.
class FarMachine {
 public:
  struct File {
    std::uint64_t inode = 0;
    std::string content;
  };

  void append(const std::string& text) { files["/var/log/app.log"].content += text; }
  void rotate() {
    if (files.count("/var/log/app.log.1") > 0)
      files["/var/log/app.log.2"] = files["/var/log/app.log.1"];
    files["/var/log/app.log.1"] = files["/var/log/app.log"];
    files["/var/log/app.log"] = {++last_inode, ""};
  }
  [[nodiscard]] std::string answer(const std::string& request) const {
    if (request == "list_files /var/log/app.log") return list("/var/log/app.log", false);
    if (request.starts_with("list_files ")) return list("/var/log/app.log.", true);
    const std::size_t open = request.find('\'');
    const std::size_t close = request.rfind('\'');
    const auto file = files.find(request.substr(open + 1, close - open - 1));
    if (file == files.end()) return "";
    const std::size_t blank = request.rfind(' ');
    const std::size_t first = std::stoul(request.substr(close + 2)) * 4096;
    const std::size_t size = std::stoul(request.substr(blank + 1)) * 4096;
    const std::string& content = file->second.content;
    return line(file->second, "/proc/self/fd/4") +
           (first < content.size() ? content.substr(first, size) : "");
  }

  std::map<std::string, File> files = {{"/var/log/app.log", {1, ""}}};
  std::uint64_t last_inode = 1;

 private:
  static std::string line(const File& file, const std::string& path) {
    return fmt::format("{} -rw-r--r-- 1 0 0 {} Nov 21 12:27 {}\n", file.inode, file.content.size(),
                       path);
  }
  [[nodiscard]] std::string list(const std::string& path, bool is_prefix) const {
    std::string out;
    for (const auto& [name, file] : files) {
      if (is_prefix ? name.starts_with(path) : name == path) out += line(file, name);
    }
    return out;
  }
};

class FarFilesTest : public testing::Test {
 protected:
  FarFilesTest() { start(); }

  /// As another process would, from what is stored.
  void start() {
    files_ = std::make_unique<FarFiles>(FarFiles::Options{.host = "web1",
                                                          .bookmark_prefix = "remote:web1:file:",
                                                          .patterns = {"/var/log/app.log"}},
                                        limits_);
    files_->load(saved_);
  }
  /// Asks until nothing is left; the answer to the last request is lost if `fails` says so.
  void round(unsigned lost = 0) {
    files_->begin_round();
    for (unsigned i = 1;; ++i) {
      const std::string request = files_->next_request();
      if (request.empty()) return;
      if (i == lost) {
        files_->restart();
        return;
      }
      ASSERT_LT(i, 1000U);
      take(machine_.answer(request));
    }
  }
  void take(const std::string& answer) {
    const ingest::DecodeContext context{limits_, kNow, "file"};
    ingest::RecordIntake intake(context);
    Bookmarks bookmarks;
    files_->take_answer(answer, {.intake = intake, .bookmarks = bookmarks});
    const auto decoded = intake.take();
    for (RowIndex row = 0; row < decoded.batch.num_rows(); ++row) {
      lines_.emplace_back(decoded.batch.line(row));
      times_.push_back(decoded.batch.timestamps()[row]);
      labels_ = decoded.batch.stream(row).labels;
    }
    update(saved_, bookmarks);
  }

  Limits limits_;
  FarMachine machine_;
  Bookmarks saved_;
  std::unique_ptr<FarFiles> files_;
  std::vector<std::string> lines_;
  std::vector<TimestampNs> times_;
  Labels labels_;
};

TEST_F(FarFilesTest, TakesWholeLinesOnceEach) {
  machine_.append("one\ntwo\nthr");
  round();
  EXPECT_THAT(lines_, ElementsAre("one", "two"));
  machine_.append("ee\r\n");
  round();
  round();
  EXPECT_THAT(lines_, ElementsAre("one", "two", "three"));
  EXPECT_EQ(labels_.get("host"), "web1");
  EXPECT_EQ(labels_.get("filename"), "/var/log/app.log");
  EXPECT_EQ(labels_.get("service_name"), "app");
}

TEST_F(FarFilesTest, GoesOnAfterARestart) {
  machine_.append("one\n");
  round();
  machine_.append("two\n");
  start();
  round();
  start();
  round();
  EXPECT_THAT(lines_, ElementsAre("one", "two"));
}

TEST_F(FarFilesTest, ReadsARotatedFileToItsEnd) {
  machine_.append("one\n");
  round();
  machine_.append("two\n");
  machine_.rotate();
  machine_.append("three\n");
  round();
  machine_.files["/var/log/app.log.1"].content += "late\n";
  round();
  round();
  round();
  EXPECT_THAT(lines_, ElementsAre("one", "two", "late", "three"));
  EXPECT_EQ(files_->lost_bytes(), 0U);
}

TEST_F(FarFilesTest, ReadsWhatWasRotatedWhileNobodyLooked) {
  machine_.append("one\n");
  round();
  machine_.append("two\n");
  machine_.rotate();
  machine_.append("three\n");
  start();
  for (int i = 0; i < 4; ++i) round();
  EXPECT_THAT(lines_, ElementsAre("one", "two", "three"));
}

TEST_F(FarFilesTest, SeesATruncatedFileEvenIfItHasGrownBeyond) {
  machine_.append("one\ntwo\n");
  round();
  machine_.files["/var/log/app.log"].content = "new\n";
  round();
  EXPECT_THAT(lines_, ElementsAre("one", "two", "new"));
  machine_.files["/var/log/app.log"].content = "newer and longer\nthan before\n";
  round();
  EXPECT_THAT(lines_, ElementsAre("one", "two", "new", "newer and longer", "than before"));
}

TEST_F(FarFilesTest, ReadsTheEndOfAFileThatWasThereBefore) {
  std::string old;
  while (old.size() < (2U << 20U)) old += "an old line of some length\n";
  machine_.append(old + "the last\n");
  round();
  ASSERT_FALSE(lines_.empty());
  EXPECT_EQ(lines_.back(), "the last");
  EXPECT_EQ(lines_.front(), "an old line of some length");
  EXPECT_LT(lines_.size(), 40'000U);
  EXPECT_GT(lines_.size(), 30'000U);
}

TEST_F(FarFilesTest, CutsALineWithoutAnEnd) {
  machine_.append(std::string(600'000, 'x'));
  round();
  machine_.append("\nnext\n");
  round();
  ASSERT_FALSE(lines_.empty());
  EXPECT_EQ(lines_.back(), "next");
  std::size_t total = 0;
  for (const std::string& line : lines_) total += line.size();
  EXPECT_EQ(total, 600'004U);
}

TEST_F(FarFilesTest, EqualLinesHaveTimesOfTheirOwn) {
  machine_.append("2023-11-14T22:00:00Z same\n2023-11-14T22:00:00Z same\n");
  round();
  machine_.append("2023-11-14T22:00:00Z same\n");
  start();
  round();
  ASSERT_EQ(times_.size(), 3U);
  EXPECT_LT(times_[0], times_[1]);
  EXPECT_LT(times_[1], times_[2]);
  EXPECT_LT(times_[2], times_[0] + kNsPerSecond);
}

TEST_F(FarFilesTest, TakesAClockAndAZoneIntoAccount) {
  machine_.append("2023-11-14 23:00:00 x\n");
  files_->begin_round();
  const ingest::DecodeContext context{limits_, kNow, "file"};
  ingest::RecordIntake intake(context);
  Bookmarks bookmarks;
  for (std::string request = files_->next_request(); !request.empty();
       request = files_->next_request()) {
    files_->take_answer(
        machine_.answer(request),
        {.intake = intake, .bookmarks = bookmarks, .clock_ahead = 60 * kNsPerSecond, .zone = 3600});
  }
  const auto decoded = intake.take();
  ASSERT_EQ(decoded.batch.num_rows(), 1U);
  EXPECT_EQ(decoded.batch.timestamps()[0], (1'700'000'000 - 800 - 60) * kNsPerSecond);
  EXPECT_EQ(std::get<double>(*decoded.batch.field(0, "clock_ahead_seconds")), 60);
}

TEST_F(FarFilesTest, SurvivesWrongAnswers) {
  std::mt19937 random(3);
  machine_.append("one\ntwo\n");
  for (int i = 0; i < 2000; ++i) {
    files_->begin_round();
    for (int j = 0; j < 4; ++j) {
      const std::string request = files_->next_request();
      if (request.empty()) break;
      std::string answer = machine_.answer(request);
      for (auto k = random() % 4; k > 0 && !answer.empty(); --k)
        answer[random() % answer.size()] = static_cast<char>(random());
      take(answer.substr(0, random() % (answer.size() + 1)));
    }
  }
  for (const auto& [key, value] : saved_)
    EXPECT_TRUE(value.empty() || FarPosition::parse(value)) << value;
}

/// Whatever happens in whatever order, each line is there once, and in order.
TEST(FarFilesProperty, EachLineOnceOverRotationsRestartsAndLostAnswers) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    Limits limits;
    FarMachine machine;
    Bookmarks saved;
    std::vector<std::string> found;
    int written = 0;
    std::string unfinished;
    const auto make = [&] {
      auto files = std::make_unique<FarFiles>(
          FarFiles::Options{.host = "h", .bookmark_prefix = "p:", .patterns = {"/var/log/app.log"}},
          limits);
      files->load(saved);
      return files;
    };
    auto files = make();
    // `loses`: the session breaks in the middle.
    const auto round = [&](bool loses) {
      files->begin_round();
      for (std::string request = files->next_request(); !request.empty();
           request = files->next_request()) {
        if (loses && random() % 2 == 0) {
          files->restart();
          return;
        }
        const ingest::DecodeContext context{limits, kNow, "file"};
        ingest::RecordIntake intake(context);
        Bookmarks bookmarks;
        files->take_answer(machine.answer(request), {.intake = intake, .bookmarks = bookmarks});
        const auto decoded = intake.take();
        for (RowIndex row = 0; row < decoded.batch.num_rows(); ++row)
          found.emplace_back(decoded.batch.line(row));
        update(saved, bookmarks);
      }
    };
    round(false);  // a log that was rotated before it was ever seen is not known
    int since_rotation = 10;
    for (int step = 0; step < 200; ++step, ++since_rotation) {
      for (auto i = random() % 200; i > 0; --i)
        machine.append(fmt::format("line {} {}\n", written++, std::string(random() % 300, '.')));
      switch (random() % 8) {
        case 0:
          // Twice between two looks would be one rotation too many.
          if (since_rotation > 5) {
            machine.rotate();
            since_rotation = 0;
          }
          break;
        case 1:
          files = make();
          break;
        case 2:
          round(true);
          break;
        default:
          round(false);
      }
      if (since_rotation >= 2) round(false);
    }
    for (int i = 0; i < 5; ++i) round(false);
    ASSERT_EQ(found.size(), static_cast<std::size_t>(written)) << "seed " << seed;
    for (int i = 0; i < written; ++i)
      ASSERT_THAT(found[static_cast<std::size_t>(i)], HasSubstr(fmt::format("line {} ", i)));
  }
}

}  // namespace
}  // namespace livedata::collect::remote
