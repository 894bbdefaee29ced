#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/api/hec/routes.h"
#include "server/tests/door_fixture.h"

namespace livedata::server::hec {
namespace {

using testing::ElementsAre;

const std::pair<std::string, std::string> kChannel = {"x-splunk-request-channel", "c-1"};
constexpr const char* kSuccess = R"({"text":"Success","code":0})";

class HecRoutesTest : public DoorTest {
 protected:
  HecRoutesTest() { add_routes(context(), router_); }
};

TEST_F(HecRoutesTest, EveryPath) {
  for (const char* path : {"", "/event", "/event/1.0"}) {
    const Response response =
        send("POST", std::string("/services/collector") + path, R"({"event":"an event"})");
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.body, kSuccess) << path;
    EXPECT_EQ(response.content_type, "application/json; charset=UTF-8");
  }
  for (const char* path : {"/raw", "/raw/1.0"}) {
    EXPECT_EQ(
        send("POST",
             std::string("/services/collector") + path + "?host=h&sourcetype=s&source=f&index=i",
             "a line\n")
            .body,
        kSuccess)
        << path;
  }
  EXPECT_EQ(lines(R"(index="main")").size(), 3U);
  EXPECT_EQ(
      lines(R"({host="h", index="i", service_name="unknown_service", source="f", sourcetype="s"})")
          .size(),
      2U);
  for (const char* path : {"/health", "/health/1.0"}) {
    EXPECT_EQ(send("GET", std::string("/services/collector") + path).body,
              R"({"text":"HEC is healthy","code":17})");
  }
  EXPECT_EQ(send("OPTIONS", "/services/collector/event/1.0").status, 200);
}

TEST_F(HecRoutesTest, TheFormsOfRefusals) {
  struct Case {
    const char* body;
    const char* answer;
  };
  for (const Case& c :
       {Case{"", R"({"text":"No data","code":5})"},
        Case{"x", R"({"text":"Invalid data format","code":6,"invalid-event-number":0})"},
        Case{R"({"event":"kept"}{"event":""})",
             R"({"text":"Event field cannot be blank","code":13,"invalid-event-number":1})"},
        Case{"{}", R"({"text":"Event field is required","code":12,"invalid-event-number":0})"}}) {
    const Response response = send("POST", "/services/collector", c.body, {kChannel});
    EXPECT_EQ(response.status, 400) << c.body;
    EXPECT_EQ(response.body, c.answer) << c.body;
  }
  EXPECT_THAT(lines(""), ElementsAre("kept"));
  const Response damaged = send("POST", "/services/collector", "x", {{"content-encoding", "gzip"}});
  EXPECT_EQ(damaged.body, R"({"text":"Invalid data format","code":6})");
}

TEST_F(HecRoutesTest, AStoreThatRefusesIsBusy) {
  ASSERT_TRUE(store_->close());
  for (const char* path : {"/services/collector", "/services/collector/raw"}) {
    const Response response = send("POST", path, R"({"event":"x"})", {kChannel});
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.body, R"({"text":"Server is busy","code":9})");
    EXPECT_EQ(header(response, "Retry-After"), "1");
  }
}

TEST_F(HecRoutesTest, RequestsWithAChannelAreAcknowledged) {
  EXPECT_EQ(send("POST", "/services/collector", R"({"event":"x"})", {kChannel}).body,
            R"({"text":"Success","code":0,"ackId":0})");
  EXPECT_EQ(send("POST", "/services/collector/raw?channel=c-1", "x").body,
            R"({"text":"Success","code":0,"ackId":1})");
  EXPECT_EQ(send("POST", "/services/collector/ack?channel=c-1", R"({"acks":[0,1]})").body,
            R"({"acks":{"0":true,"1":true}})");
  EXPECT_EQ(send("POST", "/services/collector/ack", R"({"acks":[]})", {kChannel}).body,
            R"({"acks":{}})");
  EXPECT_EQ(send("POST", "/services/collector/ack", R"({"acks":[0]})").body,
            R"({"text":"Data channel is missing","code":10})");
  for (const char* body :
       {"", "[]", "{}", R"({"acks":0})", R"({"acks":["0"]})", R"({"acks":[-1]})"})
    EXPECT_EQ(send("POST", "/services/collector/ack", body, {kChannel}).body,
              R"({"text":"Invalid data format","code":6})")
        << body;
  EXPECT_EQ(
      send("POST", "/services/collector?channel=" + std::string(300, 'c'), R"({"event":"x"})").body,
      R"({"text":"Invalid data channel","code":11})");
}

}  // namespace
}  // namespace livedata::server::hec
