#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/remote/answers.h"
#include "collect/remote/backoff.h"
#include "collect/remote/clock_skew.h"
#include "collect/remote/far_side.h"
#include "collect/remote/journal_stream.h"
#include "collect/remote/remote_list.h"
#include "collect/remote/reply_parser.h"
#include "collect/remote/ssh_command.h"
#include "collect/remote/ssh_failure.h"
#include "collect/remote/tests/fake_ssh.h"

namespace livedata::collect::remote {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

using Replies = std::vector<std::pair<std::string, std::string>>;

Replies parse(const std::string& text, std::size_t piece, std::size_t max = 1000) {
  ReplyParser parser("MARK", max);
  Replies replies;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const auto fed = parser.feed(std::string_view(text).substr(at, piece), [&](const Reply& reply) {
      replies.emplace_back(reply.tag, reply.body);
    });
    if (!fed) replies.emplace_back("error", fed.error().message);
    if (!fed) break;
  }
  return replies;
}

TEST(ReplyParser, CutsAtMarkedLinesWhereverPiecesEnd) {
  const std::string text =
      "Welcome!\n\nMARK ready\nline\nMARK \nx\nMARK 1\n\nMARK 2\nMARKER\n MARK 3\nMAR\nMARK 4\n";
  const Replies wanted = {
      {"ready", "Welcome!\n"}, {"", "line"}, {"1", "x"}, {"2", ""}, {"4", "MARKER\n MARK 3\nMAR"}};
  for (std::size_t piece = 1; piece <= text.size(); ++piece)
    EXPECT_EQ(parse(text, piece), wanted) << piece;
}

TEST(ReplyParser, BoundsAnAnswerAndItsTag) {
  EXPECT_EQ(parse(std::string(990, 'x'), 100).size(), 0U);
  const Replies long_body = parse(std::string(5000, 'x'), 100);
  ASSERT_EQ(long_body.size(), 1U);
  EXPECT_THAT(long_body[0].second, HasSubstr("over 1000 bytes"));
  const Replies long_tag = parse("\nMARK " + std::string(200, 't'), 7);
  ASSERT_EQ(long_tag.size(), 1U);
  EXPECT_EQ(long_tag[0].first, "error");
}

TEST(ReplyParser, SurvivesWhateverComes) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"\nMARK ",          "MARK", "\n", "1", "p 12", "\0x",
                                           "==> /proc/x <==\n"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto i = random() % 30; i > 0; --i) text += pieces[random() % pieces.size()];
    EXPECT_EQ(parse(text, text.size() + 1), parse(text, 1 + random() % 5)) << text;
  }
}

std::vector<std::pair<std::string, std::string>> files_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> files;
  for_each_file(text, [&](std::string_view path, std::string_view content) {
    files.emplace_back(path, content);
  });
  return files;
}

TEST(Answers, FilesOfHead) {
  EXPECT_THAT(files_of("==> /proc/uptime <==\n1.0 2.0\n\n==> /proc/empty <==\n\n"
                       "==> /sys/no-line-end <==\nabc\n==> /proc/loadavg <==\n0.1\n"),
              ElementsAre(Pair("/proc/uptime", "1.0 2.0\n"), Pair("/proc/empty", ""),
                          Pair("/sys/no-line-end", "abc"), Pair("/proc/loadavg", "0.1\n")));
  // No heading: another folder, a line that only looks like one, nothing.
  EXPECT_THAT(files_of("==> /home/x <==\nx\n"), ElementsAre());
  EXPECT_THAT(files_of("==> /proc/a <==\n==> /tmp/b <==\nx ==> /proc/c <==\n"),
              ElementsAre(Pair("/proc/a", "==> /tmp/b <==\nx ==> /proc/c <==\n")));
  EXPECT_THAT(files_of(""), ElementsAre());
  EXPECT_THAT(files_of("==> /proc/a <=="), ElementsAre(Pair("/proc/a", "")));
}

TEST(Answers, ListedFiles) {
  const auto gnu = parse_listed_file("1311 -rw-r--r-- 1 0 0 27105 Nov 21 12:27 /var/log/dpkg.log");
  ASSERT_TRUE(gnu);
  EXPECT_EQ(gnu->inode, 1311U);
  EXPECT_EQ(gnu->size, 27105U);
  EXPECT_EQ(gnu->path, "/var/log/dpkg.log");
  const auto busybox = parse_listed_file(
      "    733 -rwxr-xr-x    1 0        0                3 Nov 20 22:27 /var/log/a b.log");
  ASSERT_TRUE(busybox);
  EXPECT_EQ(busybox->path, "/var/log/a b.log");
  for (const char* wrong :
       {"", "x", "12 drwxr-xr-x 2 0 0 40 Nov 21 12:27 /var/log", "0 -rw- 1 0 0 1 Nov 21 12:27 /a",
        "12 -rw- 1 0 0 99999999999999999999 Nov 21 12:27 /a", "12 -rw- 1 0 0 5 Nov 21 12:27 a",
        "12 crw- 1 0 0 1, 3 Nov 21 12:27 /dev/null", "12 -rw- 1 0 0 5 Nov 21 12:27 /a\x1b[0m"})
    EXPECT_FALSE(parse_listed_file(wrong)) << wrong;
}

TEST(Answers, DiskUsage) {
  const auto usage = parse_disk_usage(
      "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
      "/dev/vda 264212084 30570668 69766520 31% /\n"
      "my disk 100 40 50 45% /srv\n\n"
      "Filesystem Inodes IUsed IFree IUse% Mounted on\n"
      "/dev/vda 16777216 534033 16243183 4% /\nbad - - - - /srv\n");
  ASSERT_EQ(usage.size(), 2U);
  EXPECT_EQ(usage.at("/").total_bytes, 264212084ULL * 1024);
  EXPECT_EQ(usage.at("/").available_bytes, 69766520ULL * 1024);
  EXPECT_EQ(usage.at("/").free_bytes, (264212084ULL - 30570668) * 1024);
  EXPECT_EQ(usage.at("/").files, 16777216U);
  EXPECT_EQ(usage.at("/").files_free, 16243183U);
  EXPECT_EQ(usage.at("/srv").total_bytes, 100U * 1024);
  EXPECT_TRUE(parse_disk_usage("").empty());
}

TEST(Answers, Time) {
  const auto gnu = parse_far_time("1795264007.492219482 +0130\n");
  ASSERT_TRUE(gnu);
  EXPECT_EQ(gnu->earliest, 1795264007492219482);
  EXPECT_EQ(gnu->latest, gnu->earliest);
  EXPECT_EQ(gnu->zone, 5400);
  const auto busybox = parse_far_time("1795264012.%N -0800\n");
  ASSERT_TRUE(busybox);
  EXPECT_EQ(busybox->latest - busybox->earliest, 999'999'999);
  EXPECT_EQ(busybox->zone, -8 * 3600);
  EXPECT_FALSE(parse_far_time("")->zone);
}

TEST(Answers, TcpStatesAndMounts) {
  const auto states = parse_tcp_states("01 12\n0A 3\nZZ 4\nFF 9\n");
  ASSERT_TRUE(states);
  EXPECT_EQ(states->count[1], 12U);
  EXPECT_EQ(states->count[10], 3U);
  EXPECT_FALSE(parse_tcp_states(""));
  const std::string mounts =
      "/dev/vda / ext4 rw 0 0\nproc /proc proc rw 0 0\nnas:/x /mnt/nas nfs4 rw 0 0\n"
      "/dev/vdb /srv/it\\040is ext4 rw 0 0\nsshfs /home/x/y fuse.sshfs rw 0 0\n";
  EXPECT_THAT(local_mounts(mounts, 10), ElementsAre("/"));
  EXPECT_THAT(without_network_mounts(mounts), Not(HasSubstr("nfs")));
  EXPECT_THAT(without_network_mounts(mounts), HasSubstr("/srv/it"));
}

TEST(ClockSkew, BoundsNarrowAndAStepIsSeen) {
  ClockSkew skew;
  EXPECT_FALSE(skew.ahead());
  EXPECT_EQ(skew.correction(0), 0);
  const auto second = kNsPerSecond;
  // A clock 90.25 s ahead that shows seconds only, and a round trip of 20 ms.
  for (TimestampNs now = 1000 * second; now < 1010 * second; now += 70'000'000) {
    const TimestampNs there = now + 90 * second + second / 4;
    const TimestampNs shown = there / second * second;
    skew.add(now - 10'000'000, now + 10'000'000, shown, shown + second - 1);
  }
  EXPECT_NEAR(static_cast<double>(*skew.ahead()) / 1e9, 90.25, 0.06);
  EXPECT_LT(skew.uncertainty(), second / 10);
  EXPECT_EQ(skew.correction(2 * second), *skew.ahead());
  EXPECT_EQ(skew.correction(120 * second), 0);
  // It is set right.
  skew.add(2000 * second, 2000 * second + 2, 2000 * second, 2000 * second);
  EXPECT_NEAR(static_cast<double>(*skew.ahead()), 0, 2);
  EXPECT_EQ(skew.correction(2 * second), 0);
}

TEST(Backoff, GrowsToAMinuteAndIsNotTheSameForAll) {
  Backoff backoff(1);
  std::chrono::nanoseconds last{0};
  for (int i = 0; i < 12; ++i) {
    last = backoff.next();
    EXPECT_GE(last, Backoff::kFirst / 2);
    EXPECT_LE(last, Backoff::kLongest);
  }
  EXPECT_GE(last, Backoff::kLongest / 2);
  backoff.succeeded();
  EXPECT_LE(backoff.next(), Backoff::kFirst);
  EXPECT_NE(Backoff(1).next(), Backoff(2).next());
}

TEST(RemoteSpec, TakesWhatIsHarmlessOnly) {
  const auto good = [](const RemoteSpec& spec) { return check_spec(spec).has_value(); };
  EXPECT_TRUE(good({.name = "web1", .destination = "root@web1.example.org"}));
  EXPECT_TRUE(good({.name = "a.b_c-1", .destination = "[fe80::1%eth0]"}));
  EXPECT_TRUE(good({.name = "a", .destination = "a", .ssh_options = {"Port=22", "ProxyJump=x@y"}}));
  EXPECT_TRUE(good({.name = "a", .destination = "a", .files = {"/srv/*/[a-z]?.log"}}));
  for (const char* name : {"", "-a", "a b", "a\n", "a/b", "\"x\""})
    EXPECT_FALSE(good({.name = name, .destination = "a"})) << name;
  for (const char* destination : {"", "-oProxyCommand=x", "a b", "a;b", "a@-b", "$(x)", "a\nb"})
    EXPECT_FALSE(good({.name = "a", .destination = destination})) << destination;
  for (const char* option :
       {"", "Port", "=x", "-oPort=2", "StrictHostKeyChecking=no", "stricthostkeychecking=Off",
        "BatchMode=no", "RemoteCommand=x", "Port=1\nProxyCommand=x"})
    EXPECT_FALSE(good({.name = "a", .destination = "a", .ssh_options = {option}})) << option;
  for (const char* file : {"x", "/a b", "/a;b", "/$(x)", "/a\nb", "/`x`"})
    EXPECT_FALSE(good({.name = "a", .destination = "a", .files = {file}})) << file;
  EXPECT_EQ(default_name("root@web1"), "web1");
  EXPECT_EQ(default_name("ssh://root@web1:22"), "web1");
  EXPECT_EQ(default_name("web1"), "web1");
}

TEST(SshCommand, NeverAsksAndNeverTakesAnUnknownKey) {
  const auto words =
      ssh_command("ssh", {.name = "a", .destination = "u@h", .ssh_options = {"Port=2"}}, "x");
  EXPECT_THAT(words, Contains("BatchMode=yes"));
  EXPECT_THAT(words, Contains("StrictHostKeyChecking=yes"));
  EXPECT_THAT(words, Contains("Compression=yes"));
  EXPECT_EQ(words[words.size() - 3], "--");
  EXPECT_EQ(words[words.size() - 2], "u@h");
  const auto own = ssh_command(
      "ssh", {.name = "a", .destination = "h", .ssh_options = {"StrictHostKeyChecking=accept-new"}},
      "x");
  EXPECT_THAT(own, Not(Contains("StrictHostKeyChecking=yes")));
}

TEST(RemoteList, KeepsWhatItIsGiven) {
  const TestFolder folder;
  const RemoteList list(folder.path());
  EXPECT_EQ(list.load()->size(), 0U);
  EXPECT_EQ(list.version(), "");
  const std::vector<RemoteSpec> remotes = {{.name = "web1", .destination = "root@web1"},
                                           {.name = "db",
                                            .destination = "db",
                                            .ssh_options = {"Port=22", "IdentityFile=/k \"x\\y"},
                                            .journal_folder = "/var/log/journal/x",
                                            .journal = false,
                                            .files = {"/srv/*.log", "/x"}}};
  ASSERT_TRUE(list.change([&](std::vector<RemoteSpec>& all) -> Result<void> {
    all = remotes;
    return {};
  }));
  EXPECT_EQ(*list.load(), remotes);
  struct stat status{};
  ASSERT_EQ(::stat(list.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const std::string version = list.version();
  const auto refused = list.change([](std::vector<RemoteSpec>& all) -> Result<void> {
    all.clear();
    return fail(ErrorCode::kNotFound, "no");
  });
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(list.version(), version);
  EXPECT_EQ(list.load()->size(), 2U);
}

TEST(RemoteList, TellsWhereAMistakeIs) {
  const auto mistake = [](std::string_view text) {
    const auto parsed = parse_remotes(text, "r.yaml");
    return parsed ? std::string("none") : parsed.error().message;
  };
  EXPECT_THAT(
      mistake("remotes:\n  - name: a\n    destination: a\n  - name: a\n    destination: b\n"),
      HasSubstr("twice"));
  EXPECT_THAT(mistake("remotes:\n  - name: a\n    destinaton: a\n"), HasSubstr("destination"));
  EXPECT_THAT(mistake("remotes:\n  - name: a\n    destination: -x\n"), HasSubstr("r.yaml:2"));
  EXPECT_THAT(mistake("remotes: 7\n"), HasSubstr("list"));
  EXPECT_EQ(mistake("remotes: []\n"), "none");
}

TEST(SshFailure, SaysWhatHappenedAndWhatToDo) {
  const RemoteSpec spec{.name = "a", .destination = "u@h"};
  const auto reason = [&](std::string_view said, int code = 255) {
    return explain_failure(said, code, spec).reason;
  };
  EXPECT_EQ(reason("@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n"
                   "Host key verification failed.\r\n"),
            "host_key_changed");
  EXPECT_EQ(reason("No ED25519 host key is known for h and you have requested strict checking.\r\n"
                   "Host key verification failed.\r\n"),
            "host_key_unknown");
  EXPECT_EQ(reason("u@h: Permission denied (publickey).\r\n"), "permission_denied");
  EXPECT_EQ(reason("ssh: connect to host h port 22: No route to host\r\n"), "unreachable");
  EXPECT_EQ(reason("ssh: connect to host h port 22: Connection refused\r\n"), "refused");
  EXPECT_EQ(reason("ssh: Could not resolve hostname h: Name or service not known\r\n"),
            "unknown_host");
  EXPECT_EQ(reason("sh: dd: not found", 127), "no_shell");
  EXPECT_EQ(reason("", 255), "ssh_failed");
  EXPECT_EQ(reason("", 1), "ended");
  const auto denied = explain_failure("u@h: Permission denied (publickey).\x1b[31m\r\n", 255, spec);
  EXPECT_THAT(denied.message, HasSubstr("ssh-copy-id"));
  EXPECT_EQ(denied.message.find('\x1b'), std::string::npos);
  // Of a session that was up, the last words may be a log's.
  EXPECT_EQ(explain_loss("MESSAGE=Permission denied (publickey)", 255, spec).reason, "lost");
  EXPECT_THAT(explain_loss("MESS\r\nTimeout, server h not responding.\r\n", 255, spec).message,
              HasSubstr("not responding"));
}

TEST(FarSide, QuotesWhatComesFromOutside) {
  EXPECT_EQ(shell_quoted("it's $(x)"), "'it'\\''s $(x)'");
  EXPECT_EQ(request::read_file("/a'b", 1, 2), "read_file '/a'\\''b' 1 2");
}

std::string entry(const std::string& cursor, TimestampNs microseconds, const std::string& message) {
  return fmt::format(
      "__CURSOR={}\n__REALTIME_TIMESTAMP={}\n_SYSTEMD_UNIT=a.service\nMESSAGE={}\n\n", cursor,
      microseconds, message);
}
std::string cursor_of(int i) { return fmt::format("s=ab;i={0:x};b=1;m={0:x};t={0:x};x={0:x}", i); }

class JournalStreamTest : public testing::Test {
 protected:
  std::vector<std::string> lines() {
    std::vector<std::string> out;
    const auto decoded = intake_.take();
    for (RowIndex row = 0; row < decoded.batch.num_rows(); ++row)
      out.push_back(fmt::format("{} {}", decoded.batch.timestamps()[row], decoded.batch.line(row)));
    return out;
  }
  Limits limits_;
  const ingest::DecodeContext context_{limits_, 1'700'000'000 * kNsPerSecond, "journal"};
  ingest::RecordIntake intake_{context_};
};

TEST_F(JournalStreamTest, SkipsTheEntryThatItHasAndWhatIsNotTheJournal) {
  const std::string text = "some noise\nof a profile=x\n\nMARK journal\n" +
                           entry(cursor_of(7), 7, "seven") + entry(cursor_of(8), 8, "eight") +
                           entry(cursor_of(9), 9, "nine") + "__CURSOR=s=ab;i=a\nMESS";
  for (std::size_t piece = 1; piece < text.size(); piece += 3) {
    JournalStream stream("MARK", cursor_of(7), limits_);
    for (std::size_t at = 0; at < text.size(); at += piece)
      ASSERT_TRUE(stream.feed(std::string_view(text).substr(at, piece),
                              {.intake = intake_, .host = "web1"}));
    EXPECT_EQ(stream.cursor(), cursor_of(9));
    EXPECT_EQ(stream.entries(), 2U);
    EXPECT_FALSE(stream.lost_its_place());
    EXPECT_THAT(stream.said(), HasSubstr("some noise"));
  }
  EXPECT_THAT(lines(), Contains("8000 eight"));
}

TEST_F(JournalStreamTest, SeesThatItsPlaceIsGone) {
  JournalStream stream("MARK", cursor_of(7), limits_);
  ASSERT_TRUE(stream.feed("\nMARK journal\n" + entry(cursor_of(20), 20, "twenty"),
                          {.intake = intake_, .host = "web1"}));
  EXPECT_TRUE(stream.lost_its_place());
  EXPECT_THAT(lines(), ElementsAre("20000 twenty"));
}

TEST_F(JournalStreamTest, TakesAWrongClockOffAndSaysSo) {
  JournalStream stream("MARK", "", limits_);
  ASSERT_TRUE(stream.feed("\nMARK journal\n" + entry(cursor_of(1), 90'000'005, "x"),
                          {.intake = intake_, .host = "web1", .clock_ahead = 90 * kNsPerSecond}));
  const auto decoded = intake_.take();
  ASSERT_EQ(decoded.batch.num_rows(), 1U);
  EXPECT_EQ(decoded.batch.timestamps()[0], 5000);
  EXPECT_EQ(std::get<double>(*decoded.batch.field(0, "clock_ahead_seconds")), 90);
  EXPECT_EQ(decoded.batch.stream(0).labels.get("host"), "web1");
}

TEST_F(JournalStreamTest, RefusesWhatIsNoJournal) {
  JournalStream stream("MARK", "", limits_);
  EXPECT_FALSE(stream.feed("\nMARK journal\n" + std::string(200, 'x') + "\n",
                           {.intake = intake_, .host = "a"}));
  EXPECT_TRUE(is_cursor(cursor_of(3)));
  EXPECT_FALSE(is_cursor("a'b"));
  EXPECT_FALSE(is_cursor(""));
  EXPECT_TRUE(is_same_entry("s=1;i=2;b=3;m=4;t=5;x=6", "s=9;i=8;b=3;m=4;t=5;x=6"));
  EXPECT_FALSE(is_same_entry("s=1;i=2;b=3;m=4;t=5;x=6", "s=1;i=2;b=3;m=4;t=5;x=7"));
  EXPECT_FALSE(is_same_entry("", "x"));
}

}  // namespace
}  // namespace livedata::collect::remote
