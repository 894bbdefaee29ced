#include <random>

#include <gtest/gtest.h>

#include "base/time_format.h"
#include "ingest/syslog/format/message.h"
#include "ingest/syslog/format/structured_data.h"

namespace livedata::ingest::syslog {
namespace {

constexpr int kNone = -1;

Arrival arrival_at(std::string_view time, std::int64_t utc_offset_seconds = 0) {
  return {*parse_rfc3339(time), utc_offset_seconds};
}

const Arrival kArrival = arrival_at("2024-01-15T10:30:05Z");

std::string time_of(const Message& message) {
  return message.time ? format_rfc3339(message.time->ns) : "";
}

std::string time_of(std::string_view text, const Arrival& arrival = kArrival) {
  return time_of(parse(text, arrival));
}

struct Example {
  std::string bytes = {};
  Format format = Format::kRfc3164;
  int severity = kNone;
  int facility = kNone;
  std::string time = {};
  std::string host = {};
  std::string app = {};
  std::string proc_id = {};
  std::string msg_id = {};
  std::string structured_data = {};
  std::string text = {};
  std::string sequence = {};
};

void expect_parts(const Example& wanted) {
  SCOPED_TRACE(wanted.bytes);
  const Message message = parse(wanted.bytes, kArrival);
  EXPECT_EQ(message.format, wanted.format);
  const bool has_priority = message.priority != kNoPriority;
  const int severity = has_priority       ? static_cast<int>(severity_of(message.priority))
                       : message.severity ? static_cast<int>(*message.severity)
                                          : kNone;
  EXPECT_EQ(severity, wanted.severity);
  EXPECT_EQ(has_priority ? static_cast<int>(facility_of(message.priority)) : kNone,
            wanted.facility);
  EXPECT_EQ(time_of(message), wanted.time);
  EXPECT_EQ(message.host, wanted.host);
  EXPECT_EQ(message.app, wanted.app);
  EXPECT_EQ(message.proc_id, wanted.proc_id);
  EXPECT_EQ(message.msg_id, wanted.msg_id);
  EXPECT_EQ(message.structured_data, wanted.structured_data);
  EXPECT_EQ(message.text, wanted.text);
  EXPECT_EQ(message.sequence, wanted.sequence);
}

TEST(SyslogMessageTest, Rfc5424) {
  const Example examples[] = {
      // RFC 5424 section 6.5
      {.bytes = "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xEF\xBB\xBF"
                "'su root' failed for lonvick on /dev/pts/8",
       .severity = 2,
       .facility = 4,
       .time = "2003-10-11T22:14:15.003Z",
       .host = "mymachine.example.com",
       .app = "su",
       .msg_id = "ID47",
       .text = "'su root' failed for lonvick on /dev/pts/8"},
      {.bytes = "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to "
                "make the do-nuts.",
       .severity = 5,
       .facility = 20,
       .time = "2003-08-24T12:14:15.000003Z",
       .host = "192.0.2.1",
       .app = "myproc",
       .proc_id = "8710",
       .text = "%% It's time to make the do-nuts."},
      {.bytes = R"(<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 )"
                R"([exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] )"
                "\xEF\xBB\xBF"
                "An application event log entry...",
       .severity = 5,
       .facility = 20,
       .time = "2003-10-11T22:14:15.003Z",
       .host = "mymachine.example.com",
       .app = "evntslog",
       .msg_id = "ID47",
       .structured_data = R"([exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"])",
       .text = "An application event log entry..."},
      {.bytes = R"(<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 )"
                R"([exampleSDID@32473 iut="3"][examplePriority@32473 class="high"])",
       .severity = 5,
       .facility = 20,
       .time = "2003-10-11T22:14:15.003Z",
       .host = "mymachine.example.com",
       .app = "evntslog",
       .msg_id = "ID47",
       .structured_data = R"([exampleSDID@32473 iut="3"][examplePriority@32473 class="high"])"},
      // util-linux logger
      {.bytes = R"(<13>1 2024-01-15T11:30:00.123456+01:00 web1 root 4711 - )"
                R"([timeQuality tzKnown="1" isSynced="1" syncAccuracy="38500"] hello)",
       .severity = 5,
       .facility = 1,
       .time = "2024-01-15T10:30:00.123456Z",
       .host = "web1",
       .app = "root",
       .proc_id = "4711",
       .structured_data = R"([timeQuality tzKnown="1" isSynced="1" syncAccuracy="38500"])",
       .text = "hello"},
      // nothing but what must be there
      {.bytes = "<0>1 - - - - - -", .severity = 0, .facility = 0},
      {.bytes = "<191>1 - - - - - - x", .severity = 7, .facility = 23, .text = "x"},
      // structured data left out, or broken
      {.bytes = "<14>1 2024-01-15T10:30:00Z h a 1 m no structured data",
       .severity = 6,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .host = "h",
       .app = "a",
       .proc_id = "1",
       .msg_id = "m",
       .text = "no structured data"},
      {.bytes = R"(<14>1 2024-01-15T10:30:00Z h a - - [id x="1" y] text)",
       .severity = 6,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .host = "h",
       .app = "a",
       .text = R"([id x="1" y] text)"},
      {.bytes = R"(<14>1 2024-01-15T10:30:00Z h a - - [brackets] in text)",
       .severity = 6,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .host = "h",
       .app = "a",
       .structured_data = "[brackets]",
       .text = "in text"},
      // a newline within
      {.bytes = "<14>1 2024-01-15T10:30:00Z h a - - - one\ntwo",
       .severity = 6,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .host = "h",
       .app = "a",
       .text = "one\ntwo"},
  };
  for (Example example : examples) {
    example.format = Format::kRfc5424;
    expect_parts(example);
  }
}

TEST(SyslogMessageTest, Rfc3164) {
  const Example examples[] = {
      // RFC 3164 section 5.4; "Use the BFG!" has no tag, and the text begins with the whole of it
      {.bytes = "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
       .severity = 2,
       .facility = 4,
       .time = "2023-10-11T22:14:15Z",
       .host = "mymachine",
       .app = "su",
       .text = "'su root' failed for lonvick on /dev/pts/8"},
      {.bytes = "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
       .severity = 5,
       .facility = 1,
       .time = "2024-02-05T17:32:18Z",
       .host = "10.0.0.99",
       .text = "Use the BFG!"},
      {.bytes = "<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time to make the "
                "do-nuts.",
       .severity = 5,
       .facility = 20,
       .time = "1987-08-24T11:34:00Z",
       .host = "mymachine",
       .app = "myproc",
       .proc_id = "10",
       .text = "%% It's time to make the do-nuts."},
      {.bytes = "<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's "
                "All Folks!",
       .severity = 0,
       .facility = 0,
       .time = "1990-10-22T16:52:01Z",
       .host = "scapegoat.dmz.example.org",
       .text = "10.1.2.3 sched[0]: That's All Folks!"},
      {.bytes = "<134>Jan 15 10:30:00 webserver nginx: GET /api/status 200",
       .severity = 6,
       .facility = 16,
       .time = "2024-01-15T10:30:00Z",
       .host = "webserver",
       .app = "nginx",
       .text = "GET /api/status 200"},
      {.bytes = "<14>2024-01-01T12:00:00Z myhost myservice: test syslog message",
       .severity = 6,
       .facility = 1,
       .time = "2024-01-01T12:00:00Z",
       .host = "myhost",
       .app = "myservice",
       .text = "test syslog message"},
      // rsyslog's forward format
      {.bytes = "<30>2024-01-15T10:29:59.123456+00:00 web1 systemd[1]: Started Session 42.",
       .severity = 6,
       .facility = 3,
       .time = "2024-01-15T10:29:59.123456Z",
       .host = "web1",
       .app = "systemd",
       .proc_id = "1",
       .text = "Started Session 42."},
      // sshd, postfix, PAM, cron, the kernel
      {.bytes = "<38>Jan 15 10:30:00 web1 sshd[4242]: Failed password for invalid user admin from "
                "203.0.113.5 port 51234 ssh2",
       .severity = 6,
       .facility = 4,
       .time = "2024-01-15T10:30:00Z",
       .host = "web1",
       .app = "sshd",
       .proc_id = "4242",
       .text = "Failed password for invalid user admin from 203.0.113.5 port 51234 ssh2"},
      {.bytes = "<22>Jan 15 10:30:00 mx postfix/smtpd[99]: connect from unknown[203.0.113.5]",
       .severity = 6,
       .facility = 2,
       .time = "2024-01-15T10:30:00Z",
       .host = "mx",
       .app = "postfix/smtpd",
       .proc_id = "99",
       .text = "connect from unknown[203.0.113.5]"},
      {.bytes = "<86>Jan 15 10:30:00 web1 su(pam_unix)[77]: session opened for user root",
       .severity = 6,
       .facility = 10,
       .time = "2024-01-15T10:30:00Z",
       .host = "web1",
       .app = "su(pam_unix)",
       .proc_id = "77",
       .text = "session opened for user root"},
      {.bytes = "<78>Jan 15 10:30:01 web1 CRON[11]: (root) CMD (run-parts /etc/cron.hourly)",
       .severity = 6,
       .facility = 9,
       .time = "2024-01-15T10:30:01Z",
       .host = "web1",
       .app = "CRON",
       .proc_id = "11",
       .text = "(root) CMD (run-parts /etc/cron.hourly)"},
      {.bytes = "<4>Jan 15 10:30:00 web1 kernel: [12345.678901] eth0: link down",
       .severity = 4,
       .facility = 0,
       .time = "2024-01-15T10:30:00Z",
       .host = "web1",
       .app = "kernel",
       .text = "[12345.678901] eth0: link down"},
      // macOS
      {.bytes = "<5>Jan 15 10:30:00 macbook com.apple.xpc.launchd[1] (com.apple.quicklook[47]): "
                "Endpoint has been activated",
       .severity = 5,
       .facility = 0,
       .time = "2024-01-15T10:30:00Z",
       .host = "macbook",
       .app = "com.apple.xpc.launchd",
       .proc_id = "1",
       .text = "(com.apple.quicklook[47]): Endpoint has been activated"},
      // CEF has no tag
      {.bytes = "<134>Jan 15 10:30:00 fw CEF:0|Vendor|Product|1.0|100|name|5|src=10.0.0.1",
       .severity = 6,
       .facility = 16,
       .time = "2024-01-15T10:30:00Z",
       .host = "fw",
       .text = "CEF:0|Vendor|Product|1.0|100|name|5|src=10.0.0.1"},
      // AIX
      {.bytes = "<38>Jan 15 10:30:00 Message forwarded from aix1: sshd[5]: Accepted publickey",
       .severity = 6,
       .facility = 4,
       .time = "2024-01-15T10:30:00Z",
       .host = "aix1",
       .app = "sshd",
       .proc_id = "5",
       .text = "Accepted publickey"},
      // IPv6 and a chain of relays
      {.bytes = "<13>Jan 15 10:30:00 2001:db8::17 app: x",
       .severity = 5,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .host = "2001:db8::17",
       .app = "app",
       .text = "x"},
      {.bytes = "<13>Jan 15 10:30:00 s_net@relay/web1 app: x",
       .severity = 5,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .host = "s_net@relay/web1",
       .app = "app",
       .text = "x"},
      // Meraki
      {.bytes = "<134>1 1705314600.774247467 MX84 events type=vpn_connectivity_change",
       .severity = 6,
       .facility = 16,
       .time = "2024-01-15T10:30:00.774247467Z",
       .host = "MX84",
       .text = "events type=vpn_connectivity_change"},
  };
  for (const Example& example : examples) expect_parts(example);
}

TEST(SyslogMessageTest, MessagesWithoutAHost) {
  const Example examples[] = {
      {.bytes = "<13>Jan 15 10:30:00 su: 'su root' failed",
       .severity = 5,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .app = "su",
       .text = "'su root' failed"},
      {.bytes = "<13>Jan 15 10:30:00 sshd[17]: bye",
       .severity = 5,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .app = "sshd",
       .proc_id = "17",
       .text = "bye"},
      {.bytes = "<13>Jan 15 10:30:00 last message repeated 3 times",
       .severity = 5,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .text = "last message repeated 3 times"},
      {.bytes = "<13>Jan 15 10:30:00 hello",
       .severity = 5,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .text = "hello"},
      {.bytes = R"(<13>Jan 15 10:30:00 {"level":"info","msg":"json"})",
       .severity = 5,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .text = R"({"level":"info","msg":"json"})"},
      {.bytes = "<14>2024-01-15T10:30:00Z INFO starting up",
       .severity = 6,
       .facility = 1,
       .time = "2024-01-15T10:30:00Z",
       .text = "INFO starting up"},
  };
  for (const Example& example : examples) expect_parts(example);
}

TEST(SyslogMessageTest, MessagesWithoutATime) {
  const Example examples[] = {
      {.bytes = "<13>hello there", .severity = 5, .facility = 1, .text = "hello there"},
      {.bytes = "<13>nginx: hello", .severity = 5, .facility = 1, .app = "nginx", .text = "hello"},
      {.bytes = "<13>nginx[5]: hello",
       .severity = 5,
       .facility = 1,
       .app = "nginx",
       .proc_id = "5",
       .text = "hello"},
      {.bytes = "<13>nginx:hello", .severity = 5, .facility = 1, .app = "nginx", .text = "hello"},
      {.bytes = "<13>", .severity = 5, .facility = 1},
      // not tags
      {.bytes = "<13>http://host/path", .severity = 5, .facility = 1, .text = "http://host/path"},
      {.bytes = "<13>C:\\temp", .severity = 5, .facility = 1, .text = "C:\\temp"},
      {.bytes = "<13>12:30:00 noon", .severity = 5, .facility = 1, .text = "12:30:00 noon"},
      {.bytes = "<13>10.0.0.1: gone", .severity = 5, .facility = 1, .text = "10.0.0.1: gone"},
      {.bytes = "<13>a[b c]: d", .severity = 5, .facility = 1, .text = "a[b c]: d"},
      {.bytes = R"(<13>{"a": 1})", .severity = 5, .facility = 1, .text = R"({"a": 1})"},
      // a day that there is not
      {.bytes = "<13>Feb 30 10:30:00 host app: x",
       .severity = 5,
       .facility = 1,
       .text = "Feb 30 10:30:00 host app: x"},
  };
  for (const Example& example : examples) expect_parts(example);
}

TEST(SyslogMessageTest, MessagesWithoutAPriority) {
  const Example examples[] = {
      {.bytes = "Jan 15 10:30:00 web1 sshd[4242]: Connection closed",
       .time = "2024-01-15T10:30:00Z",
       .host = "web1",
       .app = "sshd",
       .proc_id = "4242",
       .text = "Connection closed"},
      {.bytes = "2024-01-15T10:29:59.5+00:00 web1 cron[7]: job",
       .time = "2024-01-15T10:29:59.5Z",
       .host = "web1",
       .app = "cron",
       .proc_id = "7",
       .text = "job"},
      {.bytes = "%SYS-5-CONFIG_I: Configured from console by vty0",
       .severity = 5,
       .app = "SYS",
       .msg_id = "CONFIG_I",
       .text = "%SYS-5-CONFIG_I: Configured from console by vty0"},
  };
  for (const Example& example : examples) expect_parts(example);
}

TEST(SyslogMessageTest, OtherTextStaysWhole) {
  const std::string_view texts[] = {
      "Use the BFG!",
      "",
      "<",
      "<13",
      "<>x",
      "<192>Jan 15 10:30:00 host app: over the last priority",
      "<0013>four digits",
      "<-1>x",
      R"({"level":"info","msg":"json"})",
      "level=info msg=logfmt",
      "2024-01-15 10:30:00,123 INFO app.module: a Python program",
      "2024-01-15T10:30:00.123Z INFO 1 --- [main] c.example.App: a Java program",
      "2024-01-15T10:30:00Z nothing like a tag",
      "Error: not a tag without a header",
      "\xFF\xFE\x01",
  };
  for (const std::string_view text : texts) {
    SCOPED_TRACE(text);
    const Message message = parse(text, kArrival);
    EXPECT_EQ(message.format, Format::kPlain);
    EXPECT_EQ(message.text, text);
    EXPECT_EQ(message.host, "");
    EXPECT_EQ(message.app, "");
    EXPECT_FALSE(message.time.has_value());
  }
}

TEST(SyslogMessageTest, Cisco) {
  const std::string text = "%SYS-5-CONFIG_I: Configured from console by vty0";
  const Example base = {.severity = 5,
                        .facility = 23,
                        .time = "2024-03-01T18:46:11.123Z",
                        .app = "SYS",
                        .msg_id = "CONFIG_I",
                        .text = text};
  const auto expect = [&](const std::string& header, const std::string& host,
                          const std::string& sequence) {
    Example example = base;
    example.bytes = header + text;
    example.host = host;
    example.sequence = sequence;
    expect_parts(example);
  };
  expect("<189>*Mar  1 18:46:11.123 UTC: ", "", "");
  expect("<189>.Mar  1 18:46:11.123 UTC: ", "", "");
  expect("<189>Mar  1 18:46:11.123: ", "", "");
  expect("<189>29: *Mar  1 18:46:11.123 UTC: ", "", "29");
  expect("<189>000029: Mar 1 2024 18:46:11.123 UTC: ", "", "000029");
  expect("<189>29: router1: *Mar  1 18:46:11.123 UTC: ", "router1", "29");
  expect("<189>router1: Mar  1 18:46:11.123: ", "router1", "");
  expect("<189>: 2024 Mar  1 18:46:11.123 UTC: ", "", "");  // NX-OS
  expect("<189>Mar  1 19:46:11.123 CET: ", "", "");         // a zone that is known
  expect("<189>Mar  1 18:46:11.123 IST: ", "", "");         // one that is not
  expect("<189>29: Mar  1 18:46:11.123 UTC 2024: ", "", "29");

  const Example examples[] = {
      {.bytes = "<166>Jan 15 2024 10:30:00 asa1 : %ASA-6-302013: Built inbound TCP connection",
       .severity = 6,
       .facility = 20,
       .time = "2024-01-15T10:30:00Z",
       .host = "asa1",
       .app = "ASA",
       .msg_id = "302013",
       .text = "%ASA-6-302013: Built inbound TCP connection"},
      {.bytes = "<166>Jan 15 2024 10:30:00: %ASA-6-302013: Built inbound TCP connection",
       .severity = 6,
       .facility = 20,
       .time = "2024-01-15T10:30:00Z",
       .app = "ASA",
       .msg_id = "302013",
       .text = "%ASA-6-302013: Built inbound TCP connection"},
      {.bytes = "<166>:Jan 15 10:30:00 UTC: %ASA-session-6-302013: Built",
       .severity = 6,
       .facility = 20,
       .time = "2024-01-15T10:30:00Z",
       .text = "%ASA-session-6-302013: Built"},
      {.bytes = "<166>%ASA-6-302013: Built inbound TCP connection",
       .severity = 6,
       .facility = 20,
       .app = "ASA",
       .msg_id = "302013",
       .text = "%ASA-6-302013: Built inbound TCP connection"},
      // a clock that counts from the start of the device
      {.bytes = "<187>45: 00:00:46: %LINK-3-UPDOWN: Interface Port-channel1, changed state to up",
       .severity = 3,
       .facility = 23,
       .app = "LINK",
       .msg_id = "UPDOWN",
       .text = "45: 00:00:46: %LINK-3-UPDOWN: Interface Port-channel1, changed state to up"},
      // IOS XR
      {.bytes = "<189>29: xr1 RP/0/RSP0/CPU0:Mar  1 18:46:11.123 UTC: config[65]: "
                "%MGBL-SYS-5-CONFIG_I : Configured",
       .severity = 5,
       .facility = 23,
       .app = "MGBL-SYS",
       .msg_id = "CONFIG_I",
       .text = "29: xr1 RP/0/RSP0/CPU0:Mar  1 18:46:11.123 UTC: config[65]: %MGBL-SYS-5-CONFIG_I "
               ": Configured"},
      // behind a relay that put a header of its own in front
      {.bytes = "<189>Jan 15 10:30:00 10.0.0.1 29: *Mar  1 18:46:11.123: %SYS-5-CONFIG_I: Done",
       .severity = 5,
       .facility = 23,
       .time = "2024-01-15T10:30:00Z",
       .host = "10.0.0.1",
       .app = "SYS",
       .msg_id = "CONFIG_I",
       .text = "29: *Mar  1 18:46:11.123: %SYS-5-CONFIG_I: Done"},
      // not mnemonics
      {.bytes = "<189>%SYS-8-X: x", .severity = 5, .facility = 23, .app = "%SYS-8-X", .text = "x"},
      {.bytes = "<189>%-5-X: x", .severity = 5, .facility = 23, .app = "%-5-X", .text = "x"},
  };
  for (const Example& example : examples) expect_parts(example);
}

TEST(SyslogMessageTest, TimesOfRfc3164) {
  const auto time = [](const std::string& text) { return time_of("<13>" + text + " h a: x"); };
  EXPECT_EQ(time("Jan 15 10:30:00"), "2024-01-15T10:30:00Z");
  EXPECT_EQ(time("jan 15 10:30:00"), "2024-01-15T10:30:00Z");
  EXPECT_EQ(time("Jan  5 10:30:00"), "2024-01-05T10:30:00Z");
  EXPECT_EQ(time("Jan 05 10:30:00"), "2024-01-05T10:30:00Z");
  EXPECT_EQ(time("Jan 5 10:30:00"), "2024-01-05T10:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00.5"), "2024-01-15T10:30:00.5Z");
  EXPECT_EQ(time("Jan 15 10:30:00,123456"), "2024-01-15T10:30:00.123456Z");
  EXPECT_EQ(time("Jan 15 10:30:00.123456789123"), "2024-01-15T10:30:00.123456789Z");
  EXPECT_EQ(time("Jan 15 2022 10:30:00"), "2022-01-15T10:30:00Z");
  EXPECT_EQ(time("2022 Jan 15 10:30:00"), "2022-01-15T10:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00 2022"), "2022-01-15T10:30:00Z");
  EXPECT_EQ(time("Mon Jan 15 10:30:00 2022"), "2022-01-15T10:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00 UTC"), "2024-01-15T10:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00 CEST"), "2024-01-15T08:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00 EST 2022"), "2022-01-15T15:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00 2022 EST"), "2022-01-15T15:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00 +0100"), "2024-01-15T09:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00+01:00"), "2024-01-15T09:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00-05:30"), "2024-01-15T16:00:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00Z"), "2024-01-15T10:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00 GMT+2"), "2024-01-15T08:30:00Z");
  EXPECT_EQ(time("Jan 15 10:30:60"), "2024-01-15T10:31:00Z");
  EXPECT_EQ(time("Jan 15 10:30:00 -5host"), "2024-01-15T10:30:00Z");  // no zone
  EXPECT_EQ(time("2024-01-15T10:30:00"), "2024-01-15T10:30:00Z");
  EXPECT_EQ(time("2024-01-15 10:30:00"), "2024-01-15T10:30:00Z");
  EXPECT_EQ(time("2024-01-15 10:30:00,250"), "2024-01-15T10:30:00.25Z");
  EXPECT_EQ(time("2024-01-15T10:30:00.250+0100"), "2024-01-15T09:30:00.25Z");
  EXPECT_EQ(time("2024-01-15t10:30:00z"), "2024-01-15T10:30:00Z");
  for (const char* wrong : {"Foo 15 10:30:00", "Jan 32 10:30:00", "Jan 15 24:30:00",
                            "Jan 15 10:60:00", "Jan 15 10:30:61", "Jan 15 10:30", "Jan 15 1:30:00",
                            "Jan 0 10:30:00", "2024-13-01T10:30:00Z", "2024-01-15T10:30:00X",
                            "0001-01-15T10:30:00Z", "9999-01-15T10:30:00Z", "Jan 15 10:30:00x"})
    EXPECT_EQ(time(wrong), "") << wrong;
}

TEST(SyslogMessageTest, AYearThatIsNotSaidIsTheNearest) {
  const auto year = [](std::string_view text, std::string_view arrival) {
    return time_of(text, arrival_at(arrival)).substr(0, 4);
  };
  EXPECT_EQ(year("<13>Dec 31 23:59:59 h a: x", "2024-01-01T00:00:01Z"), "2023");
  EXPECT_EQ(year("<13>Jan  1 00:00:01 h a: x", "2023-12-31T23:59:59Z"), "2024");
  EXPECT_EQ(year("<13>Jun 30 12:00:00 h a: x", "2024-01-01T00:00:01Z"), "2024");
  EXPECT_EQ(year("<13>Jul 30 12:00:00 h a: x", "2024-01-01T00:00:01Z"), "2023");
  // There is no February 29 nearer than these.
  EXPECT_EQ(year("<13>Feb 29 12:00:00 h a: x", "2025-02-28T12:00:00Z"), "2024");
  EXPECT_EQ(year("<13>Feb 29 12:00:00 h a: x", "2023-03-01T12:00:00Z"), "2024");
  EXPECT_EQ(time_of("<13>Feb 29 12:00:00 h a: x", arrival_at("2022-03-01T12:00:00Z")), "");
}

TEST(SyslogMessageTest, TimesWithoutAZoneAreLocal) {
  const Arrival in_berlin = arrival_at("2024-01-15T10:30:05Z", 3600);
  EXPECT_EQ(time_of("<13>Jan 15 11:30:00 h a: x", in_berlin), "2024-01-15T10:30:00Z");
  EXPECT_EQ(time_of("<13>2024-01-15T11:30:00 h a: x", in_berlin), "2024-01-15T10:30:00Z");
  EXPECT_EQ(time_of("<13>2024-01-15T11:30:00Z h a: x", in_berlin), "2024-01-15T11:30:00Z");
  EXPECT_EQ(time_of("<13>Jan 15 11:30:00 UTC h a: x", in_berlin), "2024-01-15T11:30:00Z");
  // The local year counts: there, it is January already.
  const Arrival new_year = arrival_at("2023-12-31T23:30:00Z", 3600);
  EXPECT_EQ(time_of("<13>Jan  1 00:30:00 h a: x", new_year), "2023-12-31T23:30:00Z");
}

TEST(SyslogMessageTest, TheLastDigitTellsTheResolution) {
  const auto resolution = [](std::string_view text) {
    return parse(text, kArrival).time->resolution_ns;
  };
  EXPECT_EQ(resolution("<13>Jan 15 10:30:00 h a: x"), 1'000'000'000);
  EXPECT_EQ(resolution("<13>Jan 15 10:30:00.1 h a: x"), 100'000'000);
  EXPECT_EQ(resolution("<13>1 2024-01-15T10:30:00.123456Z h a - - - x"), 1000);
  EXPECT_EQ(resolution("<13>1 2024-01-15T10:30:00.123456789123Z h a - - - x"), 1);
}

TEST(SyslogMessageTest, StructuredData) {
  const auto read = [](std::string_view text) {
    std::string out;
    StructuredDataReader reader(text);
    while (const auto parameter = reader.next()) {
      out += std::string(parameter->id) + "." + std::string(parameter->name) + "=";
      append_unescaped(parameter->value, out);
      out += ";";
    }
    return reader.ok() ? out + std::string(reader.rest()) : "malformed";
  };
  EXPECT_EQ(read(R"([a b="c"])"), "a.b=c;");
  EXPECT_EQ(read(R"([a b="c" d="e"][f g="h"] text)"), "a.b=c;a.d=e;f.g=h; text");
  EXPECT_EQ(read(R"([a])"), "");
  EXPECT_EQ(read(R"([a b=""])"), "a.b=;");
  EXPECT_EQ(read(R"([a b="\"\\\]\n"])"), R"(a.b="\]\n;)");
  EXPECT_EQ(read(R"([a b="unescaped ] bracket"])"), "a.b=unescaped ] bracket;");
  EXPECT_EQ(read(R"([a  b="c" ])"), "a.b=c;");
  EXPECT_EQ(read("[a b=\"\xC3\xA4\"]"), "a.b=\xC3\xA4;");
  for (const char* wrong : {"[", "[]", "[ a]", "[a", "[a b", "[a b]", "[a b=]", "[a b=c]",
                            R"([a b="c)", R"([a b="c"d="e"])", R"([a b="c\"])", R"([a ="c"])"}) {
    EXPECT_EQ(read(wrong), "malformed") << wrong;
    EXPECT_EQ(structured_data_size(wrong), 0U) << wrong;
  }
  EXPECT_EQ(read("[" + std::string(65, 'i') + " b=\"c\"]"), "malformed");
  EXPECT_EQ(structured_data_size(R"([a b="c"] text)"), 9U);
}

/// Prints random messages of all kinds, together with what must be read from them.
class Printer {
 public:
  explicit Printer(std::uint64_t seed) : random_(seed) {}

  Example next() {
    const bool is_5424 = below(2) == 0;
    const auto priority = static_cast<int>(below(kMaxPriority + 1));
    Example out;
    out.severity = priority % 8;
    out.facility = priority / 8;
    out.host = word(1 + below(60), "abcdefghijklmnopqrstuvwxyz0123456789-.") + "h";
    out.app = word(1 + below(40), "abcdefghijklmnopqrstuvwxyzABCDEFG0123456789_-/.") + "a";
    if (below(2) == 0) out.proc_id = word(1 + below(8), "0123456789");
    out.text = "t" + word(below(200), "abc XYZ\"\\[]{}<>:=%\t\n\xC3\xA4");
    out.bytes = "<" + std::to_string(priority) + ">";
    if (is_5424) {
      print_5424(out);
    } else {
      print_3164(out);
    }
    return out;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  std::string word(std::uint64_t size, std::string_view alphabet) {
    std::string out;
    while (out.size() < size) out += alphabet[below(alphabet.size())];
    return out;
  }

  TimestampNs time_near(TimestampNs resolution) {
    const auto half_a_year = static_cast<std::uint64_t>(180 * 86'400 * kNsPerSecond);
    const TimestampNs time = kArrival.now + static_cast<TimestampNs>(below(2 * half_a_year)) -
                             static_cast<TimestampNs>(half_a_year);
    return time - time % resolution;
  }

  void print_5424(Example& out) {
    out.format = Format::kRfc5424;
    const TimestampNs time = time_near(1000);
    out.time = format_rfc3339(time);
    if (below(2) == 0) out.msg_id = word(1 + below(32), "ABCDEF0123456789");
    for (std::uint64_t elements = below(3); elements > 0; --elements) {
      out.structured_data += "[" + word(1 + below(20), "abcDEF@1234");
      for (std::uint64_t parameters = below(4); parameters > 0; --parameters) {
        out.structured_data += " " + word(1 + below(10), "abcdef") + "=\"";
        for (const char c : word(below(30), "abc \"\\]=[\xC3\xA4")) {
          if (c == '"' || c == '\\' || c == ']') out.structured_data += '\\';
          out.structured_data += c;
        }
        out.structured_data += '"';
      }
      out.structured_data += "]";
    }
    const auto or_nil = [](const std::string& text) { return text.empty() ? "-" : text; };
    out.bytes += "1 " + out.time + " " + out.host + " " + out.app + " " + or_nil(out.proc_id) +
                 " " + or_nil(out.msg_id) + " " + or_nil(out.structured_data) + " " +
                 (below(2) == 0 ? "\xEF\xBB\xBF" : "") + out.text;
  }

  void print_3164(Example& out) {
    static const char* const kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    out.format = Format::kRfc3164;
    const TimestampNs time = time_near(kNsPerSecond);
    out.time = format_rfc3339(time);
    if (below(3) == 0) {
      out.bytes += out.time;
    } else {
      const int day = std::stoi(out.time.substr(8, 2));
      out.bytes += kMonths[std::stoi(out.time.substr(5, 2)) - 1];
      out.bytes += fmt::format(" {:2} ", day) + out.time.substr(11, 8);
      if (below(4) == 0) out.bytes += " " + out.time.substr(0, 4);
    }
    out.bytes += " " + out.host + " " + out.app;
    if (!out.proc_id.empty()) out.bytes += "[" + out.proc_id + "]";
    out.bytes += ": " + out.text;
  }

  std::mt19937_64 random_;
};

TEST(SyslogMessageTest, WhatAPrinterWritesIsRead) {
  Printer printer(7);
  for (int i = 0; i < 20'000 && !testing::Test::HasFailure(); ++i) expect_parts(printer.next());
}

// Every part must lie within the message, so that nothing is read that was not sent.
TEST(SyslogMessageTest, DamagedMessagesAreReadWithinTheirBounds) {
  std::mt19937_64 random(11);
  Printer printer(12);
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes = printer.next().bytes;
    for (std::uint64_t changes = random() % 6; changes > 0; --changes) {
      const std::size_t at = random() % (bytes.size() + 1);
      switch (random() % 4) {
        case 0:
          bytes.insert(at, 1, static_cast<char>(random() % 256));
          break;
        case 1:
          bytes.resize(at);
          break;
        case 2:
          bytes.erase(at, random() % 8);
          break;
        default:
          if (at < bytes.size()) bytes[at] = static_cast<char>(random() % 256);
      }
    }
    const std::string exact(bytes);  // without room behind it
    const Message message = parse(exact, kArrival);
    for (const std::string_view part :
         {message.host, message.app, message.proc_id, message.msg_id, message.sequence,
          message.structured_data, message.text, message.time_text}) {
      if (part.empty()) continue;
      ASSERT_GE(part.data(), exact.data()) << exact;
      ASSERT_LE(part.data() + part.size(), exact.data() + exact.size()) << exact;
    }
    if (message.format == Format::kPlain) {
      ASSERT_EQ(message.text, exact);
    }
  }
}

}  // namespace
}  // namespace livedata::ingest::syslog
