#pragma once

#include <random>
#include <string>
#include <vector>

namespace livedata::query::spl {

/// Makes valid searches at random.
class SearchGenerator {
 public:
  explicit SearchGenerator(std::uint64_t seed) : random_(seed) {}

  std::string search(int depth = 2) {
    std::string out = condition(2);
    if (random_() % 4 == 0) out += " earliest=" + pick({"-15m@m", "\"@d\"", "0", "1767225600"});
    for (auto i = random_() % 5; i-- > 0;) out += " | " + command(depth);
    return out;
  }

  std::string condition(int depth) {
    switch (depth == 0 ? random_() % 5 : random_() % 9) {
      case 0:
        return pick({"error", "time*out", "10.0.0.1", "*", "/var/log", "user_7"});
      case 1:
        return pick({"\"two words\"", R"("with \"quote\" and \\ slash")", "\"a|b [c]\"", "\"é\""});
      case 2:
      case 3:
        return field() + pick({"=", "!=", "<", "<=", ">", ">=", " = "}) +
               pick({"500", "web*", "\"a b\"", "-1.5", "x;--", "'q'"});
      case 4:
        return field() + " IN (" + pick({"1, 2", "\"a\"", "a*, \"b c\""}) + ")";
      case 5:
        return condition(depth - 1) + " " + condition(depth - 1);
      case 6:
        return "(" + condition(depth - 1) + " OR " + condition(depth - 1) + ")";
      case 7:
        return "NOT (" + condition(depth - 1) + " AND " + condition(depth - 1) + ")";
      default:
        return condition(depth - 1) + " OR " + condition(depth - 1);
    }
  }

  std::string expression(int depth) {
    switch (depth == 0 ? random_() % 4 : random_() % 10) {
      case 0:
        return pick({"1", "-2.5", "1e3", "0"});
      case 1:
        return pick({R"("text")", R"("it's \"x\"")", R"("\\d+")"});
      case 2:
      case 3:
        return pick({"status", "_time", "'a.b'", "'x y'", "ms"});
      case 4:
      case 5:
        return "(" + expression(depth - 1) + " " +
               pick({"+", "-", "*", "/", "%", ".", "=", "!=", "<", ">=", "AND", "or", "XOR",
                     "LIKE"}) +
               " " + expression(depth - 1) + ")";
      case 6:
        return pick({"(-(", "(NOT ("}) + expression(depth - 1) + "))";
      case 7:
        return "(" + expression(depth - 1) + " IN (" + expression(depth - 1) + ", 5))";
      case 8:
        return pick({"abs", "lower", "isnull", "tostring", "mvcount"}) + "(" +
               expression(depth - 1) + ")";
      default:
        return "if(" + expression(depth - 1) + ", " + expression(depth - 1) + ", null())";
    }
  }

 private:
  std::string pick(const std::vector<std::string>& choices) {
    return choices[random_() % choices.size()];
  }
  std::string field() { return pick({"status", "host", "a.b", "\"x y\"", "_raw", "n{}"}); }
  std::string by() { return random_() % 2 == 0 ? "" : " by " + field() + pick({"", ", level"}); }
  std::string aggregations() {
    const std::string one =
        pick({"count", "c", "avg(ms)", "perc99.9(ms) as p", "dc(\"x y\")", "values(host) AS h",
              "sum(eval(status*2)) as s", "max(ms), min(ms)"});
    return random_() % 3 == 0 ? one + ", count(status)" : one;
  }

  std::string command(int depth) {
    switch (random_() % 26) {
      case 0:
        return "search " + condition(2);
      case 1:
        return "where " + expression(3);
      case 2:
        return "fields " + pick({"", "- ", "+ "}) + field() + pick({"", ", h*", " level"});
      case 3:
        return "table " + field() + pick({"", ", *"});
      case 4:
        return "rename " + pick({"a AS b", "x.* as *", "\"a b\" as c, d AS \"e f\""});
      case 5:
        return "eval x = " + expression(3) + pick({"", ", \"y z\" = 1"});
      case 6:
        return pick({"stats ", "eventstats "}) + aggregations() + by();
      case 7:
        return "streamstats " + pick({"", "window=3 ", "current=f window=0 "}) + aggregations() +
               by();
      case 8:
        return "chart " + pick({"", "limit=5 useother=f "}) + aggregations() + " by " + field() +
               pick({"", " level", ", level"});
      case 9:
        return "chart " + aggregations() + " over host by level";
      case 10:
        return "timechart " + pick({"", "span=5m ", "span=1mon cont=f "}) + aggregations() +
               pick({"", " by host limit=3"});
      case 11:
        return pick({"top ", "rare 3 ", "top limit=0 showperc=f "}) + field() + by();
      case 12:
        return pick({"head", "head 3", "tail", "tail 2", "head (ms < 5)"});
      case 13:
        return "sort " + pick({"", "5 ", "0 "}) + pick({"-", "+", ""}) +
               pick({"status", "num(ms)", "ip(host), - _time"});
      case 14:
        return "dedup " + pick({"", "2 "}) + field() + pick({"", " keepempty=t", " consecutive=1"});
      case 15:
        return pick({R"re(rex "user=(?<user>\w+)")re",
                     R"re(rex field=a.b max_match=0 "(?<d>\d)")re",
                     R"(rex mode=sed "s/a/\"b\"/g")"});
      case 16:
        return pick({R"(regex "^\d+")", R"(regex host!="x|y")"});
      case 17:
        return pick({"bin _time span=5m", "bucket span=10 ms as b", "bin ms bins=20"});
      case 18:
        return pick({"spath path=a.b", "spath input=x output=y path=a{}.c", "spath a.b"});
      case 19:
        return pick({"fillnull", "fillnull value=- a b", "fillnull value=\"\" status"});
      case 20:
        return pick({"makemv a", "makemv delim=\",\" a", R"re(makemv tokenizer="(\w+)" a)re"});
      case 21:
        return pick({"mvexpand a", "mvexpand a limit=3", "delta ms", "delta ms as d p=2"});
      case 22:
        return pick({"transaction host maxpause=5m", "transaction maxspan=1h startswith=\"in\"",
                     "transaction a, b endswith=(status=200 done) maxevents=5"});
      case 23:
        return depth == 0 ? "head 1" : "join type=left host [search " + search(depth - 1) + "]";
      case 24:
        return depth == 0 ? "tail 1" : "append [search " + search(depth - 1) + "]";
      default:
        return pick({"lookup users id AS user OUTPUT name, role as r", "lookup users id",
                     "addtotals", "addtotals col=t row=f labelfield=host ms, n",
                     "inputlookup append=t users"});
    }
  }

  std::mt19937_64 random_;
};

}  // namespace livedata::query::spl
