#include <libdeflate.h>
#include <zstd.h>

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/fluent/event_time.h"
#include "ingest/fluent/message.h"
#include "ingest/fluent/value_text.h"
#include "ingest/tests/msgpack_text.h"

namespace livedata::ingest::fluent {
namespace {

using namespace testing_values;  // NOLINT(google-build-using-namespace)
using testing::ElementsAre;
using testing::HasSubstr;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

std::string gzip(const std::string& text) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(compressor, text.size()), '\0');
  out.resize(
      libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

std::string json_of(const std::string& value) {
  std::string out;
  MsgpackReader reader(value);
  append_json(reader, out);
  return out;
}

class FluentMessageTest : public testing::Test {
 protected:
  void read(const std::string& message) {
    RecordIntake intake(context_);
    ExpansionBudget budget = budget_;
    const auto ack = read_message(message, seconds_, budget, intake);
    error_ = ack ? "" : ack.error().message;
    ack_ = ack.value_or("");
    decoded_ = intake.take();
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (RowIndex row = 0; row < decoded_.batch.num_rows(); ++row)
      out.emplace_back(decoded_.batch.line(row));
    return out;
  }
  std::string labels(RowIndex row = 0) const {
    return decoded_.batch.stream(row).labels.to_string();
  }
  std::string field(std::string_view name, RowIndex row = 0) const {
    const auto value = decoded_.batch.field(row, name);
    return value ? to_string(*value) : "none";
  }
  std::string reason() const {
    return decoded_.rejected.empty() ? "" : decoded_.rejected[0].reason;
  }

  Limits limits_;
  DecodeContext context_{limits_, kNow};
  ExpansionBudget budget_{1'000'000, 1000};
  WholeSeconds seconds_;
  Decoded decoded_;
  std::string ack_;
  std::string error_;
};

// The four examples of the protocol's specification, "Carrier Modes".
TEST_F(FluentMessageTest, MessageMode) {
  read(array({str("tag.name"), num(1441588984), map({{"message", str("bar")}}),
              map({{"option", str("optional")}})}));
  EXPECT_THAT(lines(), ElementsAre("bar"));
  EXPECT_EQ(labels(), R"({service_name="unknown_service", tag="tag.name"})");
  EXPECT_EQ(decoded_.batch.timestamps()[0], 1'441'588'984 * kNsPerSecond);
  EXPECT_EQ(ack_, "");
}

TEST_F(FluentMessageTest, ForwardMode) {
  read(array({str("tag.name"),
              array({array({num(1441588984), map({{"message", str("foo")}})}),
                     array({num(1441588985), map({{"message", str("bar")}})}),
                     array({num(1441588986), map({{"message", str("baz")}})})}),
              map({{"size", num(3)}})}));
  EXPECT_THAT(lines(), ElementsAre("foo", "bar", "baz"));
  EXPECT_EQ(decoded_.batch.timestamps()[2], 1'441'588'986 * kNsPerSecond);
}

TEST_F(FluentMessageTest, PackedForwardMode) {
  const std::string events = array({event_time(1441588984, 5), map({{"message", str("foo")}})}) +
                             array({num(1441588985), map({{"message", str("bar")}})});
  for (const std::string& packed : {bin(events), str(events)}) {
    read(array({str("tag.name"), packed, map({{"chunk", str("p8n9gmxTQVC8/nh2wlKKeQ==")}})}));
    EXPECT_THAT(lines(), ElementsAre("foo", "bar"));
    EXPECT_EQ(decoded_.batch.timestamps()[0], 1'441'588'984'000'000'005);
    EXPECT_EQ(ack_,
              "\x81\xa3"
              "ack"
              "\xb8"
              "p8n9gmxTQVC8/nh2wlKKeQ==");
  }
  read(array({str("tag.name"), bin(events)}));
  EXPECT_EQ(lines().size(), 2U);
}

TEST_F(FluentMessageTest, CompressedPackedForwardMode) {
  const std::string one = array({num(1441588984), map({{"message", str("foo")}})});
  const std::string two = array({num(1441588985), map({{"message", str("bar")}})});
  const auto options = map({{"compressed", str("gzip")}});
  read(array({str("tag.name"), bin(gzip(one) + gzip(two)), options}));
  EXPECT_THAT(lines(), ElementsAre("foo", "bar"));
  read(array({str("t"), bin("no gzip"), map({{"compressed", str("gzip")}, {"chunk", str("c")}})}));
  EXPECT_EQ(reason(), "invalid_message");
  EXPECT_NE(ack_, "");  // sending it again would help nobody
  budget_.bytes = 1000;
  read(array({str("t"), bin(gzip(std::string(5000, '\xc0'))), options}));
  EXPECT_EQ(reason(), "invalid_message");
  EXPECT_THAT(decoded_.rejected[0].message, HasSubstr("larger than 1000 bytes"));
  budget_.bytes = 1000;
  read(array({str("t"), bin(zstd(one) + zstd(two)), map({{"compressed", str("zstd")}})}));
  EXPECT_THAT(lines(), ElementsAre("foo", "bar"));
  read(array({str("t"), bin(one), map({{"compressed", str("snappy")}})}));
  EXPECT_THAT(error_, HasSubstr("'snappy' is not supported"));
}

TEST_F(FluentMessageTest, TimesOfAllKinds) {
  const auto time = [](const std::string& bytes) {
    return read_event_time(*MsgpackReader(bytes).next(), kNow);
  };
  EXPECT_EQ(time("\x05"), 5 * kNsPerSecond);
  EXPECT_EQ(time("\xff"), -kNsPerSecond);
  EXPECT_EQ(time(event_time(7, 999'999'999)), 8 * kNsPerSecond - 1);
  EXPECT_EQ(time(std::string("\xc7\x08\0", 3) + big_endian(7, 4) + big_endian(1, 4)),
            7 * kNsPerSecond + 1);
  EXPECT_EQ(time("\xcb" + big_endian(std::bit_cast<std::uint64_t>(1.5), 8)), 1'500'000'000);
  EXPECT_EQ(time(num(0)), kNow);
  EXPECT_EQ(time(event_time(0, 0)), kNow);
  EXPECT_EQ(time(nil()), kNow);
  for (const std::string& none :
       {str("1"), event_time(7, 1'000'000'000), num(UINT64_MAX), num(INT64_MAX),
        "\xd7\x01" + big_endian(0, 8), std::string("\xd6\0\1\1\1\1", 6),
        "\xcb" + big_endian(std::bit_cast<std::uint64_t>(1e300), 8),
        "\xcb" + big_endian(0x7ff8000000000000, 8)}) {
    EXPECT_FALSE(time(none).has_value()) << testing::PrintToString(none);
  }
}

TEST_F(FluentMessageTest, EventsOfOneSecondStayApart) {
  const std::string event = array({num(5), map({{"log", str("same")}})});
  const std::string exact = array({event_time(5, 7), map({{"log", str("same")}})});
  read(array({str("t"), bin(event + array({num(6), map({})}) + event + exact + exact)}));
  EXPECT_THAT(decoded_.batch.timestamps(),
              ElementsAre(5 * kNsPerSecond, 6 * kNsPerSecond, 5 * kNsPerSecond + 1,
                          5 * kNsPerSecond + 7, 5 * kNsPerSecond + 7));
}

TEST_F(FluentMessageTest, WholeSecondsAreSharedWithEarlierMessages) {
  const auto times = [&](const std::string& options) {
    const std::string event = array({num(5), map({{"log", str("same")}})});
    read(array({str("t"), bin(event + event), options}));
    std::vector<TimestampNs> nanoseconds;
    for (const TimestampNs time : decoded_.batch.timestamps())
      nanoseconds.push_back(time - 5 * kNsPerSecond);
    return nanoseconds;
  };
  EXPECT_THAT(times(map({})), ElementsAre(0, 1));
  EXPECT_THAT(times(map({})), ElementsAre(2, 3));
  const auto one = map({{"chunk", str("one")}});
  const auto two = map({{"chunk", str("two")}});
  EXPECT_THAT(times(one), ElementsAre(4, 5));
  EXPECT_THAT(times(two), ElementsAre(6, 7));
  // Sent again.
  EXPECT_THAT(times(one), ElementsAre(4, 5));
  EXPECT_THAT(times(map({})), ElementsAre(8, 9));
  // Without a time they have that of their arrival, and stay apart as well.
  for (TimestampNs i = 0; i < 3; ++i) {
    read(array({str("t"), nil(), map({{"log", str("same")}})}));
    EXPECT_EQ(decoded_.batch.timestamps()[0], kNow + i);
  }
}

TEST_F(FluentMessageTest, LinesAreLogElseMessageElseMsgElseTheRecord) {
  const auto line = [&](const std::string& record) {
    read(array({str("t"), num(1), record}));
    return std::string(decoded_.batch.line(0));
  };
  EXPECT_EQ(line(map({{"msg", str("c")}, {"message", str("b")}, {"log", str("a\n")}})), "a");
  EXPECT_EQ(field("message"), "b");
  EXPECT_EQ(field("log"), "none");
  EXPECT_EQ(line(map({{"msg", str("c")}, {"message", bin("b\xff")}})), "b\xff");
  EXPECT_EQ(line(map({{"message", num(5)}, {"msg", str("c")}})), "c");
  EXPECT_EQ(field("message"), "5");
  EXPECT_EQ(line(map({{"a", num(1)}, {"b", array({str("x\"\n"), nil(), "\xc3"})}})),
            R"({"a":1,"b":["x\"\n",null,true]})");
  EXPECT_EQ(field("b"), R"(["x\"\n",null,true])");
  EXPECT_EQ(line(map({})), "{}");
}

TEST_F(FluentMessageTest, KnownKeysBecomeLabelsAndTheRestTypedFields) {
  read(array({str("kube.web"), num(1),
              map({{"log", str("x")},
                   {"stream", str("stdout")},
                   {"status", num(200)},
                   {"took", "\xcb" + big_endian(std::bit_cast<std::uint64_t>(0.25), 8)},
                   {"cached", "\xc2"},
                   {"big", num(UINT64_MAX)},
                   {"none", nil()},
                   {"host", str("web1")},
                   {"hostname", str("other")},
                   {"kubernetes", map({{"pod_name", str("web-1")},
                                       {"namespace_name", str("shop")},
                                       {"container_name", str("nginx")},
                                       {"host", str("node7")},
                                       {"pod_id", str("123")},
                                       {"labels", map({{"app.kubernetes.io/name", str("web")},
                                                       {"tier", str("front")}})}})}})}));
  EXPECT_EQ(labels(),
            R"({app="web", container="nginx", host="web1", namespace="shop", node="node7", )"
            R"(pod="web-1", service_name="web", tag="kube.web"})");
  EXPECT_EQ(field("status"), "200");
  EXPECT_TRUE(std::holds_alternative<std::int64_t>(*decoded_.batch.field(0, "status")));
  EXPECT_TRUE(std::holds_alternative<double>(*decoded_.batch.field(0, "took")));
  EXPECT_TRUE(std::holds_alternative<bool>(*decoded_.batch.field(0, "cached")));
  EXPECT_TRUE(std::holds_alternative<double>(*decoded_.batch.field(0, "big")));
  EXPECT_EQ(field("none"), "none");
  EXPECT_EQ(field("hostname"), "other");
  EXPECT_EQ(field("kubernetes_pod_id"), "123");
  EXPECT_EQ(field("kubernetes_labels_tier"), "front");
  read(array({str("docker"), num(1),
              map({{"container_name", str("/web")}, {"log", str("x")}, {"service", str("s")}})}));
  EXPECT_EQ(labels(), R"({container_name="web", service_name="s", tag="docker"})");
  read(array({str("t"), num(1), map({{"kubernetes.pod_name", str("p")}, {"log", str("x")}})}));
  EXPECT_EQ(decoded_.batch.stream(0).labels.get("pod"), "p");
}

TEST_F(FluentMessageTest, MetadataOfFluentBitIsReadToo) {
  read(array(
      {str("t"),
       array({array({array({event_time(9, 1), map({{"otlp", map({{"severity_number", num(9)}})}})}),
                     map({{"log", str("x")}})})})}));
  EXPECT_THAT(lines(), ElementsAre("x"));
  EXPECT_EQ(decoded_.batch.timestamps()[0], 9 * kNsPerSecond + 1);
  EXPECT_EQ(field("otlp_severity_number"), "9");
}

TEST_F(FluentMessageTest, AWrongEventIsRejectedAlone) {
  const std::string good = array({num(1), map({{"log", str("good")}})});
  read(array({str("t"),
              array({good, num(5), array({num(1)}), array({str("x"), map({})}),
                     array({num(1), str("no map")}), array({array({num(1)}), map({})}), good}),
              map({{"chunk", str("c")}})}));
  EXPECT_THAT(lines(), ElementsAre("good", "good"));
  EXPECT_EQ(decoded_.num_rejected(), 5U);
  EXPECT_EQ(reason(), "invalid_record");
  EXPECT_NE(ack_, "");
  // The stream of events ends where it is damaged.
  read(array({str("t"), bin(good + "\xc1" + good)}));
  EXPECT_THAT(lines(), ElementsAre("good"));
  EXPECT_EQ(reason(), "invalid_message");
  read(array({str("t"), bin(good + good.substr(0, 5))}));
  EXPECT_THAT(lines(), ElementsAre("good"));
  EXPECT_EQ(reason(), "invalid_message");
}

TEST_F(FluentMessageTest, WrongMessagesAreRejected) {
  const std::string record = map({{"log", str("x")}});
  for (const std::string& message :
       {array({str("t")}), array({num(1), num(1), record}), array({str("t"), num(1)}),
        array({str("t"), num(1), record, num(1)}),
        array({str("t"), num(1), record, map({{"chunk", str(std::string(2000, 'x'))}})}),
        array({str("t"), num(1), record, nil(), nil()})}) {
    read(message);
    EXPECT_EQ(decoded_.batch.num_rows(), 0U);
    EXPECT_NE(error_, "") << testing::PrintToString(message);
    EXPECT_EQ(ack_, "");
  }
  read(array({str("t"), bin("\x80"), map({{"fluent_signal", num(1)}, {"chunk", str("c")}})}));
  EXPECT_EQ(reason(), "unsupported_signal");
  EXPECT_NE(ack_, "");
}

TEST_F(FluentMessageTest, TheNumberOfEventsIsBounded) {
  budget_.records = 3;
  std::string events;
  for (int i = 0; i < 10; ++i) events += array({num(1), map({})});
  read(array({str("t"), bin(events)}));
  EXPECT_EQ(decoded_.batch.num_rows(), 3U);
  EXPECT_EQ(reason(), "too_many_records");
  EXPECT_EQ(decoded_.num_rejected(), 7U);
}

TEST_F(FluentMessageTest, WorkForOneRecordIsBounded) {
  // 60,000 members below a name of a megabyte would be 60 GB of names.
  std::vector<std::pair<std::string, std::string>> members(60'000, {"", num(1)});
  read(array({str("t"), num(1441588984),
              map({{"log", str("x")}, {std::string(1'000'000, 'n'), map(members)}})}));
  EXPECT_EQ(reason(), "structured_metadata_too_large");
}

TEST(MsgpackTest, ReadsAllForms) {
  EXPECT_EQ(json_of("\x7f"), "127");
  EXPECT_EQ(json_of("\xe0"), "-32");
  EXPECT_EQ(json_of("\xcc\xff"), "255");
  EXPECT_EQ(json_of("\xcd\xff\xff"), "65535");
  EXPECT_EQ(json_of("\xce\xff\xff\xff\xff"), "4294967295");
  EXPECT_EQ(json_of("\xcf" + std::string(8, '\xff')), "18446744073709551615");
  EXPECT_EQ(json_of("\xd0\x80"), "-128");
  EXPECT_EQ(json_of("\xd1\xff\xfe"), "-2");
  EXPECT_EQ(json_of("\xd2\xff\xff\xff\xfd"), "-3");
  EXPECT_EQ(json_of("\xd3" + std::string(7, '\xff') + "\xfc"), "-4");
  EXPECT_EQ(json_of("\xca\x3f\xc0" + std::string(2, '\0')), "1.5");
  EXPECT_EQ(json_of("\xcb\x7f\xf0" + std::string(6, '\0')), "null");
  EXPECT_EQ(json_of("\xa2hi"), "\"hi\"");
  EXPECT_EQ(json_of("\xd9\x02hi"), "\"hi\"");
  EXPECT_EQ(json_of(std::string("\xda\x00\x02hi", 5)), "\"hi\"");
  EXPECT_EQ(json_of(std::string("\xdb\x00\x00\x00\x02hi", 7)), "\"hi\"");
  EXPECT_EQ(json_of("\xc4\x02hi"), "\"hi\"");
  EXPECT_EQ(json_of(std::string("\xc5\x00\x02hi", 5)), "\"hi\"");
  EXPECT_EQ(json_of(std::string("\xc6\x00\x00\x00\x02hi", 7)), "\"hi\"");
  EXPECT_EQ(json_of("\xd4\x05\xab"), "\"ab\"");
  EXPECT_EQ(json_of("\xc7\x02\x05\xab\xcd"), "\"abcd\"");
  EXPECT_EQ(json_of(std::string("\xd7\0\0\0\0\1\0\0\0\0", 10)), "\"1970-01-01T00:00:01Z\"");
  EXPECT_EQ(json_of("\x92\x01\x81\xa1k\xc0"), R"([1,{"k":null}])");
  EXPECT_EQ(json_of(std::string("\xdd\0\0\0\1\1", 6)), "[1]");
  EXPECT_EQ(json_of(std::string("\xdf\0\0\0\1\1\2", 7)), R"({"1":2})");
  EXPECT_EQ(json_of("\x81\x81\x01\x02\x03"), R"({"object":3})");
  EXPECT_EQ(json_of("\xa2\x01\x1f"), R"("\u0001\u001f")");
}

TEST(MsgpackTest, FramesComeOutOfPiecesAndDepthIsBounded) {
  const std::string value =
      array({str(std::string(100, 'x')), map({{"k", array({num(1), nil()})}})});
  MsgpackFramer framer;
  for (std::size_t size = 0; size < value.size(); ++size)
    ASSERT_EQ(framer.find_end(value.substr(0, size)).value(), std::nullopt) << size;
  EXPECT_EQ(framer.find_end(value + "more").value(), value.size());
  std::string deep(kMaxMsgpackDepth, '\x91');
  EXPECT_EQ(MsgpackFramer().find_end(deep + "\xc0").value(), kMaxMsgpackDepth + 1);
  EXPECT_FALSE(MsgpackFramer().find_end("\x91" + deep + "\xc0").has_value());
  EXPECT_FALSE(MsgpackFramer().find_end("\xc1").has_value());
  // Sizes that are only claimed cost nothing.
  EXPECT_EQ(MsgpackFramer().find_end("\xdf\xff\xff\xff\xff\xdd\xff\xff\xff\xff").value(),
            std::nullopt);
  EXPECT_EQ(MsgpackFramer().find_end("\xdb\xff\xff\xff\xff").value(), std::nullopt);
}

std::string random_value(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 4 ? 6 : 8)) {
    case 0:
      return nil();
    case 1:
      return num(random());
    case 2:
      return random() % 2 == 0 ? "\xc2" : "\xc3";
    case 3:
      return event_time(random() % 100, random() % 100);
    case 4:
      return "\xcb" + big_endian(random(), 8);
    case 5: {
      std::string text;
      for (std::uint64_t n = random() % 60; n > 0; --n) text += static_cast<char>(random() % 256);
      return random() % 2 == 0 ? str(text) : bin(text);
    }
    case 6: {
      std::vector<std::string> values;
      for (std::uint64_t n = random() % 4; n > 0; --n)
        values.push_back(random_value(random, depth + 1));
      return array(values);
    }
    default: {
      std::vector<std::pair<std::string, std::string>> members;
      for (std::uint64_t n = random() % 4; n > 0; --n)
        members.emplace_back("k" + std::to_string(random() % 5), random_value(random, depth + 1));
      return map(members);
    }
  }
}

TEST_F(FluentMessageTest, EveryRecordIsTakenAndDamageIsRejected) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::pair<std::string, std::string>> members = {{"log", str("line")}};
    for (std::uint64_t n = random() % 6; n > 0; --n)
      members.emplace_back("m" + std::to_string(n), random_value(random, 0));
    std::string message = array({str("t"), event_time(1 + random() % 1000, 1), map(members)});
    read(message);
    ASSERT_EQ(decoded_.batch.num_rows(), 1U);
    ASSERT_EQ(decoded_.batch.line(0), "line");
    for (int bad = 0; bad < 5; ++bad) {
      std::string damaged = message;
      damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
      const auto size = MsgpackFramer().find_end(damaged);
      if (size && *size) read(damaged.substr(0, **size));
    }
  }
}

}  // namespace
}  // namespace livedata::ingest::fluent
