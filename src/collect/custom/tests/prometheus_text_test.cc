#include "collect/custom/prometheus_text.h"

#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/custom/tests/readings_of.h"

namespace livedata::collect::custom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using LeftOut = Readings::LeftOut;

Readings parse(std::string text, const ReadingLimits& limits = {}) {
  return read(OutputFormat::kPrometheus, std::move(text), 0, limits);
}

std::vector<std::string> samples(std::string text) { return shown(parse(std::move(text))); }

TEST(PrometheusTextTest, ReadsTheExampleOfTheFormatsDocument) {
  const Readings readings = parse(R"(# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# HELP rpc_duration_seconds A summary of the RPC duration in seconds.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
)");
  EXPECT_THAT(
      shown(readings),
      ElementsAre("|method=post,code=200,|http_requests_total=1027,|1395066363000000000",
                  "|method=post,code=400,|http_requests_total=3,|1395066363000000000",
                  "|path=C:\\DIR\\FILE.TXT,error=Cannot find file:\n\"FILE.TXT\",|"
                  "msdos_file_access_time_seconds=1458255915,",
                  "||metric_without_timestamp_and_labels=12.47,",
                  "|problem=division by zero,|something_weird=inf,|-3982045000000",
                  "|le=0.05,|http_request_duration_seconds_bucket=24054,",
                  "|le=+Inf,|http_request_duration_seconds_bucket=144320,",
                  "||http_request_duration_seconds_sum=53423,",
                  "||http_request_duration_seconds_count=144320,",
                  "|quantile=0.01,|rpc_duration_seconds=3102,",
                  "||rpc_duration_seconds_sum=17560473,", "||rpc_duration_seconds_count=2693,"));
  ASSERT_EQ(readings.families().size(), 3U);
  EXPECT_EQ(readings.families()[0].name, "http_requests_total");
  EXPECT_EQ(readings.families()[0].help, "The total number of HTTP requests.");
  EXPECT_EQ(readings.families()[0].type, host::MetricType::kCounter);
  EXPECT_EQ(readings.families()[1].type, host::MetricType::kHistogram);
  EXPECT_EQ(readings.families()[2].type, host::MetricType::kSummary);
  EXPECT_EQ(readings.num_left_out(), 0U);
}

TEST(PrometheusTextTest, ReadsOpenMetrics) {
  const Readings readings = parse(R"(# TYPE acme_http_router_request_seconds summary
# UNIT acme_http_router_request_seconds seconds
# HELP acme_http_router_request_seconds Latency though all of ACME's HTTP request router.
acme_http_router_request_seconds_sum{path="/api/v1",method="GET"} 9036.32
# TYPE go_goroutines gauge
go_goroutines 69 1520879607.789
# TYPE foo counter
# HELP foo Counter with and without labels
foo_total 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67
foo_created 1520430000.123
# TYPE bar_seconds histogram
bar_seconds_bucket{le="0.01"} 0
bar_seconds_bucket{le="0.1"} 8 # {} 0.054
bar_seconds_bucket{le="1"} 11 # {trace_id="a}b\"# c"} 0.67 1520879607.5
# EOF
)");
  EXPECT_THAT(
      shown(readings),
      ElementsAre("|path=/api/v1,method=GET,|acme_http_router_request_seconds_sum=9036.32,",
                  "||go_goroutines=69,|1520879607789000000", "||foo_total=17,|1520879607789000000",
                  "||foo_created=1520430000.123,", "|le=0.01,|bar_seconds_bucket=0,",
                  "|le=0.1,|bar_seconds_bucket=8,", "|le=1,|bar_seconds_bucket=11,"));
  EXPECT_EQ(readings.families()[2].name, "foo_total");
  EXPECT_EQ(readings.families()[2].type, host::MetricType::kCounter);
  EXPECT_EQ(readings.families()[2].help, "Counter with and without labels");
}

TEST(PrometheusTextTest, ReadsWhatIsAllowedBesides) {
  EXPECT_THAT(samples("a{} 1\n b { x = \"1\" , y=\"2\", } 2\t3\r\nc{x=\"\"} 0x"
                      "\nd -1e-3\n\n#x\n#\n# TYPE\n# HELP\n:e:f_9 NaN\n"),
              ElementsAre("||a=1,", "|x=1,y=2,|b=2,|3000000", "||d=-0.001,", "||:e:f_9=nan,"));
  EXPECT_THAT(samples(R"({"my.metric",region="eu"} 5)"), ElementsAre("|region=eu,|my.metric=5,"));
  EXPECT_THAT(samples(R"(m{"a b"="c\q\\"} 5)"), ElementsAre("|a b=c\\q\\,|m=5,"));
  EXPECT_THAT(samples("a +Inf\nb -Inf\nc 1e999\nd -1e999\ne 1e-999\nf +5"),
              ElementsAre("||a=inf,", "||b=-inf,", "||c=inf,", "||d=-inf,", "||e=0,", "||f=5,"));
  EXPECT_THAT(samples(""), IsEmpty());
}

TEST(PrometheusTextTest, RejectsLinesAloneAndTellsTheFirst) {
  for (const char* line :
       {"a",           "a ",          "1a 1",         "a b",       "a{ 1",
        "a{x} 1",      "a{x=1} 1",    "a{x=\"1} 1",   "a{x=\"1\"", "a{x=\"1\" y=\"2\"} 1",
        "a{=\"1\"} 1", "{x=\"1\"} 1", "a 1 2 3",      "a 1 x",     "a 1 1e300",
        "a 1 NaN",     "a{\"b\"} 1",  "a +-1",        "a nan(1)",  "a 1,5",
        "{} 1",        "a{\\} 1",     "a{x=\"\\\"} 1"}) {
    const Readings readings = parse(fmt::format("good 1\n{}\ngood2 2\n", line));
    EXPECT_THAT(shown(readings), ElementsAre("||good=1,", "||good2=2,")) << line;
    EXPECT_EQ(readings.left_out(LeftOut::kNotUnderstood), 1U) << line;
    EXPECT_THAT(readings.first_mistake(), HasSubstr("line 2: ")) << line;
  }
  Readings nothing("<html>\n<body>\n", {});
  const auto outcome = read_output(OutputFormat::kPrometheus, 0, nothing);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().message,
            "the output can't be read: line 1: a metric's name is missing");
}

TEST(PrometheusTextTest, LimitsLeaveOutWhatIsBeyond) {
  const Readings many = parse("a 1\nb 2\nc 3\n", {.max_series = 2});
  EXPECT_THAT(shown(many), ElementsAre("||a=1,", "||b=2,"));
  EXPECT_EQ(many.left_out(LeftOut::kTooManySeries), 1U);
  const Readings labels = parse("a{x=\"12345\"} 1\nb{x=\"123\"} 2\nabcde 3\nc{abcde=\"1\"} 4\n",
                                {.max_label_bytes = 4});
  EXPECT_THAT(shown(labels), ElementsAre("|x=123,|b=2,"));
  EXPECT_EQ(labels.left_out(LeftOut::kLabelTooLong), 3U);
  const Readings wide = parse("a{x=\"1\",y=\"2\",z=\"3\"} 1\nb 1\n", {.max_labels = 2});
  EXPECT_THAT(shown(wide), ElementsAre("||b=1,"));
  EXPECT_EQ(wide.left_out(LeftOut::kTooManyLabels), 1U);
}

TEST(PrometheusTextTest, ASeriesIsThereOnce) {
  const Readings readings =
      parse("a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\na{x=\"2\",y=\"1\"} 3\na 4\na 5\na 6 7\n");
  EXPECT_THAT(shown(readings),
              ElementsAre("|x=1,y=2,|a=1,", "|x=2,y=1,|a=3,", "||a=4,", "||a=6,|7000000"));
  EXPECT_EQ(readings.left_out(LeftOut::kDuplicate), 2U);
}

/// Series with any labels and values, written and read again.
TEST(PrometheusTextTest, ReadsWhatAWriterWrites) {
  std::mt19937_64 random(4711);  // NOLINT: the same each time
  const auto below = [&](std::size_t n) { return random() % n; };
  constexpr std::string_view kBytes = "ab\"\\\n{}=,# \xc3\xa4\t'";
  const auto text = [&] {
    std::string out;
    for (std::size_t n = 1 + below(8); n > 0; --n) out += kBytes[below(kBytes.size())];
    return out;
  };
  for (int round = 0; round < 2000; ++round) {
    std::string page;
    std::vector<std::string> expected;
    for (std::size_t i = 0, n = below(4); i < n; ++i) {
      const double value =
          std::ldexp(static_cast<double>(random()) - 9e18, static_cast<int>(below(120)) - 60);
      std::string line = fmt::format("m{}{{", i);
      std::string wanted = "|";
      for (std::size_t label = 0, labels = below(4); label < labels; ++label) {
        const std::string label_value = text();
        std::string escaped;
        host::append_label_value(escaped, label_value);
        // Bytes that are no UTF-8 are another matter.
        if (escaped.find("\xef\xbf\xbd") != std::string::npos) continue;
        line += fmt::format("l{}=\"{}\",", label, escaped);
        wanted += fmt::format("l{}={},", label, label_value);
      }
      page += fmt::format("{}}} {}\n", line, value);
      expected.push_back(fmt::format("{}|m{}={},", wanted, i, to_string(FieldValue(value))));
    }
    EXPECT_EQ(samples(page), expected) << page;
  }
}

TEST(PrometheusTextTest, AnyBytesAreReadToTheirEnd) {
  const std::string seed =
      "# TYPE a counter\na{x=\"1\\n\",y=\"\\\"\"} 1.5 12 # {t=\"1\"} 2 3\n{\"q\"} +Inf\n# EOF\n";
  std::mt19937_64 random(7);  // NOLINT: the same each time
  for (int round = 0; round < 5000; ++round) {
    std::string text = seed;
    for (std::size_t n = 1 + random() % 6; n > 0; --n) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          if (text.empty()) text = "a";
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 16));
      }
    }
    const Readings readings = parse(text, {.max_series = 3, .max_label_bytes = 8});
    EXPECT_LE(readings.num_series(), 3U);
    for (std::size_t i = 0; i < readings.size(); ++i) EXPECT_EQ(readings[i].numbers.size(), 1U);
  }
}

}  // namespace
}  // namespace livedata::collect::custom
