#include <cstdlib>
#include <ctime>
#include <random>

#include <gtest/gtest.h>

#include "base/time_format.h"
#include "ingest/syslog/decoder.h"

namespace livedata::ingest::syslog {
namespace {

constexpr std::string_view kPeer = "192.0.2.7";

class SyslogDecoderTest : public testing::Test {
 protected:
  SyslogDecoderTest() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  RecordBatch decode(const std::vector<std::string>& messages) {
    decoder_.start(now_);
    for (const std::string& message : messages) decoder_.add(message, kPeer);
    Decoded decoded = decoder_.take();
    EXPECT_EQ(decoded.num_rejected(), 0U);
    return std::move(decoded.batch);
  }
  static std::string labels(const RecordBatch& batch, RowIndex row = 0) {
    return batch.stream(row).labels.to_string();
  }
  static std::string fields(const RecordBatch& batch, RowIndex row = 0) {
    std::string out;
    for (const Field& field : batch.fields(row))
      out += fmt::format("{}={};", field.name, to_string(field.value));
    return out;
  }
  static std::string time(const RecordBatch& batch, RowIndex row = 0) {
    return format_rfc3339(batch.timestamps()[row]);
  }

  Limits limits_;
  TimestampNs now_ = *parse_rfc3339("2024-01-15T10:30:05.5Z");
  Decoder decoder_{limits_, 8};
};

TEST_F(SyslogDecoderTest, LabelsAndFields) {
  const RecordBatch batch = decode(
      {"<134>1 2024-01-15T10:30:00Z web1 nginx 42 ACCESS [req@1 id=\"7\" path=\"/a\\\"b\"] GET /"});
  ASSERT_EQ(batch.num_rows(), 1U);
  EXPECT_EQ(labels(batch), R"({app="nginx", facility="local0", host="web1", service_name="nginx", )"
                           R"(severity="info"})");
  EXPECT_EQ(fields(batch),
            "detected_level=info;msg_id=ACCESS;proc_id=42;req_1_id=7;req_1_path=/a\"b;");
  EXPECT_EQ(batch.line(0), "GET /");
  EXPECT_EQ(time(batch), "2024-01-15T10:30:00Z");
}

TEST_F(SyslogDecoderTest, SeveritiesAndFacilities) {
  const auto batch = [&](int priority) {
    return decode({fmt::format("<{}>Jan 15 10:30:00 h a: x", priority)});
  };
  const char* const names[] = {"emerg",   "alert",  "crit", "err",
                               "warning", "notice", "info", "debug"};
  const char* const levels[] = {"fatal", "critical", "critical", "error",
                                "warn",  "info",     "info",     "debug"};
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(batch(i).stream(0).labels.get("severity"), names[i]);
    EXPECT_EQ(to_string(*batch(i).field(0, "detected_level")), levels[i]);
  }
  EXPECT_EQ(batch(0).stream(0).labels.get("facility"), "kern");
  EXPECT_EQ(batch(10 * 8).stream(0).labels.get("facility"), "authpriv");
  EXPECT_EQ(batch(191).stream(0).labels.get("facility"), "local7");
}

TEST_F(SyslogDecoderTest, HostsAreNormalised) {
  const auto host = [&](const std::string& name) {
    const RecordBatch batch = decode({"<13>Jan 15 10:30:00 " + name + " app: x"});
    const auto raw = batch.field(0, "hostname_raw");
    return std::string(batch.stream(0).labels.get("host")) + (raw ? " " + to_string(*raw) : "");
  };
  EXPECT_EQ(host("web1"), "web1");
  EXPECT_EQ(host("WEB1"), "web1 WEB1");
  EXPECT_EQ(host("Web1.Example.COM."), "web1.example.com Web1.Example.COM.");
  EXPECT_EQ(host("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(host("2001:DB8::1"), "2001:db8::1 2001:DB8::1");
}

TEST_F(SyslogDecoderTest, TheSenderStandsInForTheHost) {
  EXPECT_EQ(labels(decode({"<13>app: x"})),
            R"({app="app", facility="user", host="192.0.2.7", service_name="app", )"
            R"(severity="notice"})");
  EXPECT_EQ(labels(decode({"<13>1 - - - - - - x"})),
            R"({facility="user", host="192.0.2.7", service_name="unknown_service", )"
            R"(severity="notice"})");
}

TEST_F(SyslogDecoderTest, PlainTextIsALineWithTheTimeOfArrival) {
  const RecordBatch batch = decode({"ERROR it broke\n"});
  EXPECT_EQ(labels(batch), R"({host="192.0.2.7", service_name="unknown_service"})");
  EXPECT_EQ(batch.line(0), "ERROR it broke");
  EXPECT_EQ(time(batch), format_rfc3339(now_));
  EXPECT_EQ(fields(batch), "detected_level=error;");
}

TEST_F(SyslogDecoderTest, CiscoTellsTheSeverityInItsMnemonic) {
  const RecordBatch batch =
      decode({"000123: Jan 15 10:30:00.250 UTC: %LINEPROTO-3-UPDOWN: Line protocol down"});
  EXPECT_EQ(labels(batch), R"({app="LINEPROTO", host="192.0.2.7", service_name="LINEPROTO", )"
                           R"(severity="err"})");
  EXPECT_EQ(fields(batch), "detected_level=error;msg_id=UPDOWN;sequence=000123;");
  EXPECT_EQ(batch.line(0), "%LINEPROTO-3-UPDOWN: Line protocol down");
}

TEST_F(SyslogDecoderTest, EndsOfLinesAreNoText) {
  const RecordBatch batch =
      decode({"<13>app: a\n", "<13>app: b\r\n", std::string("<13>app: c\0", 11), "\n", "",
              std::string("\0\r\n", 3)});
  ASSERT_EQ(batch.num_rows(), 3U);
  EXPECT_EQ(batch.line(0), "a");
  EXPECT_EQ(batch.line(1), "b");
  EXPECT_EQ(batch.line(2), "c");
}

TEST_F(SyslogDecoderTest, WithoutTextTheStructuredDataIsTheLine) {
  const RecordBatch batch = decode({R"(<13>1 2024-01-15T10:30:00Z h a - - [x y="1"])"});
  EXPECT_EQ(batch.line(0), R"([x y="1"])");
  EXPECT_EQ(fields(batch), "detected_level=info;x_y=1;");
}

TEST_F(SyslogDecoderTest, RepeatedParametersAreNumbered) {
  const RecordBatch batch = decode(
      {R"(<13>1 2024-01-15T10:30:00Z h a p - [origin ip="1" ip="2" ip="3"][proc id="4"] x)"});
  EXPECT_EQ(fields(batch),
            "detected_level=info;origin_ip=1;origin_ip_2=2;origin_ip_3=3;proc_id=p;proc_id_2=4;");
}

TEST_F(SyslogDecoderTest, NamesOfParametersBecomeNamesOfFields) {
  const RecordBatch batch =
      decode({R"(<13>1 2024-01-15T10:30:00Z h a - - [9x@32473 a.b/c="1"] x)"});
  EXPECT_EQ(fields(batch), "_9x_32473_a_b_c=1;detected_level=info;");
}

TEST_F(SyslogDecoderTest, StructuredDataBeyondTheLimitsStaysInTheLine) {
  std::string many = "[x";
  for (int i = 0; i < 130; ++i) many += fmt::format(" p{}=\"1\"", i);
  many += "]";
  const std::string large = "[x y=\"" + std::string(limits_.max_fields_bytes, 'v') + "\"]";
  std::string clever = "[x b=\"1\"";
  for (int i = 2; i < 10; ++i) clever += fmt::format(" b_{}=\"1\"", i);
  clever += " b=\"1\"]";
  for (const std::string& data : {many, large, clever}) {
    const RecordBatch batch = decode({"<13>1 2024-01-15T10:30:00Z h a - - " + data + " text"});
    ASSERT_EQ(batch.num_rows(), 1U);
    EXPECT_EQ(batch.line(0), data + " text");
    EXPECT_EQ(fields(batch), "detected_level=info;");
  }
}

TEST_F(SyslogDecoderTest, TimesThatTheLimitsForbidAreReplaced) {
  const RecordBatch batch = decode({"<13>1 2024-01-15T11:30:00Z h a - - - x"});
  EXPECT_EQ(time(batch), format_rfc3339(now_));
  EXPECT_EQ(fields(batch), "detected_level=info;timestamp_raw=2024-01-15T11:30:00Z;");
  limits_.max_age = std::chrono::hours(1);
  const RecordBatch old = decode({"<13>Jan 15 09:30:00 h a: x"});
  EXPECT_EQ(fields(old), "detected_level=info;timestamp_raw=Jan 15 09:30:00;");
}

TEST_F(SyslogDecoderTest, EqualTimesOfAStreamAreSpread) {
  const RecordBatch first =
      decode({"<13>Jan 15 10:30:00 h a: same", "<13>Jan 15 10:30:00 h a: same",
              "<13>Jan 15 10:30:00 h b: same"});
  EXPECT_EQ(time(first, 0), "2024-01-15T10:30:00Z");
  EXPECT_EQ(time(first, 1), "2024-01-15T10:30:00.000000001Z");
  EXPECT_EQ(time(first, 2), "2024-01-15T10:30:00Z");
  // And from run to run.
  const RecordBatch second =
      decode({"<13>Jan 15 10:30:00 h a: same", "<13>Jan 15 10:30:01 h a: x"});
  EXPECT_EQ(time(second, 0), "2024-01-15T10:30:00.000000002Z");
  EXPECT_EQ(time(second, 1), "2024-01-15T10:30:01Z");
}

TEST_F(SyslogDecoderTest, SpreadTimesStayWithinTheirResolution) {
  const std::string message = "<13>1 2024-01-15T10:30:00.12345678Z h a - - - x";
  const RecordBatch batch = decode(std::vector<std::string>(20, message));
  EXPECT_EQ(time(batch, 9), "2024-01-15T10:30:00.123456789Z");
  EXPECT_EQ(time(batch, 19), "2024-01-15T10:30:00.123456789Z");
}

TEST_F(SyslogDecoderTest, LongLinesAreCut) {
  limits_.max_line_bytes = 10;
  const RecordBatch batch = decode({"<13>Jan 15 10:30:00 h a: 0123456789abc"});
  EXPECT_EQ(batch.line(0), "0123456789");
  EXPECT_EQ(decoder_.num_cut(), 1U);
}

TEST_F(SyslogDecoderTest, CountsFormats) {
  decode({"<13>1 - - - - - - x", "<13>Jan 15 10:30:00 h a: x", "x", "<13>y"});
  EXPECT_EQ(decoder_.take_counts(), (std::array<std::uint64_t, kNumFormats>{1, 2, 1}));
  EXPECT_EQ(decoder_.take_counts(), (std::array<std::uint64_t, kNumFormats>{}));
}

// More streams than are remembered, in random order: each record is in the stream of its labels.
TEST_F(SyslogDecoderTest, ForgottenStreamsComeBack) {
  std::mt19937_64 random(1);
  for (int run = 0; run < 20; ++run) {
    std::vector<std::string> messages;
    for (int i = 0; i < 200; ++i) {
      messages.push_back(fmt::format("<{}>Jan 15 10:30:00 h{} a{}: {}", random() % 192,
                                     random() % 3, random() % 3, messages.size()));
    }
    const RecordBatch batch = decode(messages);
    ASSERT_EQ(batch.num_rows(), messages.size());
    for (RowIndex row = 0; row < batch.num_rows(); ++row) {
      ASSERT_EQ(batch.line(row), std::to_string(row));
      const Labels& labels = batch.stream(row).labels;
      ASSERT_NE(messages[row].find(fmt::format(" {} {}: ", labels.get("host"), labels.get("app"))),
                std::string::npos);
    }
  }
}

TEST_F(SyslogDecoderTest, AnyBytesBecomeOneRecordPerMessage) {
  std::mt19937_64 random(2);
  const std::string pieces[] = {"<13>",
                                "1 ",
                                "Jan 15 10:30:00 ",
                                "2024-01-15T10:30:00Z ",
                                "- ",
                                "host ",
                                "app: ",
                                "[a b=\"c\"] ",
                                "[a b=\"",
                                "\\",
                                "\"",
                                "]",
                                "%A-5-B: ",
                                "29: ",
                                "*",
                                "UTC: ",
                                "\xEF\xBB\xBF",
                                "\xC3",
                                "x",
                                "\n",
                                "HOST. ",
                                "app[1]: "};
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> messages;
    for (int i = 0; i < 20; ++i) {
      std::string message;
      for (std::uint64_t n = random() % 12; n > 0; --n)
        message += pieces[random() % std::size(pieces)];
      messages.push_back("m" + message);
      messages.push_back(message + "m");
    }
    ASSERT_EQ(decode(messages).num_rows(), messages.size());
  }
}

}  // namespace
}  // namespace livedata::ingest::syslog
