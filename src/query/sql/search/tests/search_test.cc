#include "query/sql/search/search.h"

#include <gmock/gmock.h>

#include "query/sql/tests/sql_fixture.h"

namespace livedata::query::sql::search {
namespace {

using ::testing::HasSubstr;

constexpr TimestampNs kTime = 1'767'225'600 * kNsPerSecond;  // 2026-01-01T00:00:00Z

class SearchTest : public SqlTest {
 protected:
  SearchTest() {
    RecordBatch batch;
    const auto web = batch.add_stream(Labels({{"service_name", "web"}, {"host", "web1"}}));
    const auto db = batch.add_stream(Labels({{"service_name", "db"}, {"host", "db1"}}));
    const auto cpu = batch.add_stream(Labels({{"source", "cpu"}, {"host", "web1"}}));
    const std::vector<std::string> users = {"ann", "bob", "Cid"};
    for (int i = 0; i < 12; ++i) {
      batch.add(
          web, kTime + i * 10 * kNsPerSecond,
          fmt::format(
              R"({{"user":"{}","status":{},"ms":{},"req":{{"path":"/p{}"}},"tags":["a","t{}"]}})",
              users[static_cast<std::size_t>(i) % 3], i % 4 == 0 ? 500 : 200, i * 10, i % 2, i),
          std::vector<livedata::Field>{
              {"detected_level", std::string_view(i % 4 == 0 ? "error" : "info")},
              {"bytes", std::int64_t{i * 100}}});
      batch.add(cpu, kTime + i * 10 * kNsPerSecond, "",
                std::vector<livedata::Field>{{"busy_percent", i * 1.5}});
    }
    batch.add(db, kTime + 5 * kNsPerSecond,
              R"(level=warn msg="slow query" took=250 user=ann, ip=10.1.2.3)", {});
    batch.add(db, kTime + 65 * kNsPerSecond, R"(Connection TIMEOUT; errors: db_error 4711)", {});
    append(std::move(batch));
  }

  SearchQuery query(const std::string& text) const {
    return {.text = text,
            .range = {kTime, kTime + 120 * kNsPerSecond},
            .now = kTime + 120 * kNsPerSecond,
            .format = Format::kCsv,
            .load_lookup = [](const std::string& name) -> Result<LookupTable> {
              if (name != "users")
                return fail(ErrorCode::kNotFound, "there is no lookup '{}'", name);
              return LookupTable{
                  {"id", "name", "role"},
                  R"([["ann","Ann A","admin"],["bob","Bob B",""],["ann","other","x"]])"};
            }};
  }

  /// The answer as CSV, or "LINE:COLUMN: message".
  std::string ask(const SearchQuery& search) const {
    auto stream = run_search(*engine_, TenantId::single(), search, Deadline());
    std::string out;
    for (;;) {
      if (!stream) return fault(stream.error());
      auto piece = (*stream)->next();
      if (!piece) return fault(piece.error());
      if (piece->empty()) break;
      for (const char c : *piece) {
        if (c != '\r') out += c;
      }
    }
    return out;
  }
  std::string ask(const std::string& text) const { return ask(query(text)); }
  static std::string fault(const QueryError& error) {
    return fmt::format("{}:{}: {}", error.line, error.column, error.error.message);
  }
  /// Values of an expression of eval, over one row.
  std::string eval(const std::string& expression) const {
    const std::string answer = ask("took=250 | eval x = " + expression + " | table x");
    return answer.starts_with("x\n") ? answer.substr(2, answer.size() - 3) : answer;
  }
  std::string count(const std::string& condition) const {
    const std::string answer = ask(condition + " | stats count");
    return answer.starts_with("count\n") ? answer.substr(6, answer.size() - 7) : answer;
  }
};

TEST_F(SearchTest, FindsWordsAndPhrases) {
  EXPECT_EQ(count("*"), "14");
  EXPECT_EQ(count("timeout"), "1");
  EXPECT_EQ(count("error"), "1") << "not errors";
  EXPECT_EQ(count("error*"), "1");
  EXPECT_EQ(count("\"slow query\""), "1");
  EXPECT_EQ(count("slow TIMEOUT"), "0");
  EXPECT_EQ(count("slow OR TIMEOUT"), "2");
  EXPECT_EQ(count("NOT slow"), "13");
  EXPECT_EQ(count("4711"), "1");
  EXPECT_EQ(count("471"), "0");
  EXPECT_EQ(count("47*"), "1");
  EXPECT_EQ(count("10.1.2.3"), "1");
}

TEST_F(SearchTest, ComparesFields) {
  EXPECT_EQ(count("host=WEB1"), "12");
  EXPECT_EQ(count("host=web*"), "12");
  EXPECT_EQ(count("host!=web1"), "2");
  EXPECT_EQ(count("status=500"), "3");
  EXPECT_EQ(count("status>=300"), "3");
  EXPECT_EQ(count("status!=500"), "9");
  EXPECT_EQ(count("NOT status=500"), "11");
  EXPECT_EQ(count("status IN (500, 404)"), "3");
  EXPECT_EQ(count("user=CID"), "4");
  EXPECT_EQ(count("user=ann"), "5") << "in JSON and in logfmt";
  EXPECT_EQ(count("req.path=/p1"), "6");
  EXPECT_EQ(count("tags{}=t3"), "1");
  EXPECT_EQ(count("bytes>500"), "6");
  EXPECT_EQ(count("bytes=500"), "1");
  EXPECT_EQ(count("level=error"), "3");
  EXPECT_EQ(count("took=*"), "1");
  EXPECT_EQ(count("nothing=*"), "0");
  EXPECT_EQ(count("service=db sourcetype=db index=main"), "2");
  EXPECT_EQ(count("(host=web1 status=500) OR took>100"), "4");
  EXPECT_EQ(count("index=metrics source=cpu busy_percent>15"), "1");
  EXPECT_EQ(count("index=cpu"), "12");
  EXPECT_EQ(count("[search took=250 | table user]"), "5");
}

TEST_F(SearchTest, IsAboutTheRangeThatItNames) {
  EXPECT_EQ(count("earliest=-60s"), "7");
  EXPECT_EQ(count("earliest=1767225600 latest=1767225610"), "2");
  EXPECT_EQ(count("earliest=0 latest=now"), "14");
  EXPECT_THAT(ask("* earliest=soon"), HasSubstr("1:12: 'soon' is no time"));
}

TEST_F(SearchTest, StatsFunctions) {
  EXPECT_EQ(ask("status=* | stats count by user"), "user,count\nCid,4\nann,4\nbob,4\n");
  EXPECT_EQ(
      ask("host=web1 | stats count, c(ms), dc(user) AS users, sum(ms), avg(ms), min(ms), max(ms), "
          "range(ms)"),
      "count,c(ms),users,sum(ms),avg(ms),min(ms),max(ms),range(ms)\n12,12,3,660,55,0,110,110\n");
  EXPECT_EQ(ask("host=web1 | stats median(ms) as m, perc90(ms) as p, p50(bytes) as b, "
                "upperperc90(ms) as u"),
            "m,p,b,u\n55,99,550,100\n");
  EXPECT_EQ(
      ask("host=web1 | stats stdevp(ms) as s, varp(ms) as v, sumsq(status) as q, mode(status) as m "
          "| eval s=round(s,6), v=round(v,6)"),
      "s,v,q,m\n34.520525,1191.666667,1110000,200\n");
  EXPECT_EQ(
      ask("status=500 | stats values(user) as v, list(ms) as l, first(ms) as f, last(ms) as la, "
          "earliest(ms) as e, latest(ms) as lt"),
      "v,l,f,la,e,lt\n\"[\"\"Cid\"\",\"\"ann\"\",\"\"bob\"\"]\",\"[\"\"80\"\",\"\"40\"\",\"\"0\"\"]"
      "\",80,0,0,80\n");
  EXPECT_EQ(ask("host=web1 | stats rate(bytes) as r, earliest_time(ms) as t, "
                "count(eval(status=500)) as n"),
            "r,t,n\n10,1767225600,3\n");
  EXPECT_EQ(ask("host=web1 | stats min(user), max(user)"), "min(user),max(user)\nCid,bob\n");
}

TEST_F(SearchTest, EventstatsAndStreamstats) {
  EXPECT_EQ(ask("status=500 | eventstats sum(ms) as total, count by host | table ms total count | "
                "sort ms"),
            "ms,total,count\n0,120,3\n40,120,3\n80,120,3\n");
  EXPECT_EQ(ask("status=500 | sort ms | streamstats count as n, sum(ms) as s | table ms n s"),
            "ms,n,s\n0,1,0\n40,2,40\n80,3,120\n");
  EXPECT_EQ(ask("status=500 | sort ms | streamstats window=2 sum(ms) as s | streamstats current=f "
                "last(ms) as p | table ms s p"),
            "ms,s,p\n0,0,\n40,40,0\n80,120,40\n");
  EXPECT_EQ(ask("status=500 | sort ms | delta ms AS d | table ms d"), "ms,d\n0,\n40,40\n80,40\n");
}

TEST_F(SearchTest, OrdersAndLimits) {
  EXPECT_EQ(ask("host=web1 | head 2 | table ms"), "ms\n110\n100\n");
  EXPECT_EQ(ask("host=web1 | tail 2 | table ms"), "ms\n0\n10\n");
  EXPECT_EQ(ask("host=web1 | sort 2 -ms | table ms"), "ms\n110\n100\n");
  EXPECT_EQ(ask("host=web1 | sort status, -num(ms) | head 2 | table status ms"),
            "status,ms\n200,110\n200,100\n");
  EXPECT_EQ(ask("host=web1 | head (ms > 80) | table ms"), "ms\n110\n100\n90\n");
  EXPECT_EQ(ask("host=web1 | dedup user | table user ms"), "user,ms\nCid,110\nbob,100\nann,90\n");
  EXPECT_EQ(ask("host=web1 | sort ms | dedup status consecutive=t | table status ms | head 3"),
            "status,ms\n500,0\n200,10\n500,40\n");
  EXPECT_EQ(ask("* | dedup 1 took keepempty=t | stats count"), "count\n14\n");
}

TEST_F(SearchTest, TopAndRare) {
  EXPECT_EQ(ask("host=web1 | top status"), "status,count,percent\n200,9,75\n500,3,25\n");
  EXPECT_EQ(ask("host=web1 | rare 1 status showperc=f"), "status,count\n500,3\n");
  EXPECT_EQ(ask("host=web1 | top limit=1 countfield=n user by status"),
            "status,user,n,percent\n200,Cid,3,33.333333333333336\n500,Cid,1,33.333333333333336\n");
}

TEST_F(SearchTest, Charts) {
  EXPECT_EQ(ask("host=web1 | chart count over user by status"),
            "user,200,500,NULL\nCid,3,1,0\nann,3,1,0\nbob,3,1,0\n");
  EXPECT_EQ(ask("host=web1 | chart limit=1 usenull=f sum(ms) by status, user"),
            "status,Cid,OTHER\n200,180,360\n500,80,40\n");
  EXPECT_EQ(ask("host=web1 | timechart span=1m count, avg(ms) as a"),
            "_time,count,a\n2026-01-01T00:00:00Z,6,25\n2026-01-01T00:01:00Z,6,85\n");
  EXPECT_EQ(ask("took=250 | timechart span=1m count by host usenull=f"),
            "_time,db1\n2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,0\n");
  EXPECT_EQ(ask("host=web1 | timechart span=1mon per_second(bytes) as p cont=f").substr(0, 30),
            "_time,p\n2026-01-01T00:00:00Z,0");
  EXPECT_EQ(ask("host=web1 | bin _time span=1m | stats count by _time"),
            "_time,count\n2026-01-01T00:00:00Z,6\n2026-01-01T00:01:00Z,6\n");
  EXPECT_EQ(ask("host=web1 | bin ms span=50 as b | stats count by b"),
            "b,count\n0,5\n50,5\n100,2\n");
  EXPECT_EQ(ask("host=web1 | bin bytes bins=2 | stats count by bytes"),
            "bytes,count\n0,10\n1000,2\n");
}

TEST_F(SearchTest, ChoosesAndNamesFields) {
  EXPECT_EQ(ask("took=250 | fields took, user"),
            "_time,_raw,took,user\n2026-01-01T00:00:05Z,\"level=warn msg=\"\"slow query\"\" "
            "took=250 user=ann, ip=10.1.2.3\",250,ann\n");
  EXPECT_EQ(ask("took=250 | fields - _*, labels, fields | fields - service level"), "took\n250\n");
  EXPECT_EQ(ask("took=250 | rename took AS \"time taken\", _time as t | table \"time taken\""),
            "time taken\n250\n");
  EXPECT_EQ(ask("* | stats count by host | rename h* AS the_h*"),
            "the_host,count\ndb1,2\nweb1,12\n");
  EXPECT_EQ(ask("took=250 | table missing took"), "missing,took\n,250\n");
  EXPECT_EQ(ask("took=250 | table took A a | eval A=1, a=2"), "took,A,a\n250,1,2\n");
}

TEST_F(SearchTest, MakesFields) {
  EXPECT_EQ(ask(R"re(slow | rex "msg=\"(?<m>[^\"]+)\" took=(?<t>\d+)" | table m t)re"),
            "m,t\nslow query,250\n");
  EXPECT_EQ(ask(R"re(slow | rex field=ip max_match=0 "(?<d>\d+)" | eval n=mvcount(d) | table n)re"),
            "n\n4\n");
  EXPECT_EQ(ask(R"re(slow | rex mode=sed "s/\d/#/g" | table _raw)re"),
            "_raw\n\"level=warn msg=\"\"slow query\"\" took=### user=ann, ip=##.#.#.#\"\n");
  EXPECT_EQ(ask(R"re(* | regex _raw="^Conn" | stats count)re"), "count\n1\n");
  EXPECT_EQ(ask(R"re(* | regex user!="^(ann|bob)$" | stats count)re"), "count\n5\n");
  EXPECT_EQ(ask("status=500 ms=0 | spath path=req.path output=p | spath tags{} | table p tags{}"),
            "p,tags{}\n/p0,\"[\"\"a\"\",\"\"t0\"\"]\"\n");
  EXPECT_EQ(ask("status=500 ms=0 | fields tags{} | mvexpand tags{} | table tags{}"),
            "tags{}\na\nt0\n");
  EXPECT_EQ(ask("slow | eval l=\"a,b,,c\" | makemv delim=\",\" l | eval n=mvcount(l) | table n"),
            "n\n3\n");
  EXPECT_EQ(ask("slow | eval l=\"a1b2\" | makemv tokenizer=\"(\\d)\" l | eval j=mvjoin(l,\"-\") | "
                "table j"),
            "j\n1-2\n");
  EXPECT_EQ(ask("* | stats count(took) as n by host, took | fillnull value=x"),
            "host,took,n\ndb1,250,1\n");
  EXPECT_EQ(ask("slow | table took nope | fillnull value=0"), "took,nope\n250,0\n");
  EXPECT_EQ(
      ask("* | stats count as a, dc(host) as b by service | addtotals col=t labelfield=service"),
      "service,a,b,Total\ndb,2,1,3\nweb,12,1,13\nTotal,14,2,16\n");
}

TEST_F(SearchTest, BringsRowsTogether) {
  EXPECT_EQ(ask("status=500 | lookup users id AS user OUTPUT name, role AS r | sort ms | table "
                "user name r"),
            "user,name,r\nann,Ann A,admin\nbob,Bob B,\nCid,,\n");
  EXPECT_EQ(ask("| inputlookup users where role=ADMIN | table name"), "name\nAnn A\n");
  EXPECT_EQ(ask("| inputlookup nope"), "1:15: there is no lookup 'nope'");
  EXPECT_EQ(ask("status=* | stats count by user | join user [search took=* | stats max(took) as t "
                "by user]"),
            "user,count,t\nann,4,250\n");
  EXPECT_EQ(ask("status=* | stats count by user | join type=left user [search took=* | stats "
                "max(took) as t by user] | sort user"),
            "user,count,t\nCid,4,\nann,4,250\nbob,4,\n");
  EXPECT_EQ(
      ask("took=* | stats count by host | append [search status=500 | stats count by host, level]"),
      "host,count,level\ndb1,1,\nweb1,3,error\n");
  EXPECT_EQ(ask("host=web1 | transaction user maxpause=25s | stats count, max(eventcount) as m"),
            "count,m\n12,1\n");
  EXPECT_EQ(
      ask("host=web1 | transaction user maxpause=30s | sort user | table user eventcount duration"),
      "user,eventcount,duration\nCid,4,90\nann,4,90\nbob,4,90\n");
  EXPECT_EQ(ask("host=web1 | transaction host startswith=(status=500) | stats count by eventcount"),
            "eventcount,count\n4,3\n");
  EXPECT_EQ(ask("host=web1 | transaction host endswith=(status=500) | stats count by eventcount | "
                "sort eventcount"),
            "eventcount,count\n1,1\n3,1\n4,2\n");
  EXPECT_EQ(ask("host=web1 | transaction host maxspan=35s | stats count by eventcount"),
            "eventcount,count\n1,1\n3,1\n4,2\n");
}

TEST_F(SearchTest, EvalFunctions) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"1+2*3", "7"},
      {"7/2", "3.5"},
      {"7%4", "3"},
      {"1/0", ""},
      {"-took", "-250"},
      {"took+1", "251"},
      {"\"a\".1.\"b\"", "a1b"},
      {"\"a\"+user", "aann"},
      {"if(took>99,\"slow\",\"ok\")", "slow"},
      {"case(took<9,1,took<999,2,true(),3)", "2"},
      {"coalesce(nope,user)", "ann"},
      {"nullif(user,\"ann\")", ""},
      {"validate(took>999,\"small\")", "small"},
      {"isnull(nope)", "true"},
      {"isnotnull(user)", "true"},
      {"isnum(took)", "true"},
      {"isstr(user)", "true"},
      {"isint(2.5)", "false"},
      {"isbool(true())", "true"},
      {"typeof(took)", "Number"},
      {"typeof(user)", "String"},
      {"user IN (\"x\",\"ann\")", "true"},
      {"in(user,\"x\")", "false"},
      {"true() XOR false()", "true"},
      {"NOT took=250", "false"},
      {"user LIKE \"a%\"", "true"},
      {"like(user,\"_nn\")", "true"},
      {"match(user,\"^a.n$\")", "true"},
      {"cidrmatch(\"10.1.0.0/16\",ip)", "true"},
      {"cidrmatch(\"11.0.0.0/8\",ip)", "false"},
      {"searchmatch(\"took>100 slow\")", "true"},
      {"abs(-2)", "2"},
      {"ceil(1.2)", "2"},
      {"ceiling(1.2)", "2"},
      {"floor(1.9)", "1"},
      {"round(2.567,2)", "2.57"},
      {"round(2.5)", "3"},
      {"sqrt(9)", "3"},
      {"pow(2,10)", "1024"},
      {"exp(0)", "1"},
      {"ln(1)", "0"},
      {"log(1000)", "3"},
      {"log(8,2)", "3"},
      {"log(-1)", ""},
      {"max(1,9,3)", "9"},
      {"min(4,2)", "2"},
      {"max(1,\"b\")", "b"},
      {"trunc(-1.7)", "-1"},
      {"exact(3)", "3"},
      {"sigfig(2)", "2"},
      {"hypot(3,4)", "5"},
      {"round(pi(),3)", "3.142"},
      {"sin(0)", "0"},
      {"cos(0)", "1"},
      {"tan(0)", "0"},
      {"asin(0)", "0"},
      {"acos(1)", "0"},
      {"atan(0)", "0"},
      {"atan2(0,1)", "0"},
      {"random()>=0", "true"},
      {"tonumber(\"42\")", "42"},
      {"tonumber(\"ff\",16)", "255"},
      {"tonumber(\"x\")", ""},
      {"tostring(15)", "15"},
      {"tostring(255,\"hex\")", "0xFF"},
      {"tostring(1234567,\"commas\")", "\"1,234,567\""},
      {"tostring(3661,\"duration\")", "01:01:01"},
      {"tostring(5,\"binary\")", "101"},
      {"len(\"héé\")", "3"},
      {"lower(\"AB\")", "ab"},
      {"upper(user)", "ANN"},
      {"trim(\"  a \")", "a"},
      {"ltrim(\"xxa\",\"x\")", "a"},
      {"rtrim(\"axx\",\"x\")", "a"},
      {"substr(\"abcdef\",2,3)", "bcd"},
      {"substr(\"abc\",-2)", "bc"},
      {"replace(\"a1b2\",\"\\d\",\"#\")", "a#b#"},
      {"urldecode(\"a%20b\")", "a b"},
      {"md5(\"a\")", "0cc175b9c0f1b6a831c399e269772661"},
      {"sha1(\"a\")", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"},
      {"len(sha256(\"a\"))", "64"},
      {"printf(\"%05d|%s|%.2f%%\",took,user,1.5)", "00250|ann|1.50%"},
      {"now()", "1767225720"},
      {"time()-now()", "0"},
      {"_time", "2026-01-01T00:00:05Z"},
      {"_time+1", "1767225606"},
      {"strftime(_time,\"%Y-%m-%d %H:%M:%S.%3N\")", "2026-01-01 00:00:05.000"},
      {"strftime(0,\"%F %T\")", "1970-01-01 00:00:00"},
      {"strptime(\"2026-01-01 00:00:01\",\"%Y-%m-%d %H:%M:%S\")", "1767225601"},
      {"relative_time(now(),\"-1d@d\")", "1767139200"},
      {"relative_time(now(),\"@mon\")", "1767225600"},
      {"strftime(now(),\"%s\")", "1767225720"},
      {"mvcount(split(\"a,b\",\",\"))", "2"},
      {"mvindex(split(\"a,b,c\",\",\"),1)", "b"},
      {"mvindex(split(\"a,b,c\",\",\"),-1)", "c"},
      {"mvjoin(mvindex(split(\"a,b,c\",\",\"),0,1),\"-\")", "a-b"},
      {"mvjoin(mvappend(\"a\",split(\"b,c\",\",\")),\"\")", "abc"},
      {"mvjoin(mvdedup(split(\"b,a,b\",\",\")),\"\")", "ba"},
      {"mvjoin(mvsort(split(\"b,a\",\",\")),\"\")", "ab"},
      {"mvjoin(mvreverse(split(\"b,a\",\",\")),\"\")", "ab"},
      {"mvjoin(mvrange(1,6,2),\",\")", "\"1,3,5\""},
      {"mvjoin(mvzip(split(\"a,b\",\",\"),split(\"1,2\",\",\"),\"=\"),\"&\")", "a=1&b=2"},
      {"mvfind(split(\"a,b\",\",\"),\"^b\")", "1"},
      {"json_extract(\"{\\\"a\\\":{\\\"b\\\":5}}\",\"a.b\")", "5"},
      {"json_valid(\"{}\")", "true"},
      {"json_valid(\"x\")", "false"},
      {"json_object(\"a\",1)", "\"{\"\"a\"\":1.0}\""},
      {"json_array(\"x\")", "\"[\"\"x\"\"]\""},
      {"json_keys(\"{\\\"a\\\":1}\")", "\"[\"\"a\"\"]\""},
      {"mvjoin(json_array_to_mv(\"[1,2]\"),\";\")", "1;2"},
      {"spath(\"{\\\"a\\\":7}\",\"a\")", "7"},
      {"null()", ""},
      {"xor(true(),true())", "false"},
      {"false()", "false"},
  };
  std::string assignments;
  std::string names;
  std::string all;
  for (std::size_t i = 0; i < table.size(); ++i) {
    assignments += fmt::format("{}x{} = {}", i == 0 ? "" : ", ", i, table[i].first);
    names += fmt::format(" x{}", i);
    all += (i == 0 ? "" : ",") + table[i].second;
  }
  const std::string answer = ask("took=250 | eval " + assignments + " | table" + names);
  if (answer.substr(answer.find('\n') + 1) == all + "\n") return;
  for (const auto& [expression, wanted] : table) EXPECT_EQ(eval(expression), wanted) << expression;
  ADD_FAILURE() << answer;
}

TEST_F(SearchTest, EvalGoesThroughLists) {
  EXPECT_EQ(ask("slow | eval l=split(\"1,22,3\",\",\") | eval k=mvjoin(mvfilter(l>2),\"-\"), "
                "m=mvjoin(mvmap(l,l*2),\"-\") | table k m"),
            "k,m\n22-3,2-44-6\n");
}

TEST_F(SearchTest, ValuesOfUsersAreNeverSql) {
  for (const std::string& evil :
       {std::string("'; DROP TABLE logs; --"), std::string("$1"), std::string("/* */"),
        std::string("é\xF0\x9F\x98\x80"), std::string("a) OR (1=1"), std::string("s0"),
        std::string("\\\\'")}) {
    EXPECT_EQ(count("\"" + evil + "\""), "0") << evil;
    EXPECT_EQ(count("user=\"" + evil + "\""), "0") << evil;
    EXPECT_EQ(count("\"" + evil + "\"=x"), "0") << evil;
    EXPECT_THAT(
        ask("slow | eval \"" + evil + "\"=\"" + evil + "\" | table \"" + evil + "\" | where '" +
            (evil.find('\'') == std::string::npos ? evil : "x") + "'!=\"q\""),
        HasSubstr(""))
        << evil;
    EXPECT_EQ(ask("slow | eval x=\"" + evil + "\" | stats count by x | fields count"), "count\n1\n")
        << evil;
    if (evil.find('*') != std::string::npos) continue;  // of a name it is a wildcard
    EXPECT_EQ(ask("slow | eval \"" + evil + "\"=1 | stats sum(\"" + evil + "\") as \"" + evil +
                  "\" | rename \"" + evil + "\" as n"),
              "n\n1\n")
        << evil;
    EXPECT_EQ(
        ask("slow | eval x=\"" + evil + "\" | chart count over host by x usenull=f").substr(0, 5),
        "host,")
        << evil;
  }
}

TEST_F(SearchTest, ErrorsNameThePlaceInTheSearch) {
  EXPECT_EQ(ask("* | rex \"(?<a\""), "1:9: this is no regex: invalid named capture group: (?P<a");
  EXPECT_EQ(ask("* | rex \"a\""), "1:9: the regex has no group with a name, as in (?<user>\\w+)");
  EXPECT_THAT(ask("* |\n eval x=match(a,\"(\")"), HasSubstr("2:17: this is no regex"));
  EXPECT_EQ(ask("* | stats rate(x) | timechart count"),
            "1:31: timechart needs _time, which the rows don't have");
  std::string deep = "a";
  for (int i = 0; i < 60; ++i) deep = "mvdedup(" + deep + ")";
  EXPECT_THAT(ask("* | eval x=" + deep), HasSubstr("too deep"));
}

TEST_F(SearchTest, TellsItsSteps) {
  SearchQuery search = query("status=500 host=web1 | stats count by user");
  search.format = Format::kJson;
  search.explains = true;
  const std::string answer = ask(search);
  EXPECT_THAT(
      answer,
      HasSubstr(R"("range":{"start":"2026-01-01T00:00:00Z","end":"2026-01-01T00:02:00Z"})"));
  EXPECT_THAT(
      answer,
      HasSubstr(
          R"("explain":[{"step":"scan of logs: status=\"500\" AND host=\"web1\", from 2026)"));
  EXPECT_THAT(answer, HasSubstr(R"({"step":"stats count BY user")"));
}

}  // namespace
}  // namespace livedata::query::sql::search
