#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/hec/events.h"

namespace livedata::ingest::hec {
namespace {

using testing::ElementsAre;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class HecEventsTest : public testing::Test {
 protected:
  Events decode(const std::string& body) { return decode_events(body, defaults_, context_); }
  /// The records of a body in which nothing is wrong.
  RecordBatch batch_of(const std::string& body) {
    Events events = decode(body);
    EXPECT_FALSE(events.refused.has_value()) << body;
    return std::move(events.decoded.batch);
  }
  /// "fault@number" of the first refusal.
  std::string refusal(const std::string& body) {
    const Events events = decode(body);
    if (!events.refused) return "";
    const std::string fault = std::to_string(static_cast<int>(events.refused->fault));
    return events.refused->event_number
               ? fault + "@" + std::to_string(*events.refused->event_number)
               : fault;
  }
  static std::vector<std::string> lines(const RecordBatch& batch) {
    std::vector<std::string> out;
    for (RowIndex row = 0; row < batch.num_rows(); ++row) out.emplace_back(batch.line(row));
    return out;
  }
  Limits limits_;
  Metadata defaults_;
  DecodeContext context_{limits_, kNow};
};

TEST_F(HecEventsTest, TakesAnEventWithItsMetadata) {
  const RecordBatch batch = batch_of(
      R"({"time":1700000000.123,"host":"web1","source":"/var/log/x","sourcetype":"access","index":"web",
          "event":"hello","fields":{"code":200,"ratio":0.5,"ok":true,"tags":["a","b"],"none":null}})");
  ASSERT_EQ(batch.num_rows(), 1U);
  EXPECT_EQ(batch.line(0), "hello");
  EXPECT_EQ(batch.timestamps()[0], kNow + 123'000'000);
  EXPECT_EQ(
      batch.stream(0).labels.to_string(),
      R"({host="web1", index="web", service_name="unknown_service", source="/var/log/x", sourcetype="access"})");
  EXPECT_EQ(std::get<std::int64_t>(*batch.field(0, "code")), 200);
  EXPECT_EQ(std::get<bool>(*batch.field(0, "ok")), true);
  EXPECT_EQ(to_string(*batch.field(0, "tags")), R"(["a","b"])");
  EXPECT_FALSE(batch.field(0, "none").has_value());
}

TEST_F(HecEventsTest, WhatIsAbsentHasDefaults) {
  EXPECT_EQ(
      batch_of(R"({"event":"x","host":null})").stream(0).labels.to_string(),
      R"({index="main", service_name="unknown_service", source="http", sourcetype="httpevent"})");
  defaults_ = {.index = "i", .sourcetype = "t", .source = "s", .host = "h"};
  const RecordBatch batch = batch_of(R"({"event":"x"}{"event":"y","index":"own","host":""})");
  EXPECT_EQ(batch.stream(0).labels.to_string(),
            R"({host="h", index="i", service_name="unknown_service", source="s", sourcetype="t"})");
  EXPECT_EQ(batch.stream(1).labels.get("index"), "own");
  EXPECT_EQ(batch.stream(1).labels.get("host"), "h");
}

TEST_F(HecEventsTest, FieldsNameTheService) {
  for (const char* name : {"service.name", "service_name", "service", "app"}) {
    const RecordBatch batch =
        batch_of(std::string(R"({"event":"x","fields":{")") + name + R"(":"shop","other":"y"}})");
    EXPECT_EQ(batch.stream(0).labels.get("service_name"), "shop") << name;
    EXPECT_EQ(to_string(*batch.field(0, "other")), "y");
  }
}

TEST_F(HecEventsTest, EventsMayBeAnything) {
  EXPECT_THAT(lines(batch_of(R"({"event":"text"}{"event":{"a":1,"b":"x"}}{"event":[1,2]}
                                {"event":5}{"event":false}{"event":{}})")),
              ElementsAre("text", R"({"a":1,"b":"x"})", "[1,2]", "5", "false", "{}"));
  EXPECT_EQ(to_string(*batch_of(R"({"event":{"severity":"error"}})").field(0, "detected_level")),
            "error");
  EXPECT_EQ(to_string(*batch_of(R"({"event":"x","unknown":{"a":1}})").field(0, "unknown_a")), "1");
}

TEST_F(HecEventsTest, EventsFollowEachOtherInAnyWay) {
  for (const char* body :
       {R"({"event":"a"}{"event":"b"})", "{\"event\":\"a\"}\n{\"event\":\"b\"}\n",
        " \r\n{\"event\":\"a\"}   {\"event\":\"b\"}\t", R"([{"event":"a"},{"event":"b"}])",
        R"([{"event":"a"}]{"event":"b"})", R"([{"event":"a"}][{"event":"b"}])"}) {
    EXPECT_THAT(lines(batch_of(body)), ElementsAre("a", "b")) << body;
  }
  EXPECT_THAT(lines(batch_of(R"({"event":"a } \" { b"}{"event":"\\"}{"event":"]"})")),
              ElementsAre("a } \" { b", "\\", "]"));
}

TEST_F(HecEventsTest, TimesOfEveryForm) {
  for (const char* time : {"1700000000", "1700000000.000", "\"1700000000\"", "\"1700000000.000\"",
                           "1700000000000", "\"2023-11-14T22:13:20Z\""}) {
    EXPECT_EQ(batch_of(std::string(R"({"event":"x","time":)") + time + "}").timestamps()[0], kNow)
        << time;
  }
  EXPECT_EQ(batch_of(R"({"event":"x","time":"1600000000.123456789"})").timestamps()[0],
            1'600'000'000'123'456'789);
  EXPECT_THAT(batch_of(R"({"event":"x"}{"event":"x","time":null})").timestamps(),
              ElementsAre(kNow, kNow + 1));
}

TEST_F(HecEventsTest, NamesTheFirstWrongEvent) {
  EXPECT_EQ(refusal(""), "5");
  EXPECT_EQ(refusal(" \n"), "5");
  EXPECT_EQ(refusal("[]"), "5");
  EXPECT_EQ(refusal("text"), "6@0");
  EXPECT_EQ(refusal("{\"event\":"), "6@0");
  EXPECT_EQ(refusal(R"({"event":"a"}{"event":)"), "6@1");
  EXPECT_EQ(refusal(R"({"event":"a"}{oh}{"event":"b"})"), "6@1");
  EXPECT_EQ(refusal(R"([{"event":"a"},5])"), "6@1");
  EXPECT_EQ(refusal(R"({"event":"a","time":"noon"})"), "6@0");
  EXPECT_EQ(refusal(R"({"event":"a"}{"host":"h"})"), "12@1");
  EXPECT_EQ(refusal(R"({"event":null})"), "12@0");
  EXPECT_EQ(refusal(R"({"event":"a"}{"event":"b"}{"event":""})"), "13@2");
  EXPECT_EQ(refusal(R"({"event":"a","fields":{"b":{"c":1}}})"), "15@0");
  EXPECT_EQ(refusal(R"({"event":"a","fields":"b"})"), "15@0");
  EXPECT_EQ(refusal(R"({"event":"a","index":")" + std::string(3000, 'i') + "\"}"), "7@0");
  EXPECT_EQ(refusal(R"({"event":"a","host":")" + std::string(3000, 'h') + "\"}"), "6@0");
  limits_.max_line_bytes = 3;
  EXPECT_EQ(refusal(R"({"event":"abc"}{"event":"abcd"})"), "6@1");
}

TEST_F(HecEventsTest, KeepsTheGoodEvents) {
  const Events events =
      decode(R"({"event":"a"}{"event":""}{broken}{"event":"b"}[{"event":"c"},5]{"event":"d"}{"ev)");
  EXPECT_THAT(lines(events.decoded.batch), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(events.decoded.num_rejected(), 4U);
  EXPECT_EQ(events.refused->event_number, 1U);
  EXPECT_EQ(events.refused->fault, Fault::kEventBlank);
}

TEST_F(HecEventsTest, RawTextIsLines) {
  defaults_.sourcetype = "syslog";
  const Events events = decode_raw("one\r\n\n  two\xff\n \nthree", defaults_, context_);
  EXPECT_FALSE(events.refused.has_value());
  EXPECT_THAT(lines(events.decoded.batch), ElementsAre("one", "  two\xff", "three"));
  EXPECT_THAT(events.decoded.batch.timestamps(), ElementsAre(kNow, kNow + 1, kNow + 2));
  EXPECT_EQ(events.decoded.batch.stream(0).labels.get("sourcetype"), "syslog");
  EXPECT_EQ(decode_raw(" \n", defaults_, context_).refused->fault, Fault::kNoData);
  limits_.max_line_bytes = 3;
  const Events partly = decode_raw("one\ntoo long\ntwo\n", defaults_, context_);
  EXPECT_EQ(partly.refused->event_number, 1U);
  EXPECT_EQ(partly.decoded.batch.num_rows(), 2U);
}

TEST_F(HecEventsTest, ManyUnclosedBracketsTakeLinearTime) {
  EXPECT_EQ(refusal(std::string(10'000'000, '[')), "6@0");
  std::string many;
  for (int i = 0; i < 500'000; ++i) many += "{}";
  EXPECT_EQ(decode(many).decoded.num_rejected(), 500'000U);
}

TEST_F(HecEventsTest, EveryEventIsCountedOnceWhateverComes) {
  std::mt19937_64 random(13);
  const std::string good =
      R"({"time":1700000000.5,"host":"h","event":"one","fields":{"a":1}} [{"event":{"b":[1]}},{"event":"x"}])";
  for (int round = 0; round < 20'000; ++round) {
    std::string bad = good;
    for (std::uint64_t n = 1 + random() % 4; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
    if (round % 3 == 0) bad.resize(random() % (bad.size() + 1));
    const Events events = decode(bad);
    ASSERT_EQ(events.refused.has_value(),
              events.decoded.num_rejected() > 0 || events.decoded.batch.num_rows() == 0)
        << bad;
  }
}

}  // namespace
}  // namespace livedata::ingest::hec
