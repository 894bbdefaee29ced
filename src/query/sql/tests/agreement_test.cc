// The same questions in LogQL and in SQL over the same records have the same answers.
#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "base/thread_pool.h"
#include "base/time_format.h"
#include "query/logql/engine.h"
#include "query/sql/tests/sql_fixture.h"

namespace livedata::query::sql {
namespace {

constexpr TimestampNs kStart = 1'704'067'200 * kNsPerSecond;  // 2024-01-01T00:00:00Z
constexpr TimestampNs kEnd = kStart + 3600 * kNsPerSecond;

struct Question {
  const char* logql;
  /// Of lines: time and line. Of numbers: the labels' values in the order of their names, and the
  /// number; START and END stand for the times of the range.
  const char* sql;
};

constexpr Question kLines[] = {
    {R"({service_name="api"})", "service = 'api'"},
    {R"({service_name=~".+"})", "true"},
    {R"({service_name=~"api|db"} |= "timeout")",
     "service IN ('api', 'db') AND line LIKE '%timeout%'"},
    {R"({service_name=~".+", service_name!="api"} != "GET")",
     "service <> 'api' AND NOT contains(line, 'GET')"},
    {R"({service_name=~".+"} |~ "5[0-9][0-9]")", "regexp_matches(line, '5[0-9][0-9]')"},
    {R"({service_name=~".+"} |~ "GET|POST" |= "users")",
     "regexp_matches(line, 'GET|POST') AND contains(line, 'users')"},
    {R"({host="web1", env="prod"})", "host = 'web1' AND env = 'prod'"},
    {R"({service_name=~".+", env=""})", "env IS NULL"},
    {R"({service_name=~".+", env!=""})", "env IS NOT NULL"},
    {R"({service_name=~".+"} | detected_level="error")", "level = 'error'"},
    {R"({service_name=~".+"} | status>=500)", "status >= 500"},
    {R"({service_name=~".+"} | status="402")", "status = 402"},
    {R"({service_name=~".+"} | trace_id="trace-7")", "trace_id = 'trace-7'"},
    {R"({service_name=~".+"} | trace_id="trace-7" |= "GET")",
     "fields['trace_id'] = 'trace-7' AND line LIKE '%GET%'"},
    {R"({service_name=~".+"} |= "nowhere to be found")", "contains(line, 'nowhere to be found')"},
    {R"({service_name=~".+"} |= "")", "line LIKE '%'"},
    {R"({service_name=~".+"} |= "\u00e9t\u00e9")", "line LIKE '%\u00e9t\u00e9%'"},
    {R"({host=~"web.*"} |= "users")", "host LIKE 'web%' AND line LIKE '%users%'"},
    {R"({service_name="db"} | slow="true")", "service = 'db' AND slow"},
};

constexpr Question kNumbers[] = {
    {R"(sum by (service_name) (count_over_time({service_name=~".+"}[1h])))",
     "SELECT service, count(*) FROM logs WHERE RANGE GROUP BY 1"},
    {R"(sum(count_over_time({service_name=~".+"} |= "timeout" [1h])))",
     "SELECT count(*) FROM logs WHERE RANGE AND line LIKE '%timeout%'"},
    {R"(sum by (detected_level, service_name) (count_over_time({service_name=~".+"}[1h])))",
     "SELECT level, service, count(*) FROM logs WHERE RANGE GROUP BY ALL"},
    {R"(sum by (host) (bytes_over_time({service_name="api"}[1h])))",
     "SELECT host, sum(strlen(line)) FROM logs WHERE RANGE AND service = 'api' GROUP BY 1"},
    {R"(max by (host) (max_over_time({service_name="api"} | unwrap duration_ms [1h])))",
     "SELECT host, max(duration_ms) FROM logs WHERE RANGE AND service = 'api' GROUP BY 1"},
    {R"(sum by (service_name) (sum_over_time({service_name=~".+"} | unwrap status [1h])))",
     "SELECT service, sum(status) FROM logs WHERE RANGE AND status IS NOT NULL GROUP BY 1"},
    {R"(avg by (host) (avg_over_time({source="cpu"} | unwrap busy_percent [1h])))",
     "SELECT host, avg(busy_percent) FROM cpu WHERE RANGE GROUP BY 1"},
    {R"(min by (host) (min_over_time({source="memory"} | unwrap used_bytes [1h])))",
     "SELECT host, min(used_bytes) FROM memory WHERE RANGE GROUP BY 1"},
    {R"(sum by (source) (count_over_time({source=~".+", service_name=""}[1h])))",
     "SELECT source, count(*) FROM metrics WHERE RANGE GROUP BY 1"},
    {R"(count(sum by (host, service_name) (count_over_time({service_name=~".+"}[1h]))))",
     "SELECT count(*) FROM (SELECT DISTINCT host, service FROM logs WHERE RANGE)"},
};

class AgreementTest : public SqlTest {
 protected:
  AgreementTest() : pool_("test", 1, 16), logql_(*store_, pool_, loki_limits_, clock_) {
    loki_limits_.max_entries = 1'000'000;
    std::mt19937 random(7);
    // Some in segments, with records that come again in another one, some in the head.
    const std::uint64_t seed_of_repeated = random();
    append(records(seed_of_repeated, 3000));
    EXPECT_TRUE(store_->flush().has_value());
    append(records(random(), 2000));
    append(records(seed_of_repeated, 1000));
    EXPECT_TRUE(store_->flush().has_value());
    append(records(random(), 1000));
    append(records(random(), 10));
  }

  static RecordBatch records(std::uint64_t seed, int count) {
    std::mt19937 random(static_cast<std::uint32_t>(seed));
    RecordBatch batch;
    std::vector<std::uint32_t> logs;
    for (const char* service : {"api", "db", "web"}) {
      for (const char* host : {"web1", "web2", "db1"}) {
        Labels labels({{"service_name", service}, {"host", host}});
        if (std::string_view(host) != "db1") labels.set("env", "prod");
        logs.push_back(batch.add_stream(std::move(labels)));
      }
    }
    const auto cpu = batch.add_stream(Labels({{"source", "cpu"}, {"host", "web1"}}));
    const auto memory = batch.add_stream(Labels({{"source", "memory"}, {"host", "web2"}}));
    constexpr std::array kWords = {"GET /users", "POST /orders", "timeout",
                                   "200 OK",     "503",          "\u00e9t\u00e9"};
    constexpr std::array<std::string_view, 4> kLevels = {"info", "error", "warn", "debug"};
    for (int i = 0; i < count; ++i) {
      const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
      const TimestampNs time =
          kStart + static_cast<TimestampNs>(random() % 3'600'000) * 1'000'000 + 1;
      std::string line;
      for (std::size_t words = 1 + pick(4); words > 0; --words)
        line += std::string(kWords[pick(kWords.size())]) + ' ';
      const std::string trace = "trace-" + std::to_string(pick(50));
      std::vector<Field> fields = {{"detected_level", kLevels[pick(4)]},
                                   {"duration_ms", static_cast<double>(pick(100000)) / 8}};
      if (pick(2) == 0)
        fields.push_back({"status", static_cast<std::int64_t>(200 + 101 * pick(4))});
      if (pick(3) == 0) fields.push_back({"trace_id", std::string_view(trace)});
      if (pick(10) == 0) fields.push_back({"slow", pick(2) == 0});
      batch.add(logs[pick(logs.size())], time, line, fields);
      if (i % 10 == 0)
        batch.add(cpu, time, "",
                  std::vector<Field>{{"busy_percent", static_cast<double>(pick(100))}});
      if (i % 20 == 0)
        batch.add(memory, time, "",
                  std::vector<Field>{{"used_bytes", static_cast<std::int64_t>(random())}});
    }
    return batch;
  }

  std::vector<std::string> lines_of_logql(const char* text) {
    logql::RangeQuery query;
    query.text = text;
    query.start = kStart;
    query.end = kEnd + 1;
    query.limit = 100'000;
    const auto answer = logql_.range(TenantId::single(), query, Deadline());
    EXPECT_TRUE(answer.has_value()) << text << ": " << answer.error().message;
    std::vector<std::string> lines;
    if (!answer) return lines;
    for (const LogRow& row : std::get<LogRows>(answer->value).rows)
      lines.push_back(format_rfc3339(row.timestamp) + "," + row.line);
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  std::vector<std::string> numbers_of_logql(const char* text) {
    logql::InstantQuery query;
    query.text = text;
    query.time = kEnd;
    const auto answer = logql_.instant(TenantId::single(), query, Deadline());
    EXPECT_TRUE(answer.has_value()) << text << ": " << answer.error().message;
    std::vector<std::string> out;
    if (!answer) return out;
    for (const Series& series : std::get<Vector>(answer->value).series) {
      std::string row;
      for (const Label& label : series.labels) row += label.value + ",";
      out.push_back(row + fmt::format("{:.6g}", series.samples.front().value));
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  /// Rows of the answer, sorted; the last column of numbers with six digits.
  std::vector<std::string> rows_of_sql(std::string sql, bool numbers) {
    const std::string range =
        fmt::format("time > make_timestamp_ns({}) AND time <= make_timestamp_ns({})", kStart, kEnd);
    if (const std::size_t at = sql.find("RANGE"); at != std::string::npos)
      sql.replace(at, 5, range);
    std::vector<std::string> rows;
    const std::string answer = csv(sql);
    EXPECT_THAT(answer, ::testing::Not(::testing::StartsWith("error"))) << sql;
    std::size_t begin = answer.find('\n') + 1;
    while (begin < answer.size()) {
      const std::size_t end = answer.find('\n', begin);
      std::string row = answer.substr(begin, end - begin);
      if (numbers) {
        const std::size_t comma = row.rfind(',') + 1;
        row = row.substr(0, comma) + fmt::format("{:.6g}", std::stod(row.substr(comma)));
      }
      rows.push_back(std::move(row));
      begin = end + 1;
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  Limits loki_limits_;
  ThreadPool pool_;
  logql::Engine logql_;
};

TEST_F(AgreementTest, OnLines) {
  std::size_t total = 0;
  for (const Question& question : kLines) {
    const auto wanted = lines_of_logql(question.logql);
    const std::string sql = std::string("SELECT time, line FROM logs WHERE ") + question.sql;
    EXPECT_EQ(rows_of_sql(sql, false), wanted) << question.logql << "\n" << sql;
    total += wanted.size();
  }
  EXPECT_GT(total, 10'000U) << "most questions have answers";
}

TEST_F(AgreementTest, OnNumbers) {
  for (const Question& question : kNumbers) {
    const auto wanted = numbers_of_logql(question.logql);
    EXPECT_FALSE(wanted.empty()) << question.logql;
    EXPECT_EQ(rows_of_sql(question.sql, true), wanted) << question.logql << "\n" << question.sql;
  }
}

}  // namespace
}  // namespace livedata::query::sql
