#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/api/elastic/answer.h"
#include "server/api/elastic/client.h"
#include "server/api/elastic/routes.h"
#include "server/tests/door_fixture.h"

namespace livedata::server::elastic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

const std::pair<std::string, std::string> kJsClient = {"user-agent", "elasticsearch-js/8.17.0"};
const std::pair<std::string, std::string> kHtml = {"accept", "text/html,application/xhtml+xml"};

class ElasticRoutesTest : public DoorTest {
 protected:
  ElasticRoutesTest() {
    add_routes(context(), router_);
    router_.set_fallback([](const Request&) { return Response::text(200, "page"); });
  }
  static constexpr const char* kTwo =
      "{\"create\":{\"_index\":\"a\",\"_id\":\"7\"}}\n{\"message\":\"one\"}\n"
      "{\"index\":{}}\n{\"message\":\"two\"}\n";
};

TEST_F(ElasticRoutesTest, ABulkRequestIsStoredAndAnswered) {
  const Response response = send("POST", "/logs/_bulk", kTwo);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(header(response, "X-Elastic-Product"), "Elasticsearch");
  EXPECT_THAT(
      response.body,
      MatchesRegex(
          R"(\{"took":[0-9]+,"errors":false,"items":\[\{"create":\{"_index":"a","_id":"7","_version":1,"result":"created","_shards":\{"total":1,"successful":1,"failed":0\},"_seq_no":0,"_primary_term":1,"status":201\}\},\{"index":\{"_index":"logs","_id":"[0-9A-Za-z_-]+","_version":1.*"status":201\}\}\]\})"));
  EXPECT_THAT(lines(R"(index="a")"), ElementsAre("one"));
  EXPECT_THAT(lines(R"(index="logs")"), ElementsAre("two"));
}

TEST_F(ElasticRoutesTest, EveryPathOfBulk) {
  for (const char* prefix : {"", "/elasticsearch", "/insert/elasticsearch"}) {
    for (const char* path : {"/_bulk", "/i/_bulk", "/i/_doc/_bulk"}) {
      for (const char* method : {"POST", "PUT"}) {
        const Response response = send(method, std::string(prefix) + path, kTwo);
        EXPECT_EQ(response.status, 200) << prefix << path;
        EXPECT_THAT(response.body, HasSubstr(R"("errors":false)")) << prefix << path;
      }
    }
  }
  EXPECT_EQ(lines("").size(), 36U);
  EXPECT_EQ(lines(R"(index="elasticsearch")").size(), 0U);
}

TEST_F(ElasticRoutesTest, ErrorsStandAtTheirItems) {
  const Response response = send("POST", "/_bulk?filter_path=errors,items.*.error,items.*.status",
                                 "{\"index\":{\"_index\":\"a\"}}\n{\"message\":\"good\"}\n{"
                                 "\"index\":{\"_index\":\"a\"}}\n{oh\n"
                                 "{\"delete\":{\"_index\":\"a\",\"_id\":\"1\"}}\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(
      response.body,
      MatchesRegex(
          R"(\{"errors":true,"items":\[\{"index":\{"status":201\}\},\{"index":\{"status":400,"error":\{"type":"document_parsing_exception","reason":".*"\}\}\},\{"delete":\{"status":400,"error":\{"type":"illegal_argument_exception","reason":".*"\}\}\}\]\})"));
  EXPECT_THAT(lines(""), ElementsAre("good"));
  EXPECT_THAT(
      metrics_.render(),
      HasSubstr("livedata_records_rejected_total{source=\"bulk\",reason=\"invalid_record\"} 1"));
}

TEST_F(ElasticRoutesTest, WrongRequestsAreRefusedInItsForm) {
  const Response malformed = send("POST", "/_bulk", "nonsense\n");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_THAT(
      malformed.body,
      MatchesRegex(
          R"(\{"error":\{"root_cause":\[\{"type":"illegal_argument_exception","reason":"Malformed action/metadata line \[1\].*"\}\],"type":"illegal_argument_exception","reason":".*"\},"status":400\})"));
  EXPECT_EQ(send("POST", "/_bulk", "").status, 400);
  EXPECT_EQ(send("POST", "/_bulk", "x", {{"content-encoding", "gzip"}}).status, 400);
  EXPECT_EQ(send("POST", "/_bulk", "x", {{"content-encoding", "br"}}).status, 400);
  const Response unknown = send("GET", "/_unknown/thing");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(
      unknown.body,
      R"({"error":"no handler found for uri [/_unknown/thing] and method [GET]","status":400})");
  EXPECT_EQ(send("POST", "/elasticsearch/a/_search").status, 400);
}

TEST_F(ElasticRoutesTest, AStoreThatRefusesAsksToTryAgain) {
  ASSERT_TRUE(store_->close());
  for (const char* path : {"/_bulk", "/a/_doc"}) {
    const Response response = send("POST", path, kTwo);
    EXPECT_EQ(response.status, path[1] == '_' ? 429 : 400) << path;
  }
  const Response response = send("POST", "/a/_create/1", R"({"message":"x"})");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(header(response, "Retry-After"), "1");
  EXPECT_THAT(response.body, HasSubstr(R"("type":"es_rejected_execution_exception")"));
  EXPECT_THAT(response.body, HasSubstr(R"("status":429)"));
}

TEST_F(ElasticRoutesTest, SingleDocuments) {
  const Response made_up = send("POST", "/logs/_doc", R"({"message":"one"})");
  EXPECT_EQ(made_up.status, 201);
  EXPECT_THAT(
      made_up.body,
      MatchesRegex(
          R"(\{"_index":"logs","_id":"[0-9A-Za-z_-]+","_version":1,"result":"created","_shards":\{"total":1,"successful":1,"failed":0\},"_seq_no":0,"_primary_term":1\})"));
  EXPECT_NE(made_up.body, send("POST", "/logs/_doc", R"({"message":"two"})").body);
  EXPECT_THAT(send("PUT", "/logs/_doc/5", R"({"message":"three"})").body,
              HasSubstr(R"("_id":"5")"));
  EXPECT_EQ(send("PUT", "/logs/_create/6", R"({"message":"four"})").status, 201);
  const Response broken = send("POST", "/logs/_doc", "{broken");
  EXPECT_EQ(broken.status, 400);
  EXPECT_THAT(broken.body, HasSubstr("document_parsing_exception"));
  EXPECT_EQ(lines(R"(index="logs")").size(), 4U);
}

TEST_F(ElasticRoutesTest, TheRootIsThePageForPeopleOnly) {
  EXPECT_EQ(send("GET", "/", "", {kHtml}).body, "page");
  const Response info = send("GET", "/", "", {{"accept", "*/*"}});
  EXPECT_THAT(info.body, HasSubstr(R"("number":"8.)"));
  EXPECT_THAT(info.body, HasSubstr(R"("tagline":"You Know, for Search")"));
  EXPECT_EQ(header(info, "X-Elastic-Product"), "Elasticsearch");
  EXPECT_THAT(send("GET", "/", "", {kHtml, kJsClient}).body, HasSubstr("You Know"));
  for (const char* path : {"/elasticsearch", "/elasticsearch/", "/insert/elasticsearch/"})
    EXPECT_THAT(send("GET", path, "", {kHtml}).body, HasSubstr("You Know")) << path;
  EXPECT_EQ(send("HEAD", "/").status, 200);
}

TEST_F(ElasticRoutesTest, IndicesAreThereForItsClientsOnly) {
  EXPECT_EQ(header(send("HEAD", "/logs", "", {kJsClient}), "X-Elastic-Product"), "Elasticsearch");
  EXPECT_THAT(send("PUT", "/logs", "{}", {kJsClient}).body,
              HasSubstr(R"("shards_acknowledged":true,"index":"logs")"));
  EXPECT_EQ(send("GET", "/logs").body, "page");
  EXPECT_EQ(send("PUT", "/logs").status, 404);
  EXPECT_EQ(send("PUT", "/elasticsearch/logs").status, 200);
  EXPECT_EQ(send("POST", "/logs/_refresh").status, 200);
}

TEST_F(ElasticRoutesTest, WhatIsAskedBeforeSending) {
  struct Case {
    const char* path;
    const char* part;
  };
  for (const char* prefix : {"", "/elasticsearch"}) {
    for (const Case& c : {
             Case{"/_license", R"("type":"basic")"},
             Case{"/_xpack", R"("ilm":{"available":true,"enabled":true})"},
             Case{"/_nodes/http", R"("publish_address":"h:1")"},
             Case{"/_nodes", R"("_nodes":{"total":1)"},
             Case{"/_cluster/health", R"("status":"green")"},
             Case{"/_cluster/health/logs", R"("status":"green")"},
             Case{"/_cat/health", "livedata green"},
             Case{"/_cat/nodes?format=json", R"("name":"livedata")"},
             Case{"/_cat/indices?format=json", "[]"},
             Case{"/_template/t%22", R"({"t%22":{)"},
             Case{"/_index_template/t", R"("name":"t")"},
             Case{"/_component_template/t", R"("name":"t")"},
             Case{"/_ilm/policy/p", R"({"p":{"version":1)"},
             Case{"/_ilm/status", "RUNNING"},
             Case{"/_alias/a", R"("is_write_index":true)"},
             Case{"/_ingest/pipeline/p", R"("processors":[])"},
             Case{"/_data_stream/d", R"("name":"d")"},
             Case{"/_security/_authenticate", "superuser"},
         }) {
      const Response response = send("GET", std::string(prefix) + c.path, "", {{"host", "h:1"}});
      EXPECT_EQ(response.status, 200) << c.path;
      EXPECT_THAT(response.body, HasSubstr(c.part)) << c.path;
      EXPECT_EQ(header(response, "X-Elastic-Product"), "Elasticsearch") << c.path;
    }
    for (const char* path : {"/_template/t", "/_index_template/t", "/_component_template/t",
                             "/_ilm/policy/p", "/_ingest/pipeline/p", "/_data_stream/d"}) {
      EXPECT_EQ(send("PUT", std::string(prefix) + path, "{}").body, R"({"acknowledged":true})");
    }
  }
}

TEST_F(ElasticRoutesTest, AnswersInTheTypeThatWasAskedFor) {
  const auto type = [&](const char* accept) {
    return send("GET", "/_license", "", {{"accept", accept}}).content_type;
  };
  EXPECT_EQ(type("application/json"), "application/json");
  EXPECT_EQ(type("application/vnd.elasticsearch+json; compatible-with=9"),
            "application/vnd.elasticsearch+json;compatible-with=9");
  EXPECT_EQ(type("application/vnd.elasticsearch+json"),
            "application/vnd.elasticsearch+json;compatible-with=8");
  EXPECT_EQ(type("application/vnd.elasticsearch+json; compatible-with="),
            "application/vnd.elasticsearch+json;compatible-with=8");
  EXPECT_EQ(type("application/vnd.elasticsearch+json; compatible-with=\n"), "application/json");
}

TEST_F(ElasticRoutesTest, PrettyAndFiltered) {
  EXPECT_EQ(send("GET", "/?filter_path=version.number&pretty").body,
            "{\n  \"version\": {\n    \"number\": \"8.17.0\"\n  }\n}\n");
  EXPECT_THAT(send("GET", "/?pretty=false").body, Not(HasSubstr("\n")));
}

TEST(ElasticClient, KnowsItsClients) {
  const auto is_client = [](std::string name, std::string value) {
    Request request;
    request.headers = {{std::move(name), std::move(value)}};
    return is_elastic_client(request);
  };
  for (const char* agent :
       {"Elastic-filebeat/8.11.0 (linux; amd64)", "Filebeat/7.17 (linux)", "Logstash/8.1",
        "elasticsearch-py/8.1 (Python/3.11)", "elastic-transport-python/8.1", "Vector/0.40.0",
        "Fluent-Bit", "go-elasticsearch/8.1", "opensearch-js/2.1"})
    EXPECT_TRUE(is_client("user-agent", agent)) << agent;
  EXPECT_TRUE(is_client("x-elastic-client-meta", "es=8.1,js=20"));
  EXPECT_TRUE(is_client("accept", "application/vnd.elasticsearch+json; compatible-with=8"));
  for (const char* agent : {"", "curl/8.1", "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0"})
    EXPECT_FALSE(is_client("user-agent", agent)) << agent;
}

}  // namespace
}  // namespace livedata::server::elastic
