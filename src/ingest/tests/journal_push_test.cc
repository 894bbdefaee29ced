#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/journal/push.h"

namespace livedata::ingest::journal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

std::string binary(const std::string& name, const std::string& value) {
  std::string out = name + "\n";
  for (unsigned i = 0; i < 8; ++i) out += static_cast<char>((value.size() >> (8 * i)) & 0xFFU);
  return out + value + "\n";
}

/// Fields and entry ends as text, fed in pieces of `piece` bytes.
std::vector<std::string> events(std::string_view body, std::size_t piece,
                                std::size_t max_value = 1000) {
  ExportParser parser(max_value);
  std::vector<std::string> out;
  while (!body.empty()) {
    parser.feed(body.substr(0, piece));
    body.remove_prefix(std::min(piece, body.size()));
    for (;;) {
      const auto event = parser.next();
      if (!event) {
        out.push_back("error");
        return out;
      }
      if (*event == ExportParser::Event::kNeedMore) break;
      if (*event == ExportParser::Event::kEndOfEntry) {
        out.emplace_back("end");
      } else {
        out.push_back(std::string(parser.field().name) + "=" +
                      (parser.field().too_long ? fmt::format("<{}>", parser.field().size)
                                               : std::string(parser.field().value)));
      }
    }
  }
  if (!parser.is_between_fields()) out.emplace_back("cut");
  return out;
}

// The example of https://systemd.io/JOURNAL_EXPORT_FORMATS/: a text entry, and one whose message
// holds a line end.
const std::string kDocumented =
    "__CURSOR=s=739ad463348b4ceca5a9e69c95a3c93f;i=4ece7;b=6c7c6013a26343b29e964691ff25d04c;"
    "m=4fc72436e;t=4c508a72423d9;x=d3e5610681098c10;p=system.journal\n"
    "__REALTIME_TIMESTAMP=1342540861416409\n"
    "__MONOTONIC_TIMESTAMP=21415215982\n"
    "_BOOT_ID=6c7c6013a26343b29e964691ff25d04c\n"
    "_TRANSPORT=syslog\n"
    "PRIORITY=4\n"
    "SYSLOG_FACILITY=3\n"
    "SYSLOG_IDENTIFIER=gdm-password]\n"
    "SYSLOG_PID=587\n"
    "MESSAGE=AccountsService-DEBUG(+): ActUserManager: ignoring unspecified session '8' since it's "
    "not graphical: Success\n"
    "_PID=587\n"
    "_UID=0\n"
    "_GID=500\n"
    "_COMM=gdm-session-wor\n"
    "_EXE=/usr/libexec/gdm-session-worker\n"
    "_CMDLINE=gdm-session-worker [pam/gdm-password]\n"
    "_SYSTEMD_CGROUP=/system/gdm.service\n"
    "_SYSTEMD_UNIT=gdm.service\n"
    "_SELINUX_CONTEXT=system_u:system_r:xdm_t:s0-s0:c0.c1023\n"
    "_MACHINE_ID=a91663387a90b89f185d4e860000001a\n"
    "_HOSTNAME=epsilon\n"
    "\n"
    "__REALTIME_TIMESTAMP=1342540861421465\n"
    "PRIORITY=6\n" +
    binary("MESSAGE", "foo\nbar") + "_HOSTNAME=epsilon\n\n";

TEST(JournalExportParserTest, TextAndBinaryFieldsInPiecesOfAnySize) {
  const std::string body =
      "A=1\n" + binary("B", "x\ny\0z") + "C=\n\n" + binary("D", "") + "\nE==\n";
  const std::vector<std::string> expected = {"A=1", "B=x\ny", "C=", "end", "D=", "end", "E=="};
  for (std::size_t piece = 1; piece <= body.size(); ++piece)
    EXPECT_EQ(events(body, piece), expected) << piece;
}

TEST(JournalExportParserTest, ValuesThatAreTooLongArePassedOver) {
  const std::string body = "A=" + std::string(11, 'x') + "\nB=" + std::string(10, 'y') + "\n" +
                           binary("C", std::string(11, '\n')) + binary("D", std::string(10, '\n')) +
                           "\n";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    EXPECT_THAT(events(body, piece, 10),
                ElementsAre("A=<11>", "B=yyyyyyyyyy", "C=<11>", "D=\n\n\n\n\n\n\n\n\n\n", "end"))
        << piece;
  }
}

TEST(JournalExportParserTest, WhatIsNoExportFormatEndsTheStream) {
  EXPECT_THAT(events(std::string(65, 'A'), 7), ElementsAre("error"));
  EXPECT_THAT(events(std::string(65, 'A') + "=1\n", 100), ElementsAre("error"));
  EXPECT_THAT(events("A\n\xff\xff\xff\xff\xff\xff\xff\xffrest", 100), ElementsAre("error"));
  std::string no_line_end = binary("A", "abc");
  no_line_end.back() = 'x';
  EXPECT_THAT(events(no_line_end, 100), ElementsAre("error"));
  EXPECT_THAT(events("A=1\nB=2", 100), ElementsAre("A=1", "cut"));
}

TEST(JournalExportParserTest, AnythingComesBackInAnyPieces) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 300; ++round) {
    std::string body;
    std::vector<std::string> expected;
    for (std::uint64_t n = random() % 20; n > 0; --n) {
      if (random() % 4 == 0) {
        body += "\n";
        expected.emplace_back("end");
        continue;
      }
      std::string value;
      for (std::uint64_t size = random() % 40; size > 0; --size)
        value += static_cast<char>(random() % 256);
      const std::string name = "F" + std::to_string(random() % 100);
      const bool text = value.find('\n') == std::string::npos && random() % 2 == 0;
      body += text ? name + "=" + value + "\n" : binary(name, value);
      expected.push_back(name + "=" +
                         (value.size() > 30 ? fmt::format("<{}>", value.size()) : value));
    }
    EXPECT_EQ(events(body, 1 + random() % 50, 30), expected);
  }
}

TEST(JournalExportParserTest, DamageNeverHangs) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 3000; ++round) {
    std::string bad = kDocumented;
    for (std::uint64_t n = 1 + random() % 8; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
    bad.resize(random() % (bad.size() + 1));
    static_cast<void>(events(bad, 1 + random() % 200, 20));
  }
}

class JournalPushTest : public testing::Test {
 protected:
  Result<Decoded> push(const std::string& body) { return decode(body, context_); }
  Limits limits_;
  DecodeContext context_{limits_, kNow};
};

TEST_F(JournalPushTest, TheDocumentedExample) {
  const auto decoded = push(kDocumented);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  const RecordBatch& batch = decoded->batch;
  ASSERT_EQ(batch.num_rows(), 2U);
  EXPECT_EQ(batch.stream(0).labels.to_string(),
            R"({host="epsilon", service_name="gdm", unit="gdm.service"})");
  EXPECT_EQ(batch.timestamps()[0], 1'342'540'861'416'409'000);
  EXPECT_THAT(std::string(batch.line(0)), HasSubstr("ignoring unspecified session '8'"));
  const auto field = [&](RowIndex row, std::string_view name) {
    const auto value = batch.field(row, name);
    return value ? to_string(*value) : "none";
  };
  EXPECT_EQ(field(0, "detected_level"), "warn");
  EXPECT_EQ(field(0, "priority"), "4");
  EXPECT_EQ(field(0, "pid"), "587");
  EXPECT_EQ(field(0, "exe"), "/usr/libexec/gdm-session-worker");
  EXPECT_EQ(field(0, "transport"), "syslog");
  EXPECT_EQ(field(0, "boot_id"), "6c7c6013a26343b29e964691ff25d04c");
  EXPECT_EQ(batch.line(1), "foo\nbar");
  EXPECT_EQ(batch.stream(1).labels.to_string(), R"({host="epsilon", service_name="kernel"})");
  EXPECT_EQ(field(1, "pid"), "none");  // of the entry before
  EXPECT_EQ(field(1, "detected_level"), "info");
}

TEST_F(JournalPushTest, TheServiceIsTheUnitElseTheIdentifier) {
  const auto service = [&](const std::string& fields) {
    return std::string(push(fields + "MESSAGE=x\n\n")->batch.stream(0).labels.get("service_name"));
  };
  EXPECT_EQ(service("_SYSTEMD_UNIT=a.service\nSYSLOG_IDENTIFIER=b\n"), "a");
  EXPECT_EQ(service("_SYSTEMD_UNIT=a.scope\n"), "a.scope");
  EXPECT_EQ(service("SYSLOG_IDENTIFIER=b\n"), "b");
  EXPECT_EQ(service(""), "kernel");
}

TEST_F(JournalPushTest, EntriesWithoutATimeAreOfNowAndWrongTimesAreRefused) {
  const auto decoded = push(
      "MESSAGE=a\n\n__REALTIME_TIMESTAMP=x1\nMESSAGE=b\n\n"
      "__REALTIME_TIMESTAMP=99999999999999999999\nMESSAGE=c\n\n"
      "__REALTIME_TIMESTAMP=9223372036854775807\nMESSAGE=d\n\nMESSAGE=e\n\n");
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->batch.num_rows(), 2U);
  EXPECT_EQ(decoded->batch.timestamps()[0], kNow);
  ASSERT_EQ(decoded->rejected.size(), 1U);
  EXPECT_EQ(decoded->rejected[0].reason, "invalid_timestamp");
  EXPECT_EQ(decoded->rejected[0].count, 3U);
}

TEST_F(JournalPushTest, AnEntryThatIsTooLargeIsRefusedAlone) {
  limits_.max_line_bytes = 100;
  limits_.max_fields_bytes = 200;
  const auto decoded =
      push("MESSAGE=" + std::string(101, 'x') + "\n\nMESSAGE=" + std::string(5000, 'x') +
           "\n\nCOREDUMP=" + std::string(5000, 'x') +
           "\nMESSAGE=good\n\n_EXE=" + std::string(5000, 'x') +
           "\nMESSAGE=without its program\n\n_HOSTNAME=" + std::string(5000, 'x') +
           "\nMESSAGE=bad\n\nMESSAGE=also good\n\n");
  ASSERT_TRUE(decoded.has_value());
  ASSERT_EQ(decoded->batch.num_rows(), 3U);
  EXPECT_EQ(decoded->batch.line(0), "good");
  EXPECT_EQ(to_string(*decoded->batch.field(0, "fields_left_out")), "1");
  EXPECT_EQ(decoded->batch.line(1), "without its program");
  EXPECT_EQ(to_string(*decoded->batch.field(1, "fields_left_out")), "1");
  EXPECT_EQ(decoded->batch.line(2), "also good");
  EXPECT_EQ(decoded->num_rejected(), 3U);
  EXPECT_EQ(decoded->rejected[0].reason, "line_too_long");
  EXPECT_EQ(decoded->rejected[0].count, 2U);
}

TEST_F(JournalPushTest, AllFieldsAreKept) {
  const auto decoded = push(
      "MESSAGE=x\nPID=7\n_PID=42\n_SYSTEMD_SLICE=system.slice\nTAG=a\nTAG=b\nTAG=c\n"
      "_CMDLINE=sshd: root [priv]\n\n");
  ASSERT_TRUE(decoded.has_value());
  const auto field = [&](std::string_view name) {
    return to_string(*decoded->batch.field(0, name));
  };
  EXPECT_EQ(field("pid"), "7");
  EXPECT_EQ(field("pid_2"), "42");
  EXPECT_EQ(field("systemd_slice"), "system.slice");
  EXPECT_EQ(field("tag"), "a");
  EXPECT_EQ(field("tag_2"), "b");
  EXPECT_EQ(field("tag_3"), "c");
  EXPECT_EQ(field("cmdline"), "sshd: root [priv]");
}

TEST_F(JournalPushTest, MoreFieldsThanARecordMayHaveAreCounted) {
  std::string many = "MESSAGE=x\nPRIORITY=3\n";
  for (int i = 0; i < 300; ++i) many += fmt::format("F{}=v\n", i);
  const auto decoded = push(many + "\n");
  ASSERT_EQ(decoded->batch.num_rows(), 1U);
  EXPECT_EQ(to_string(*decoded->batch.field(0, "fields_left_out")), "175");
  EXPECT_EQ(to_string(*decoded->batch.field(0, "detected_level")), "error");
}

TEST_F(JournalPushTest, TheEndOfTheBodyEndsTheLastEntry) {
  EXPECT_EQ(push("")->batch.num_rows(), 0U);
  EXPECT_EQ(push("\n\n\n__CURSOR=x\n\n")->batch.num_rows(), 0U);
  EXPECT_EQ(push("MESSAGE=a\n\nMESSAGE=b\n")->batch.num_rows(), 2U);
  EXPECT_EQ(push("MESSAGE=a\n\nMESSAGE=b").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(JournalPushTest, WhatStoodBeforeAMistakeIsTaken) {
  RecordIntake intake(context_);
  UploadDecoder decoder(limits_);
  EXPECT_TRUE(decoder.consume("MESSAGE=a\n\nMESS", intake).has_value());
  EXPECT_FALSE(decoder.consume("AGE=b\n\n" + std::string(100, 'x'), intake).has_value());
  EXPECT_EQ(intake.take().batch.num_rows(), 2U);
}

}  // namespace
}  // namespace livedata::ingest::journal
