#include "collect/remote/remotes.h"

#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/mutex.h"
#include "collect/remote/probe.h"
#include "collect/remote/tests/fake_ssh.h"

namespace livedata::collect::remote {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

/// Keeps what is stored.
class Store {
 public:
  Result<void> take(const std::shared_ptr<RecordBatch>& batch, const Bookmarks& bookmarks) {
    const MutexLock lock(mutex_);
    if (fails_) return fail(ErrorCode::kUnavailable, "the disk is full");
    for (RowIndex row = 0; row < batch->num_rows(); ++row) {
      const Labels& labels = batch->stream(row).labels;
      if (labels.get("source").empty()) {
        lines_.emplace_back(batch->line(row));
      } else {
        ++sources_[std::string(labels.get("host"))][std::string(labels.get("source"))];
      }
    }
    update(bookmarks_, bookmarks);
    return {};
  }
  void set_failing(bool fails) {
    const MutexLock lock(mutex_);
    fails_ = fails;
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const MutexLock lock(mutex_);
    return lines_;
  }
  [[nodiscard]] int records(const std::string& host, const std::string& source) const {
    const MutexLock lock(mutex_);
    const auto found = sources_.find(host);
    if (found == sources_.end() || found->second.count(source) == 0) return 0;
    return found->second.at(source);
  }
  [[nodiscard]] Bookmarks bookmarks() const {
    const MutexLock lock(mutex_);
    return bookmarks_;
  }

 private:
  mutable Mutex mutex_;
  bool fails_ = false;
  std::vector<std::string> lines_;
  std::map<std::string, std::map<std::string, int>> sources_;
  Bookmarks bookmarks_;
};

class RemotesTest : public testing::Test {
 protected:
  void add(const RemoteSpec& spec) {
    ASSERT_TRUE(
        RemoteList(folder_.path()).change([&](std::vector<RemoteSpec>& all) -> Result<void> {
          all.push_back(spec);
          return {};
        }));
  }
  void start(const std::string& ssh) {
    RemotesOptions options;
    options.data_folder = folder_.path();
    options.ssh_program = ssh;
    options.interval = milliseconds(500);
    options.flush_interval = milliseconds(50);
    options.session.files_interval = milliseconds(100);
    options.session.connect_timeout = connect_timeout_;
    options.session.answer_timeout = seconds(20);
    options.saved = store_.bookmarks();
    remotes_ = std::make_unique<Remotes>(
        std::move(options),
        [this](const std::shared_ptr<RecordBatch>& batch, const Bookmarks& bookmarks) {
          return store_.take(batch, bookmarks);
        },
        limits_, clock_, logger_, metrics_);
  }
  [[nodiscard]] RemoteStatus status() const {
    const auto all = remotes_->status();
    return all.empty() ? RemoteStatus() : all.front();
  }
  static bool wait(const std::function<bool()>& is_done, seconds longest = seconds(40)) {
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!is_done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(milliseconds(20));
    }
    return true;
  }
  void append(int from, int to) const {
    std::ofstream log(folder_.path() / "app.log", std::ios::app);
    for (int i = from; i < to; ++i) log << "line " << i << "\n";
  }
  void expect_lines(int count) const {
    ASSERT_TRUE(wait([&] { return store_.lines().size() >= static_cast<std::size_t>(count); }))
        << store_.lines().size();
    std::this_thread::sleep_for(milliseconds(300));
    const auto lines = store_.lines();
    ASSERT_EQ(lines.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      EXPECT_EQ(lines[static_cast<std::size_t>(i)], fmt::format("line {}", i));
  }
  [[nodiscard]] RemoteSpec spec() const {
    return {.name = "web1",
            .destination = "u@web1",
            .journal = false,
            .files = {(folder_.path() / "app.log").string()}};
  }

  TestFolder folder_;
  std::chrono::nanoseconds connect_timeout_ = seconds(30);
  Store store_;
  SystemClock clock_;
  Limits limits_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  std::unique_ptr<Remotes> remotes_;
};

TEST_F(RemotesTest, MetricsAndLinesComeFromTheOtherSide) {
  append(0, 10);
  start(fake_ssh(folder_, "echo \"motd of a shell\"; echo noise >&2"));
  EXPECT_TRUE(remotes_->status().empty());
  add(spec());
  expect_lines(10);
  ASSERT_TRUE(wait([&] {
    return store_.records("web1", "cpu") > 1 && store_.records("web1", "process_summary") > 0 &&
           store_.records("web1", "memory") > 0 && store_.records("web1", "filesystem") > 0;
  }));
  const RemoteStatus now = status();
  EXPECT_EQ(now.state, "connected");
  EXPECT_EQ(now.logs, "files");
  EXPECT_EQ(now.sessions, 1U);
  EXPECT_NEAR(now.clock_ahead_seconds, 0, 1);
  EXPECT_GT(now.bytes, 1000U);
  EXPECT_THAT(metrics_.render(), HasSubstr("livedata_remote_up{remote=\"web1\"} 1"));
}

TEST_F(RemotesTest, GoesOnWhereAKilledSessionEnded) {
  append(0, 5);
  add(spec());
  // Each session lives for a second.
  start(fake_ssh(folder_, "( sleep 1; kill -9 $$ ) >/dev/null 2>&1 </dev/null &"));
  int written = 5;
  ASSERT_TRUE(wait([&] {
    append(written, written + 3);
    written += 3;
    std::this_thread::sleep_for(milliseconds(50));
    return status().sessions >= 3;
  }));
  expect_lines(written);
  EXPECT_GE(status().failures, 2U);
}

TEST_F(RemotesTest, GoesOnAfterARestartOfItsOwn) {
  append(0, 5);
  add(spec());
  const std::string ssh = fake_ssh(folder_);
  start(ssh);
  expect_lines(5);
  remotes_.reset();
  append(5, 9);
  start(ssh);
  expect_lines(9);
}

TEST_F(RemotesTest, KeepsWhatTheStoreRefusesAndReadsNoMore) {
  append(0, 5);
  add(spec());
  store_.set_failing(true);
  start(fake_ssh(folder_));
  ASSERT_TRUE(wait([&] { return status().samples > 0; }));
  std::this_thread::sleep_for(milliseconds(500));
  const std::uint64_t bytes = status().bytes;
  append(5, 9);
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_EQ(status().bytes, bytes);
  store_.set_failing(false);
  expect_lines(9);
}

TEST_F(RemotesTest, AJournalThatComesLaterThanTheAnswersIsAskedForOnce) {
  std::string journal = "#!/bin/sh\ncat <<END\n";
  for (int i = 0; i < 3; ++i)
    journal += fmt::format(
        "__CURSOR=s=a;i={0};b=c;m={0};t={0};x={0}\n__REALTIME_TIMESTAMP={0}\nMESSAGE=line {0}\n\n",
        i);
  journal += "END\ncase $* in *-f*) exec sleep 60;; esac\n";
  folder_.write("journalctl", journal, 0755);
  RemoteSpec with_journal = spec();
  with_journal.journal = true;
  with_journal.files.clear();
  add(with_journal);
  // Standard error is late by a second.
  start(fake_ssh(folder_, fmt::format("PATH={}:$PATH; export PATH; exec 3>&1\n"
                                      "{{ /bin/sh -c \"$word\" 2>&1 >&3 3>&-; }} | "
                                      "{{ sleep 1; exec cat >&2 3>&-; }}; exit",
                                      folder_.path().string())));
  expect_lines(3);
  std::this_thread::sleep_for(milliseconds(700));
  EXPECT_EQ(store_.lines().size(), 3U);
  EXPECT_EQ(status().sessions, 1U);
  EXPECT_EQ(status().logs, "journal");
}

TEST_F(RemotesTest, TellsWhyItCannotConnect) {
  add(spec());
  start(folder_
            .write("ssh",
                   "#!/bin/sh\necho 'u@web1: Permission denied (publickey).' >&2\nexit 255\n", 0755)
            .string());
  ASSERT_TRUE(wait([&] { return status().failures >= 2; }));
  EXPECT_EQ(status().reason, "permission_denied");
  EXPECT_THAT(status().message, HasSubstr("ssh-copy-id"));
}

TEST_F(RemotesTest, TellsThatThereIsNoSsh) {
  add(spec());
  start("/nonexistent/ssh");
  ASSERT_TRUE(wait([&] { return status().failures >= 1; }));
  EXPECT_EQ(status().reason, "no_ssh");
}

TEST_F(RemotesTest, EndsWhatHangsWithAllThatItHasStarted) {
  connect_timeout_ = seconds(1);
  add(spec());
  const Path pids = folder_.path() / "pids";
  start(folder_
            .write("ssh",
                   fmt::format("#!/bin/sh\nsleep 1000 &\necho $! $$ >> {}\nsleep 1000\n",
                               pids.string()),
                   0755)
            .string());
  ASSERT_TRUE(wait([&] { return status().failures >= 1; }));
  EXPECT_EQ(status().reason, "timeout");
  remotes_.reset();
  std::ifstream file(pids);
  int count = 0;
  for (int pid = 0; file >> pid; ++count)
    EXPECT_TRUE(wait([pid] { return ::kill(pid, 0) != 0; }, seconds(5))) << pid;
  EXPECT_GE(count, 2);
}

TEST_F(RemotesTest, FollowsTheList) {
  start(fake_ssh(folder_));
  for (int i = 0; i < 3; ++i)
    add({.name = fmt::format("h{}", i),
         .destination = "h",
         .journal = false,
         .files = {"/nothing"}});
  ASSERT_TRUE(wait([&] {
    const auto all = remotes_->status();
    return all.size() == 3 && all[0].state == "connected" && all[2].state == "connected";
  }));
  EXPECT_EQ(status().logs, "none");
  ASSERT_TRUE(RemoteList(folder_.path()).change([&](std::vector<RemoteSpec>& all) -> Result<void> {
    all.erase(all.begin());
    return {};
  }));
  ASSERT_TRUE(wait([&] { return remotes_->status().size() == 2; }));
  EXPECT_EQ(status().name, "h1");
  EXPECT_EQ(status().sessions, 1U);  // those that stay go on
}

TEST_F(RemotesTest, ProbeTellsWhatIsThere) {
  append(0, 1);
  const ProbeReport good = probe(spec(), fake_ssh(folder_), seconds(30));
  EXPECT_FALSE(good.failure);
  std::map<std::string, std::string> facts(good.facts.begin(), good.facts.end());
  EXPECT_THAT(facts["system"], HasSubstr("Linux"));
  EXPECT_EQ(facts["logs"], "1 files");
  const ProbeReport late = probe(
      spec(), folder_.write("slow", "#!/bin/sh\nsleep 100\n", 0755).string(), milliseconds(200));
  ASSERT_TRUE(late.failure);
  EXPECT_EQ(late.failure->reason, "timeout");
}

}  // namespace
}  // namespace livedata::collect::remote
