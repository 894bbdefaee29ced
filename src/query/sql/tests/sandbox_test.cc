
#include <fstream>
#include <set>

#include <gmock/gmock.h>

#include "query/sql/tests/sql_fixture.h"

namespace livedata::query::sql {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::size_t peak_resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
  }
  return 0;
}

class SandboxTest : public SqlTest {
 protected:
  SandboxTest() {
    limits_.memory_bytes = 64_MiB;
    limits_.timeout = std::chrono::seconds(2);
    restart();
    RecordBatch mine;
    mine.add(mine.add_stream(Labels({Label{"service_name", "mine"}})), 1, "of the first tenant");
    append(std::move(mine));
    RecordBatch theirs;
    theirs.add(theirs.add_stream(Labels({{"service_name", "theirs"}, {"secret", "of theirs"}})), 1,
               "of the second tenant");
    theirs.add(theirs.add_stream(Labels({Label{"source", "their_metric"}})), 1, "",
               std::vector<Field>{{"a", std::int64_t{1}}});
    append(std::move(theirs), *TenantId::parse("second"));
    std::ofstream(folder_ + "/readable.csv") << "a,b\n1,stolen\n";
  }
  /// FILE stands for a file that is there, FOLDER for its folder.
  std::string attempt(std::string sql) {
    const auto replace = [&sql](std::string_view what, const std::string& with) {
      for (std::size_t at = 0; (at = sql.find(what, at)) != std::string::npos; at += with.size())
        sql.replace(at, what.size(), with);
    };
    replace("FILE", folder_ + "/readable.csv");
    replace("FOLDER", folder_);
    return csv(sql);
  }
};

// What reaches beyond the query: each must fail, and say something.
constexpr const char* kEscapes[] = {
    // Files.
    "SELECT * FROM read_csv('FILE')",
    "SELECT * FROM read_csv_auto('FILE')",
    "SELECT * FROM read_text('FILE')",
    "SELECT * FROM read_blob('FILE')",
    "SELECT * FROM read_parquet('FILE')",
    "SELECT * FROM parquet_metadata('FILE')",
    "SELECT * FROM parquet_schema('FILE')",
    "SELECT * FROM read_json('FILE')",
    "SELECT * FROM read_ndjson_objects('FILE')",
    "SELECT * FROM sniff_csv('FILE')",
    "SELECT * FROM glob('FOLDER/*')",
    "SELECT * FROM 'FILE'",
    "SELECT * FROM \"FILE\"",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM main.\"FILE\"",
    "SELECT (SELECT count(*) FROM 'FILE')",
    "WITH x AS (FROM read_csv('FILE')) SELECT * FROM x",
    "SELECT * FROM query('SELECT * FROM read_text(''FILE'')')",
    "SELECT * FROM query_table('FILE')",
    "DESCRIBE SELECT * FROM 'FILE'",
    "SUMMARIZE 'FILE'",
    "EXPLAIN ANALYZE SELECT * FROM read_csv('FILE')",
    "COPY logs TO 'FOLDER/out.csv'",
    "COPY (SELECT 1) TO 'FOLDER/out.parquet' (FORMAT parquet)",
    "COPY logs FROM 'FILE'",
    "EXPORT DATABASE 'FOLDER/out'",
    "IMPORT DATABASE 'FOLDER'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'FOLDER/out.csv'",
    "EXPLAIN COPY (SELECT 1) TO 'FOLDER/out.csv'",
    // Network, extensions, other databases.
    "SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD 'FOLDER/evil.duckdb_extension'",
    "FORCE INSTALL spatial FROM community",
    "UPDATE EXTENSIONS",
    "ATTACH 'FOLDER/other.db'",
    "ATTACH ':memory:' AS other",
    "DETACH memory",
    "USE other",
    "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM which_secret('s3://a', 's3')",
    // Settings and the process.
    "SET memory_limit='100GB'",
    "SET enable_external_access=true",
    "SET GLOBAL lock_configuration=false",
    "RESET memory_limit",
    "PRAGMA memory_limit='100GB'",
    "PRAGMA enable_profiling",
    "PRAGMA database_list",
    "SELECT getenv('HOME')",
    "SELECT current_setting('memory_limit')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM duckdb_temporary_files()",
    "SELECT write_log('x')",
    "CALL pragma_version()",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "SELECT * FROM checkpoint()",
    "VACUUM",
    // Changes.
    "CREATE TABLE t (a INT)",
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE VIEW v AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "CREATE OR REPLACE VIEW logs AS SELECT 1",
    "INSERT INTO logs VALUES (1)",
    "DELETE FROM logs",
    "UPDATE logs SET line = ''",
    "DROP VIEW logs",
    "ALTER VIEW logs RENAME TO l",
    "BEGIN",
    "COMMIT",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "SET VARIABLE x = 1",
    "MERGE INTO logs USING logs l ON true WHEN MATCHED THEN DELETE",
    // More than one statement.
    "SELECT 1; DROP VIEW logs",
    "SELECT 1; SELECT 2",
    "",
    ";",
    "-- nothing",
    // Pointers and internals.
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM arrow_scan_dumb(1, 2, 3)",
    "SELECT * FROM python_map_function(1)",
    "SELECT * FROM seq_scan('logs')",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "SELECT * FROM from_substrait('')",
    "SELECT * FROM livedata_scan('secret')",
    "SELECT * FROM livedata_scan(NULL)",
    "SELECT * FROM livedata_scan('../second/logs')",
    // Another tenant's tables.
    "SELECT * FROM their_metric",
    "SELECT * FROM second.logs",
    "SELECT * FROM \"second\".\"main\".\"logs\"",
    "SELECT secret FROM logs",
    "SELECT * FROM system.main.logs",
    "SELECT * FROM temp.logs",
    // Nonsense.
    "SELECT",
    "SELEC 1",
    "SELECT * FROM",
    "SELECT ((((((((((1)",
    "SELECT 'open",
    "\xff\xfe",
};

TEST_F(SandboxTest, NothingGetsOut) {
  ASSERT_GE(std::size(kEscapes), 50U);
  for (const char* sql : kEscapes) {
    const std::string answer = attempt(sql);
    EXPECT_THAT(answer, StartsWith("error: ")) << sql;
    EXPECT_GT(answer.size(), std::string("error: ").size() + 5) << sql;
    EXPECT_THAT(answer, Not(AnyOf(HasSubstr("stolen"), HasSubstr("of theirs")))) << sql;
    EXPECT_THAT(answer, Not(HasSubstr("INTERNAL"))) << sql;
  }
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_))
    names.insert(entry.path().filename());
  EXPECT_FALSE(names.contains("out.csv"));
  EXPECT_FALSE(names.contains("out.parquet"));
  EXPECT_FALSE(names.contains("out"));
  EXPECT_EQ(csv("SELECT line FROM logs"), "line\nof the first tenant\n") << "all is as it was";
}

TEST_F(SandboxTest, TenantsSeeTheirOwn) {
  const TenantId second = *TenantId::parse("second");
  EXPECT_EQ(csv("SELECT line, secret FROM logs", second),
            "line,secret\nof the second tenant,of theirs\n");
  EXPECT_EQ(csv("SELECT count(*) AS n FROM their_metric", second), "n\n1\n");
  for (const char* sql :
       {"SELECT * FROM logs", "SELECT * FROM metrics", "SHOW TABLES", "SHOW ALL TABLES",
        "SELECT * FROM information_schema.columns", "SELECT * FROM duckdb_views()",
        "SELECT * FROM duckdb_columns()", "SELECT * FROM pg_catalog.pg_class",
        "SELECT labels, fields FROM logs", "SELECT * FROM duckdb_databases()"}) {
    const std::string answer = csv(sql);
    EXPECT_THAT(answer, Not(HasSubstr("their"))) << sql;
    EXPECT_THAT(answer, Not(HasSubstr("secret"))) << sql;
    EXPECT_THAT(answer, Not(HasSubstr(folder_))) << sql;
  }
}

// What takes all time or memory: each ends within its limits.
constexpr const char* kBombs[] = {
    "SELECT count(*) FROM generate_series(1, 1000000000000)",
    "SELECT * FROM generate_series(1, 1000000000000)",
    "SELECT count(*) FROM range(100000000) a, range(100000000) b",
    "SELECT sum(a.range * b.range) FROM range(10000000) a JOIN range(10000000) b ON a.range <> "
    "b.range",
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    "WITH RECURSIVE t AS (SELECT 'x' AS s UNION ALL SELECT s || s FROM t) SELECT max(length(s)) "
    "FROM t",
    "WITH RECURSIVE t AS (SELECT [1] AS s UNION ALL SELECT list_concat(s, s) FROM t) SELECT "
    "max(len(s)) FROM t",
    "SELECT length(repeat('x', 4000000000))",
    "SELECT length(repeat('x', 1000000000000))",
    "SELECT max(length(repeat('x', 100000000 + range))) FROM range(10000)",
    "SELECT length(repeat(repeat('x', 100000), 100000))",
    "SELECT length(lpad('x', 2000000000, 'y'))",
    "SELECT length(rpad('x', 2000000000, 'y'))",
    "SELECT sum(length(rpad('x', 100000000, 'y'))) FROM range(10000)",
    "SELECT length(format('{:>2000000000}', 'x'))",
    "SELECT length(printf('%2000000000d', 1))",
    "SELECT length(printf('%*d', 2000000000, 1))",
    "SELECT length(format('{:>{}}', 'x', 2000000000))",
    "SELECT length(bar(1, 0, 1, 1000000000))",
    "SELECT len(range(10000000000))",
    "SELECT len(generate_series(1, 10000000000))",
    "SELECT len(list_resize([1], 10000000000, 1))",
    "SELECT len(repeat([1], 10000000000))",
    "SELECT list_sum(list_transform(range(1000000), x -> list_sum(range(1000000))))",
    "SELECT len(flatten(list_transform(range(100000), x -> range(100000))))",
    "SELECT replace(repeat('a', 1000000), 'a', repeat('b', 1000000))",
    "SELECT regexp_replace(repeat('a', 1000000), 'a', repeat('b', 1000000), 'g')",
    "SELECT length(string_agg(repeat('x', 1000000), '')) FROM range(1000000)",
    "SELECT len(list(range)) FROM range(1000000000)",
    "SELECT count(DISTINCT range) FROM range(1000000000)",
    "SELECT range FROM range(1000000000) ORDER BY hash(range)",
    "SELECT range, count(*) FROM range(1000000000) GROUP BY range",
    "SELECT sum(range) OVER (ORDER BY range) FROM range(1000000000)",
    "SELECT levenshtein(repeat('a', 1000000), repeat('b', 1000000))",
    "SELECT unnest(range(1000000000)), unnest(range(1000000000))",
    "SELECT * FROM range(10) a, range(10) b, range(10) c, range(10) d, range(10) e, range(10) f, "
    "range(10) g, range(10) h, range(10) i, range(10) j, range(10) k, range(10) l",
    "SELECT json_structure(repeat('[', 10000000) || repeat(']', 10000000))",
    "SELECT json(repeat('{\"a\":', 1000000) || '1' || repeat('}', 1000000))",
    "SELECT json_structure(repeat('[', 200000) || repeat(']', 200000))",
    "SELECT json_pretty(repeat('[', 200000) || repeat(']', 200000))",
    "SELECT json_merge_patch(repeat('{\"a\":', 200000) || '1' || repeat('}', 200000), "
    "'{\"a\":{}}')",
    "SELECT from_json(repeat('[', 200000) || repeat(']', 200000), '[\"JSON\"]')",
    "SELECT json_contains(repeat('[', 200000) || repeat(']', 200000), '1')",
    "SELECT histogram(range) FROM range(100000000)",
    "SELECT approx_top_k(range, 1000000000) FROM range(100000000)",
    "SELECT bitstring('1', 2000000000)",
    "SELECT to_base64(repeat('x', 1000000000)::BLOB)",
};

TEST_F(SandboxTest, BombsEndInTimeAndMemory) {
  restart();
  static_cast<void>(csv("SELECT 1"));
  const std::size_t before = peak_resident_bytes();
  for (const char* sql : kBombs) {
    const auto start = std::chrono::steady_clock::now();
    const std::string answer = csv(sql);
    const auto taken = std::chrono::steady_clock::now() - start;
    EXPECT_THAT(answer, StartsWith("error: ")) << sql << "\n" << answer.substr(0, 200);
    EXPECT_LT(taken, limits_.timeout + std::chrono::seconds(3)) << sql;
    EXPECT_THAT(answer, Not(HasSubstr("INTERNAL"))) << sql;
    const std::size_t peak = peak_resident_bytes();
    EXPECT_LT(peak, before + 700_MiB) << sql;
  }
  EXPECT_EQ(csv("SELECT 1 AS a"), "a\n1\n");
}

TEST_F(SandboxTest, DeepQueriesAreRefused) {
  const auto nested = [](std::string_view open, std::string_view inner, std::string_view close) {
    std::string sql = "SELECT ";
    for (int i = 0; i < 10000; ++i) sql += open;
    sql += inner;
    for (int i = 0; i < 10000; ++i) sql += close;
    return sql;
  };
  EXPECT_THAT(csv(nested("(", "1", ")")), StartsWith("error: "));
  EXPECT_THAT(csv(nested("[", "1", "]")), StartsWith("error: "));
  EXPECT_THAT(csv(nested("abs(", "1", ")")), StartsWith("error: "));
  EXPECT_THAT(csv(nested("(SELECT ", "1", ")")), StartsWith("error: "));
  EXPECT_THAT(csv(nested("1+(", "1", ")")), StartsWith("error: "));
  EXPECT_THAT(csv(nested("NOT ", "true", "")), StartsWith("error: "));
  EXPECT_THAT(csv(nested("1+", "1", "")), StartsWith("error: "));
  std::string unions = "SELECT 1";
  std::string joins = "SELECT count(*) FROM range(1)";
  std::string type = "SELECT NULL::INT";
  std::string ctes = "WITH c0 AS (SELECT 1 AS a)";
  for (int i = 1; i < 10000; ++i) {
    unions += " UNION ALL SELECT 1";
    joins += ",range(1)";
    type += "[]";
    if (i < 5000) ctes += fmt::format(", c{} AS (SELECT a FROM c{})", i, i - 1);
  }
  // Whatever they give, they end.
  std::string fewer = "WITH c0 AS (SELECT 1 AS a)";
  for (int i = 1; i < 190; ++i) fewer += fmt::format(", c{} AS (SELECT a FROM c{})", i, i - 1);
  for (const std::string& sql :
       {unions, joins, type, ctes + " SELECT * FROM c4999", fewer + " SELECT * FROM c189"}) {
    const auto start = std::chrono::steady_clock::now();
    const std::string answer = csv(sql);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
    EXPECT_FALSE(answer.empty()) << sql.substr(0, 40);
  }
  EXPECT_THAT(csv("SELECT '" + std::string(limits_.max_text_bytes, 'x') + "'"),
              HasSubstr("longer than"));
}

TEST_F(SandboxTest, AsManyQueriesAsAllowedRunAtATime) {
  limits_.max_running = 1;
  restart();
  Query endless;
  endless.text = "SELECT * FROM generate_series(1, 1000000000)";
  auto first = engine_->run(TenantId::single(), endless, Deadline());
  ASSERT_TRUE(first.has_value());
  EXPECT_THAT(csv("SELECT 1"), HasSubstr("running already"));
  first->reset();
  EXPECT_EQ(csv("SELECT 1 AS a"), "a\n1\n");
}

TEST_F(SandboxTest, AClientThatGoesEndsItsQuery) {
  Query endless;
  endless.text = "SELECT count(*) FROM generate_series(1, 1000000000000)";
  const Deadline gone;
  gone.cancel();
  const auto answer = engine_->run(TenantId::single(), endless, gone);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().error.code, ErrorCode::kCancelled);
}

TEST_F(SandboxTest, LimitsCutOrRefuse) {
  limits_.max_rows = 10;
  restart();
  EXPECT_THAT(csv("SELECT * FROM range(11)"), HasSubstr("more than 10 rows"));
  Query query;
  query.text = "SELECT * FROM range(11)";
  query.limit = 2;
  const auto answer = run(query);
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(*answer, HasSubstr("[0],\n[1]],\n\"truncated\":true"));
}

}  // namespace
}  // namespace livedata::query::sql
