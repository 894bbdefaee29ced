#include "query/sql/engine.h"

#include <gmock/gmock.h>

#include "query/sql/tests/sql_fixture.h"

namespace livedata::query::sql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr TimestampNs kTime = 1'704'067'200 * kNsPerSecond;  // 2024-01-01T00:00:00Z

class EngineTest : public SqlTest {
 protected:
  EngineTest() {
    RecordBatch batch;
    const auto api =
        batch.add_stream(Labels({{"service_name", "api"}, {"host", "web1"}, {"env", "prod"}}));
    const auto db = batch.add_stream(Labels({{"service_name", "db"}, {"host", "web2"}}));
    const auto cpu = batch.add_stream(Labels({{"source", "cpu"}, {"host", "web1"}}));
    for (int i = 0; i < 10; ++i) {
      batch.add(api, kTime + i * kNsPerSecond + 1, "request " + std::to_string(i),
                std::vector<Field>{{"detected_level", std::string_view(i % 2 ? "error" : "info")},
                                   {"status", std::int64_t{200 + i}}});
      batch.add(cpu, kTime + i * kNsPerSecond, "", std::vector<Field>{{"busy_percent", i * 1.5}});
    }
    batch.add(db, kTime, "slow query", std::vector<Field>{{"status", std::string_view("bad")}});
    append(std::move(batch));
  }
};

TEST_F(EngineTest, CountsByService) {
  EXPECT_EQ(csv("SELECT service, count(*) AS n FROM logs GROUP BY 1 ORDER BY 1"),
            "service,n\napi,10\ndb,1\n");
  ASSERT_TRUE(store_->flush().has_value());
  EXPECT_EQ(csv("SELECT service, count(*) AS n FROM logs GROUP BY 1 ORDER BY 1"),
            "service,n\napi,10\ndb,1\n");
}

TEST_F(EngineTest, ShowsColumns) {
  EXPECT_EQ(csv("SELECT time, service, level, line, env, host, status FROM logs "
                "WHERE line = 'request 3'"),
            "time,service,level,line,env,host,status\n"
            "2024-01-01T00:00:03.000000001Z,api,error,request 3,prod,web1,203\n");
  EXPECT_EQ(csv("SELECT env, labels, fields FROM logs WHERE service = 'db'"),
            "env,labels,fields\n"
            ",\"{\"\"host\"\":\"\"web2\"\",\"\"service_name\"\":\"\"db\"\"}\",\"{\"\"status\"\":"
            "\"\"bad\"\"}\"\n");
  EXPECT_EQ(csv("SELECT busy_percent, host FROM cpu WHERE busy_percent > 10 ORDER BY 1"),
            "busy_percent,host\n10.5,web1\n12,web1\n13.5,web1\n");
}

TEST_F(EngineTest, CompilesFunctionsOfTime) {
  EXPECT_EQ(csv("SELECT time_bucket(INTERVAL 5 SECOND, time) AS t, count(*) AS n FROM logs "
                "WHERE service = 'api' GROUP BY 1 ORDER BY 1"),
            "t,n\n2024-01-01T00:00:00Z,5\n2024-01-01T00:00:05Z,5\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE time > now() - INTERVAL 1 HOUR"), "n\n0\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE time <= current_timestamp"), "n\n11\n");
}

TEST_F(EngineTest, TellsWhatIsWrongAndWhere) {
  Query query;
  query.text = "SELECT nothing\nFROM logs";
  const auto answer = run(query);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().error.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(answer.error().error.message, HasSubstr("nothing"));
  EXPECT_EQ(answer.error().line, 1U);
  EXPECT_EQ(answer.error().column, 8U);
}

TEST_F(EngineTest, ExplainsWhatIsPushedDown) {
  const std::string plan =
      csv("EXPLAIN SELECT host FROM logs WHERE line LIKE '%slow%' AND service IN ('db', 'api') "
          "AND time >= '2024-01-01' AND labels['env'] = 'prod'");
  EXPECT_THAT(plan, HasSubstr("slow"));
  EXPECT_THAT(plan, HasSubstr("env="));
  EXPECT_THAT(plan, HasSubstr("service_name=~"));
  EXPECT_THAT(plan, HasSubstr("from 2024-01-01T00:00:00Z"));
  EXPECT_THAT(plan, Not(HasSubstr("FILTER")));
}

TEST_F(EngineTest, WritesJson) {
  Query query;
  query.text = "SELECT line, status, $2::INT + 1 AS more FROM logs WHERE line = $1";
  query.parameters = {{"1", std::string("request 1")}, {"2", std::int64_t{41}}};
  const auto answer = run(query);
  ASSERT_TRUE(answer.has_value()) << answer.error().error.message;
  EXPECT_THAT(*answer, HasSubstr(R"("columns":[{"name":"line","type":"VARCHAR"})"));
  EXPECT_THAT(*answer, HasSubstr(R"(["request 1","201",42])"));
}

TEST_F(EngineTest, ShowsWhatIsNoUtf8AsReplaced) {
  RecordBatch batch;
  batch.add(batch.add_stream(Labels({Label{"service_name", "odd"}})), kTime, "bad \xff\xfe end",
            std::vector<Field>{{"raw", std::string_view("\xe2\x82")}});
  append(std::move(batch));
  EXPECT_EQ(csv("SELECT line, raw, length(line) AS n FROM logs WHERE service = 'odd'"),
            "line,raw,n\nbad \uFFFD\uFFFD end,\uFFFD\uFFFD,10\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE line LIKE '%\uFFFD\uFFFD end%'"), "n\n1\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE line LIKE '%bad %'"), "n\n1\n");
}

TEST_F(EngineTest, LabelsWinOverFieldsOfTheSameName) {
  RecordBatch batch;
  const std::vector<Field> fields = {{"status", std::int64_t{5}}};
  batch.add(batch.add_stream(Labels({{"service_name", "both"}, {"status", "label"}})), kTime, "a",
            fields);
  batch.add(batch.add_stream(Labels({Label{"service_name", "both"}})), kTime + 1, "b", fields);
  append(std::move(batch));
  EXPECT_EQ(csv("SELECT line, status FROM logs WHERE service = 'both' ORDER BY time"),
            "line,status\na,label\nb,5\n");
  EXPECT_EQ(csv("SELECT line FROM logs WHERE service = 'both' AND status = 'label'"), "line\na\n");
  EXPECT_EQ(csv("SELECT line FROM logs WHERE service = 'both' AND status = '5'"), "line\nb\n");
}

TEST_F(EngineTest, NullsAndEmptyTextsAreNoMatches) {
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE env = ''"), "n\n0\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE env <> 'prod'"), "n\n0\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE env IS NULL"), "n\n1\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE env IN ('prod', NULL)"), "n\n10\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE NOT (env = 'prod')"), "n\n0\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM logs WHERE env = 'prod' OR line LIKE '%slow%'"),
            "n\n11\n");
}

TEST_F(EngineTest, BoundsOfTimeAreExact) {
  const auto count = [&](const std::string& condition) {
    return csv("SELECT count(*) AS n FROM logs WHERE service = 'api' AND " + condition);
  };
  EXPECT_EQ(count("time = '2024-01-01 00:00:03.000000001'"), "n\n1\n");
  EXPECT_EQ(count("time > '2024-01-01 00:00:03.000000001'"), "n\n6\n");
  EXPECT_EQ(count("time >= '2024-01-01 00:00:03.000000001'"), "n\n7\n");
  EXPECT_EQ(count("time < '2024-01-01 00:00:03.000000001'"), "n\n3\n");
  EXPECT_EQ(count("time <= '2024-01-01 00:00:03.000000001'"), "n\n4\n");
  EXPECT_EQ(count("time BETWEEN '2024-01-01 00:00:03' AND '2024-01-01 00:00:05'"), "n\n2\n");
  EXPECT_EQ(count("'2024-01-01 00:00:03' <= time"), "n\n7\n");
  EXPECT_EQ(count("time::DATE = '2024-01-01'"), "n\n10\n");
  EXPECT_EQ(count("time::TIMESTAMP = '2024-01-01 00:00:03'"), "n\n1\n");
  EXPECT_EQ(count("time::TIMESTAMPTZ < '2024-01-01 00:00:03+00'"), "n\n3\n");
  EXPECT_EQ(count("time <> '2024-01-01 00:00:03.000000001'"), "n\n9\n");
  Query query;
  query.text = "SELECT count(*) FROM logs";
  query.range = {kTime + 2 * kNsPerSecond, kTime + 4 * kNsPerSecond};
  EXPECT_THAT(*run(query), HasSubstr("\n[2]]"));
}

TEST_F(EngineTest, WritesNestedValues) {
  Query query;
  query.text =
      "SELECT [1, NULL] AS l, {'a': 'x\"y', 'b': [true]} AS s, MAP {'k': 1.5::DOUBLE} AS m, "
      "'NaN'::DOUBLE AS n, NULL AS z, 12345678901234567890::HUGEINT AS h, 1.50::DECIMAL(5,2) AS d, "
      "INTERVAL 1 DAY AS i, '\\x00'::BLOB AS b, 'a\tb' AS t, [[1],[]] AS ll, array_value(1, 2) AS "
      "ar";
  const auto answer = run(query);
  ASSERT_TRUE(answer.has_value()) << answer.error().error.message;
  EXPECT_THAT(*answer,
              HasSubstr(R"([[1,null],{"a":"x\"y","b":[true]},{"k":1.5},"NaN",null,)"
                        R"(12345678901234567890,1.50,"1 day","\\x00","a\tb",[[1],[]],[1,2]])"));
}

TEST_F(EngineTest, WritesParquetAndArrow) {
  for (const Format format : {Format::kParquet, Format::kArrow}) {
    Query query;
    query.text = "SELECT * FROM logs";
    query.format = format;
    const auto answer = run(query);
    ASSERT_TRUE(answer.has_value()) << answer.error().error.message;
    EXPECT_GT(answer->size(), 500U);
    query.text = "SELECT * FROM nowhere";
    EXPECT_FALSE(run(query).has_value());
  }
}

TEST_F(EngineTest, JoinsLogsWithMetrics) {
  EXPECT_EQ(csv("SELECT l.line, c.busy_percent FROM logs l ASOF LEFT JOIN cpu c ON l.host = c.host "
                "AND l.time >= c.time WHERE l.line IN ('request 3', 'slow query') ORDER BY 1"),
            "line,busy_percent\nrequest 3,4.5\nslow query,\n");
}

TEST_F(EngineTest, ListsTables) {
  EXPECT_EQ(csv("SHOW TABLES"), "name\ncpu\nlogs\nmetrics\n");
  EXPECT_THAT(csv("DESCRIBE cpu"), HasSubstr("busy_percent,DOUBLE"));
}

}  // namespace
}  // namespace livedata::query::sql
