#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/custom/compile_collectors.h"
#include "collect/host/host_metrics.h"

namespace livedata::collect::custom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(CollectorsConfigTest, ReadsEverySetting) {
  const auto specs = compile_collectors(R"(
server:
  listen: 127.0.0.1:1
collectors:
  - name: queue
    command: [/usr/local/bin/queue, --json]
    environment: {QUEUE_HOME: /srv/queue}
    folder: /srv
    interval: 1m
    timeout: 5s
    format: json
    labels: {env: prod}
    stream_labels: [queue]
    max_output_bytes: 64KiB
    max_series: 50
    max_label_bytes: 100
    max_labels: 9
    expose: false
  - name: pipe
    command: "cat /proc/loadavg | wc"
    shell: true
  - name: app
    scrape: http://[::1]:9100/metrics?all=1
    headers: {Authorization: Bearer abc}
    interval: 2s
  - name: plain
    command: /usr/bin/true
)",
                                        "x.yaml");
  ASSERT_TRUE(specs.has_value()) << specs.error().message;
  ASSERT_EQ(specs->size(), 4U);
  const CollectorSpec& queue = specs->front();
  EXPECT_EQ(queue.name, "queue");
  EXPECT_THAT(queue.command, ElementsAre("/usr/local/bin/queue", "--json"));
  EXPECT_THAT(queue.environment, ElementsAre(Pair("QUEUE_HOME", "/srv/queue")));
  EXPECT_EQ(queue.folder, "/srv");
  EXPECT_EQ(queue.interval, std::chrono::minutes(1));
  EXPECT_EQ(queue.timeout, std::chrono::seconds(5));
  EXPECT_EQ(queue.format, OutputFormat::kJson);
  EXPECT_THAT(queue.labels, ElementsAre(Label{"env", "prod"}));
  EXPECT_THAT(*queue.stream_labels, ElementsAre("queue"));
  EXPECT_EQ(queue.max_output_bytes, 64U << 10U);
  EXPECT_EQ(queue.limits.max_series, 50U);
  EXPECT_EQ(queue.limits.max_label_bytes, 100U);
  EXPECT_EQ(queue.limits.max_labels, 9U);
  EXPECT_FALSE(queue.expose);
  EXPECT_THAT((*specs)[1].command, ElementsAre("/bin/sh", "-c", "cat /proc/loadavg | wc"));
  EXPECT_EQ((*specs)[1].interval, std::chrono::seconds(30));
  EXPECT_EQ((*specs)[1].timeout, std::chrono::seconds(10));
  EXPECT_EQ((*specs)[1].format, OutputFormat::kAuto);
  const CollectorSpec& app = (*specs)[2];
  EXPECT_EQ(app.url.host, "::1");
  EXPECT_EQ(app.url.port, "9100");
  EXPECT_EQ(app.url.authority, "[::1]:9100");
  EXPECT_EQ(app.url.target, "/metrics?all=1");
  EXPECT_THAT(app.headers, ElementsAre(Pair("Authorization", "Bearer abc")));
  EXPECT_EQ(app.format, OutputFormat::kPrometheus);
  EXPECT_EQ(app.timeout, std::chrono::seconds(2));
  EXPECT_THAT((*specs)[3].command, ElementsAre("/usr/bin/true"));
}

TEST(CollectorsConfigTest, NoSectionIsNoCollectors) {
  for (const char* text : {"", "server:\n  listen: x\n", "collectors:\n", "collectors: []\n"})
    EXPECT_THAT(*compile_collectors(text, "x.yaml"), IsEmpty()) << text;
}

TEST(CollectorsConfigTest, MistakesNameTheirPlaceAndWhatToDo) {
  const auto mistake = [](const std::string& text) {
    const auto specs = compile_collectors("collectors:\n" + text, "x.yaml");
    return specs ? std::string("none") : specs.error().message;
  };
  EXPECT_EQ(mistake("  - name: a\n    comand: [x]\n"),
            "x.yaml:3:5: collectors: there is no option 'comand'; did you mean 'command'?");
  EXPECT_EQ(mistake("  - name: a\n"),
            "x.yaml:2:5: collectors: either 'command: [/path/of/a/program]' or 'scrape: "
            "http://127.0.0.1:9100/metrics' is expected");
  EXPECT_THAT(mistake("  - {name: a, command: [x], scrape: 'http://h/'}\n"),
              HasSubstr("either 'command"));
  EXPECT_THAT(mistake("  - command: [x]\n"), HasSubstr("'name' is missing, such as 'name: queue'"));
  EXPECT_THAT(mistake("  - {name: a-b, command: [x]}\n"), HasSubstr("'a-b' is no name"));
  EXPECT_THAT(mistake("  - {name: cpu, command: [x]}\n"),
              HasSubstr("x.yaml:2:12: collectors: 'cpu' is the name of records that livedata makes "
                        "itself; choose another one"));
  EXPECT_THAT(mistake("  - {name: a, command: [x]}\n  - {name: a, command: [y]}\n"),
              HasSubstr("x.yaml:3:5: collectors: there are two collectors 'a'"));
  EXPECT_THAT(mistake("  - {name: a, command: 'df -h'}\n"),
              HasSubstr("a command with arguments is a list, such as [/usr/bin/sensors, -j]; with "
                        "'shell: true' the shell runs the text"));
  EXPECT_THAT(mistake("  - {name: a, command: [df, -h], shell: true}\n"),
              HasSubstr("with 'shell: true' the command is one text"));
  EXPECT_THAT(mistake("  - {name: a, command: []}\n"), HasSubstr("the command is empty"));
  EXPECT_THAT(mistake("  - {name: a, command: [x], folder: srv}\n"),
              HasSubstr("'srv' is not an absolute path"));
  EXPECT_THAT(mistake("  - {name: a, command: [x], environment: {a-b: 1}}\n"),
              HasSubstr("'a-b' is no name of a variable"));
  EXPECT_THAT(mistake("  - {name: a, command: [x], interval: 500ms}\n"),
              HasSubstr("the interval must be from 1s to 24h"));
  EXPECT_THAT(mistake("  - {name: a, command: [x], interval: 5s, timeout: 6s}\n"),
              HasSubstr("the timeout must be more than 0 and not longer than the interval"));
  EXPECT_THAT(mistake("  - {name: a, command: [x], format: xml}\n"),
              HasSubstr("'format' can't be 'xml'; expected one of: auto, prometheus, json, logfmt, "
                        "nagios"));
  EXPECT_THAT(mistake("  - {name: a, scrape: 'http://h/', format: json}\n"),
              HasSubstr("what 'scrape' asks answers in Prometheus text or OpenMetrics"));
  EXPECT_THAT(mistake("  - {name: a, scrape: 'ftp://h/'}\n"),
              HasSubstr("'ftp://h/' is not an address such as http://127.0.0.1:9100/metrics"));
  EXPECT_THAT(mistake("  - {name: a, scrape: 'http://h/', ca_file: /c}\n"),
              HasSubstr("for an address of https"));
  EXPECT_THAT(mistake("  - {name: a, scrape: 'https://h/', ca_file: c}\n"),
              HasSubstr("'ca_file' is an absolute path"));
  EXPECT_THAT(mistake("  - {name: a, command: [x], ca_file: /c}\n"),
              HasSubstr("'ca_file' is for 'scrape'"));
  EXPECT_EQ(mistake("  - {name: a, scrape: 'https://h/', ca_file: /c}\n"), "none");
  EXPECT_THAT(mistake("  - {name: a, scrape: 'http://u:p@h/'}\n"),
              HasSubstr("use 'headers' with Authorization"));
  for (const char* url : {"http://", "http://:80/", "http://h:x/", "http://h:0/", "http://h:99999/",
                          "http://h/a b", "http://[::1/"})
    EXPECT_NE(mistake(fmt::format("  - {{name: a, scrape: '{}'}}\n", url)), "none") << url;
  EXPECT_THAT(mistake("  - {name: a, scrape: 'http://h/', shell: true}\n"),
              HasSubstr("'shell' is for a 'command', and there is none"));
  const std::string secret =
      mistake("  - {name: a, scrape: 'http://h/', headers: {\"A B\": hunter2}}\n");
  EXPECT_THAT(secret, HasSubstr("a header is a name without blanks"));
  EXPECT_THAT(secret, testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(mistake("  - {name: a, command: [x], headers: {a: b}}\n"),
              HasSubstr("'headers' are for 'scrape'"));
  EXPECT_THAT(mistake("  - {name: a, command: [x], labels: {host: b}}\n"),
              HasSubstr("the label 'host' is set by livedata"));
  EXPECT_THAT(mistake("  - {name: a, command: [x], labels: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, "
                      "g: 1, h: 1, i: 1, j: 1, k: 1}}\n"),
              HasSubstr("there may be 10 labels at most"));
  EXPECT_THAT(mistake("  - {name: a, command: [x], max_series: 0}\n"),
              HasSubstr("'max_series' must be a whole number from 1 to 100000"));
  EXPECT_THAT(mistake("  a: 1\n"), HasSubstr("a list of up to 200 entries is expected"));
  EXPECT_THAT(mistake("  - df\n"), HasSubstr("a map with 'name' and 'command' or 'scrape'"));
}

TEST(CollectorsConfigTest, NamesOfTheHostsOwnCollectorsAreTaken) {
  for (const auto& [name, interval] : host::HostMetrics::collectors()) {
    const std::string text = fmt::format("collectors:\n  - {{name: {}, command: [x]}}\n", name);
    EXPECT_FALSE(compile_collectors(text, "x.yaml").has_value()) << name;
  }
}

}  // namespace
}  // namespace livedata::collect::custom
