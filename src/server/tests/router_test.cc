#include "server/http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    const auto answer = [](std::string body) {
      return [body = std::move(body)](const Request&) { return Response::text(200, body); };
    };
    router_.add("GET", "/only-get", answer("get"));
    router_.add("GET|POST", "/both", answer("both"), Lane::kQuery);
    router_.add("PUT", "/split", answer("put"));
    router_.add("DELETE", "/split", answer("delete"));
    router_.add_wildcard(
        "GET", "/label/*/values",
        [](const Request&, std::string_view name) {
          return Response::text(200, "values of " + std::string(name));
        },
        Lane::kQuery);
  }

  static Request request(std::string method, std::string path) {
    Request out;
    out.method = std::move(method);
    out.path = std::move(path);
    return out;
  }
  Response send(const std::string& method, const std::string& path) {
    return router_.handle(request(method, path));
  }

  MetricRegistry metrics_;
  Router router_{metrics_};
};

TEST_F(RouterTest, ByMethodAndPath) {
  EXPECT_EQ(send("GET", "/only-get").body, "get");
  EXPECT_EQ(send("POST", "/both").body, "both");
  EXPECT_EQ(send("PUT", "/split").body, "put");
  EXPECT_EQ(send("DELETE", "/split").body, "delete");
}

TEST_F(RouterTest, HeadGoesWithGet) {
  EXPECT_EQ(send("HEAD", "/only-get").status, 200);
  EXPECT_EQ(send("HEAD", "/split").status, 405);
}

TEST_F(RouterTest, AWildcardStandsForOnePart) {
  EXPECT_EQ(send("GET", "/label/app/values").body, "values of app");
  EXPECT_EQ(send("GET", "/label/values/values").body, "values of values");
  for (const char* path : {"/label//values", "/label/values", "/label/a/b/values", "/label/a/value",
                           "/label/a/values/", "x/label/a/values"})
    EXPECT_EQ(send("GET", path).status, 404) << path;
}

TEST_F(RouterTest, PatternsHoldSeveralWildcards) {
  const auto list = [](const Request&, const PathParts& parts) {
    std::string text;
    for (const std::string_view part : parts) text.append("[").append(part).append("]");
    return Response::text(200, text);
  };
  router_.add_pattern("PUT", "/*/_doc/*", list);
  router_.add_pattern("PUT", "/_cat/**", list);
  router_.add_pattern("PUT", "/x_*.y/**", list);
  EXPECT_EQ(send("PUT", "/a/_doc/b").body, "[a][b]");
  EXPECT_EQ(send("PUT", "/_doc/_doc/_doc").body, "[_doc][_doc]");
  EXPECT_EQ(send("PUT", "/_cat").body, "[]");
  EXPECT_EQ(send("PUT", "/_cat/").body, "[]");
  EXPECT_EQ(send("PUT", "/_cat/a").body, "[a]");
  EXPECT_EQ(send("PUT", "/_cat/a//b/").body, "[a//b/]");
  EXPECT_EQ(send("PUT", "/x_1.y/z").body, "[1][z]");
  for (const char* path : {"/a/_doc", "/a/_doc/", "//_doc/b", "/a/_doc/b/c", "/a/_doc/b/", "/_cats",
                           "/x_.y/z", "/x_1/z", "a/_doc/b"})
    EXPECT_EQ(send("PUT", path).status, 404) << path;
}

TEST_F(RouterTest, AConditionLetsOthersHaveTheRequest) {
  const auto says = [](std::string text) {
    return [text = std::move(text)](const Request&, const PathParts&) {
      return Response::text(200, text);
    };
  };
  const auto is_special = [](const Request& r) { return r.header("x-special") == "1"; };
  router_.add_pattern("GET", "/", says("special"), is_special, Lane::kQuery);
  router_.set_fallback([](const Request&) { return Response::text(200, "page"); });
  Request special = request("GET", "/");
  special.headers = {{"x-special", "1"}};
  EXPECT_EQ(router_.handle(special).body, "special");
  EXPECT_EQ(router_.lane(special), Lane::kQuery);
  EXPECT_EQ(send("GET", "/").body, "page");
  EXPECT_EQ(router_.lane(request("GET", "/")), Lane::kIngest);
  EXPECT_EQ(send("POST", "/").status, 404);
  special.method = "POST";
  EXPECT_EQ(router_.handle(special).status, 405);
}

TEST_F(RouterTest, HeadMayHaveARouteOfItsOwn) {
  router_.add("HEAD", "/own", [](const Request&) { return Response::text(200, "head"); });
  router_.add("GET", "/own", [](const Request&) { return Response::text(200, "get"); });
  EXPECT_EQ(send("HEAD", "/own").body, "head");
  EXPECT_EQ(send("GET", "/own").body, "get");
}

TEST_F(RouterTest, AnUnknownPathIsNotFound) {
  for (const char* path : {"", "/", "/only-get/", "/ONLY-GET", "/only"})
    EXPECT_EQ(send("GET", path).status, 404) << path;
  EXPECT_THAT(send("GET", "/nothing").body, HasSubstr("/nothing"));
}

TEST_F(RouterTest, AnotherMethodIsToldWhatIsAllowed) {
  struct Case {
    const char* method;
    const char* path;
    const char* allowed;
  };
  for (const Case& c : {Case{"POST", "/only-get", "GET"}, Case{"DELETE", "/both", "GET, POST"},
                        Case{"GET", "/split", "PUT, DELETE"}, Case{"get", "/only-get", "GET"},
                        Case{"PUT", "/label/a/values", "GET"}}) {
    const Response response = send(c.method, c.path);
    EXPECT_EQ(response.status, 405) << c.path;
    EXPECT_THAT(response.headers, ElementsAre(Pair("Allow", c.allowed))) << c.path;
  }
}

TEST_F(RouterTest, TheFallbackTakesGetOutsideOfTheApis) {
  router_.set_fallback([](const Request&) { return Response::text(200, "page"); });
  EXPECT_EQ(send("GET", "/anything").body, "page");
  EXPECT_EQ(send("HEAD", "/anything").body, "page");
  EXPECT_EQ(send("GET", "/only-get").body, "get");
  EXPECT_EQ(send("POST", "/anything").status, 404);
  EXPECT_EQ(send("POST", "/only-get").status, 405);
  EXPECT_EQ(send("GET", "/api/x").status, 404);
  EXPECT_EQ(send("GET", "/loki/api/v1/x").status, 404);
  EXPECT_EQ(send("GET", "/services/x").status, 404);
  EXPECT_EQ(send("GET", "/_x").status, 404);
}

TEST_F(RouterTest, Lanes) {
  EXPECT_EQ(router_.lane(request("GET", "/both")), Lane::kQuery);
  EXPECT_EQ(router_.lane(request("GET", "/label/a/values")), Lane::kQuery);
  EXPECT_EQ(router_.lane(request("GET", "/only-get")), Lane::kIngest);
  EXPECT_EQ(router_.lane(request("GET", "/nothing")), Lane::kIngest);
}

TEST_F(RouterTest, CountsByRouteAndStatus) {
  send("GET", "/label/a/values");
  send("GET", "/label/b/values");
  send("GET", "/nothing");
  const std::string text = metrics_.render();
  EXPECT_THAT(
      text, HasSubstr("livedata_http_requests_total{route=\"/label/*/values\",status=\"200\"} 2"));
  EXPECT_THAT(text, HasSubstr("livedata_http_requests_total{route=\"other\",status=\"404\"} 1"));
}

}  // namespace
}  // namespace livedata::server
