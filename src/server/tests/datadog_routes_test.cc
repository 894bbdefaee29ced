#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/api/datadog/routes.h"
#include "server/tests/door_fixture.h"

namespace livedata::server::datadog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DatadogRoutesTest : public DoorTest {
 protected:
  DatadogRoutesTest() { add_routes(context(), router_); }
};

TEST_F(DatadogRoutesTest, EveryPath) {
  for (const char* path : {"/api/v2/logs", "/v1/input", "/v1/input/key", "/datadog/api/v2/logs",
                           "/datadog/v1/input", "/insert/datadog/api/v2/logs"}) {
    const Response response =
        send("POST", std::string(path) + "?service=s&ddsource=d&hostname=h&ddtags=env:e",
             R"([{"message":"x"}])", {{"content-type", "application/json"}});
    EXPECT_EQ(response.status, 202) << path;
    EXPECT_EQ(response.body, "{}") << path;
  }
  EXPECT_EQ(lines(R"({env="e", host="h", service_name="s", source="d"})").size(), 6U);
  EXPECT_EQ(send("GET", "/api/v1/validate").body, R"({"valid":true})");
}

TEST_F(DatadogRoutesTest, TheTypeOrTheLookTellsTheForm) {
  send("POST", "/v1/input", "{\"message\":\"a\"}", {{"content-type", "text/plain"}});
  send("POST", "/v1/input", " [{\"message\":\"b\"}]");
  send("POST", "/v1/input", "c\n");
  send("POST", "/v1/input", "{\"message\":\"d\"}", {{"content-type", "application/octet-stream"}});
  EXPECT_THAT(lines(""), testing::UnorderedElementsAre("{\"message\":\"a\"}", "b", "c", "d"));
  EXPECT_EQ(send("POST", "/v1/input", "c", {{"content-type", "application/json"}}).status, 400);
}

TEST_F(DatadogRoutesTest, TheFormsOfRefusals) {
  const Response partly = send("POST", "/api/v2/logs", R"([{"message":"kept"},5])");
  EXPECT_EQ(partly.status, 400);
  EXPECT_THAT(
      partly.body,
      HasSubstr(R"({"errors":[{"status":"400","title":"Bad Request","detail":"1 records refused)"));
  EXPECT_THAT(lines(""), ElementsAre("kept"));
  ASSERT_TRUE(store_->close());
  const Response busy = send("POST", "/api/v2/logs", R"([{"message":"x"}])");
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(header(busy, "Retry-After"), "1");
  EXPECT_THAT(busy.body, HasSubstr("Too Many Requests"));
  // The agent's question whether we are there.
  EXPECT_EQ(send("POST", "/api/v2/logs", "{}").status, 202);
}

}  // namespace
}  // namespace livedata::server::datadog
