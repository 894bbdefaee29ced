#include "query/sql/search/aggregate_sql.h"

#include <fmt/format.h>

namespace livedata::query::sql::search {
namespace {

// Around the condition that an aggregate has of its own, where FILTER and OVER come.
constexpr char kBegin = '\x01';
constexpr char kEnd = '\x02';

class Maker {
 public:
  Maker(const spl::Aggregation& made, const AggregateInput& input)
      : made_(made),
        input_(input),
        value_(input.argument.value_or(Value{"NULL", Kind::kNull})),
        number_(fmt::format("CAST({} AS DOUBLE)", as_number(value_))) {}

  spl::Parsed<Aggregate> make() {
    const std::string& f = made_.function;
    if (f == "count" || f == "c") return Aggregate(count(), Kind::kInteger);
    if (f == "dc" || f == "distinct_count" || f == "estdc") return distinct_count();
    if (f == "sum") return number(call("sum", number_));
    if (f == "avg" || f == "mean") return number(call("avg", number_));
    if (f == "sumsq") return number(call("sum", number_ + " * " + number_));
    if (f == "median") return number(call("quantile_cont", number_ + ", 0.5"));
    if (f == "perc" || f == "exactperc" || f == "upperperc") return percentile();
    if (f == "stdev") return number(call("stddev_samp", number_));
    if (f == "stdevp") return number(call("stddev_pop", number_));
    if (f == "var") return number(call("var_samp", number_));
    if (f == "varp") return number(call("var_pop", number_));
    if (f == "range")
      return number("(" + call("max", number_) + " - " + call("min", number_) + ")");
    if (f == "min" || f == "max") return extreme(f);
    if (f == "mode") return Aggregate(call("mode", as_text(value_)), Kind::kText);
    if (f == "values" || f == "list") return listed(f == "values");
    if (f == "first" || f == "last") return placed(f);
    if (f.starts_with("per_")) return per_time();
    return timed();
  }

 private:
  static Aggregate number(std::string sql) { return {std::move(sql), Kind::kDouble}; }

  [[nodiscard]] static std::string call(std::string_view function, const std::string& arguments,
                                        const std::string& condition = "") {
    return fmt::format("{}({}){}{}{}", function, arguments, kBegin, condition, kEnd);
  }
  [[nodiscard]] std::string is_there() const { return value_.sql + " IS NOT NULL"; }

  [[nodiscard]] std::string count() const {
    if (!input_.argument) return call("count", "*");
    if (value_.kind == Kind::kList)
      return fmt::format("coalesce(CAST({} AS BIGINT), 0)",
                         call("sum", fmt::format("len({})", value_.sql)));
    const bool is_condition = made_.is_eval && value_.kind == Kind::kBool;
    return call("count",
                is_condition ? fmt::format("CASE WHEN {} THEN 1 END", value_.sql) : value_.sql);
  }

  [[nodiscard]] Aggregate distinct_count() const {
    if (value_.kind == Kind::kList)
      return {fmt::format("coalesce(len(list_distinct(flatten({}))), 0)",
                          call("list", value_.sql, is_there())),
              Kind::kInteger};
    const std::string what = value_.kind == Kind::kMap ? as_text(value_) : value_.sql;
    return {call("count", "DISTINCT " + what), Kind::kInteger};
  }

  [[nodiscard]] Aggregate percentile() const {
    const bool is_upper = made_.function == "upperperc";
    return number(call(is_upper ? "quantile_disc" : "quantile_cont",
                       fmt::format("{}, {}", number_, made_.percent / 100)));
  }

  /// Of numbers the least or greatest number, of texts the first or last one.
  [[nodiscard]] Aggregate extreme(const std::string& function) const {
    if (value_.kind == Kind::kInteger || value_.kind == Kind::kDouble || value_.kind == Kind::kTime)
      return {call(function, value_.sql), value_.kind};
    const std::string texts = as_text(value_);
    const Value best{call(function, number_), Kind::kDouble};
    return {fmt::format("(CASE WHEN {} = {} THEN {} ELSE {} END)", call("count", texts),
                        call("count", number_), as_text(best), call(function, texts)),
            Kind::kText};
  }

  [[nodiscard]] Aggregate listed(bool is_set) const {
    const bool is_list = value_.kind == Kind::kList;
    const std::string what = is_list ? value_.sql : as_text(value_);
    const std::string all = call("list", what + input_.order, what + " IS NOT NULL");
    const std::string flat = is_list ? fmt::format("flatten({})", all) : all;
    if (!is_set) return {fmt::format("list_slice({}, 1, 100)", flat), Kind::kList};
    if (is_list) return {fmt::format("list_sort(list_distinct({}))", flat), Kind::kList};
    return {fmt::format("list_sort({})", call("list", "DISTINCT " + what, what + " IS NOT NULL")),
            Kind::kList};
  }

  [[nodiscard]] Aggregate placed(const std::string& function) const {
    if (input_.number.empty())
      return {call(function, value_.sql + input_.order, is_there()), value_.kind};
    return {call(function == "first" ? "arg_min" : "arg_max", value_.sql + ", " + input_.number,
                 is_there()),
            value_.kind};
  }

  [[nodiscard]] spl::Parsed<Aggregate> per_time() const {
    if (!input_.seconds) return spl::mistake(made_.offset, "{}() is for timechart", made_.function);
    const double unit = made_.function == "per_second"   ? 1
                        : made_.function == "per_minute" ? 60
                        : made_.function == "per_hour"   ? 3600
                                                         : 86400;
    return number(fmt::format("({} * {} / {})", call("sum", number_), unit, *input_.seconds));
  }

  /// Those that ask for the rows' time.
  [[nodiscard]] spl::Parsed<Aggregate> timed() const {
    if (input_.time.kind == Kind::kNull)
      return spl::mistake(made_.offset, "{}() needs _time, which the rows don't have",
                          made_.function);
    const std::string& f = made_.function;
    const std::string time = as_number(input_.time);
    const std::string& key = input_.time.sql;
    if (f == "earliest" || f == "latest") {
      return Aggregate(
          call(f == "latest" ? "arg_max" : "arg_min", value_.sql + ", " + key, is_there()),
          value_.kind);
    }
    if (f == "earliest_time" || f == "latest_time")
      return number(call(f == "latest_time" ? "max" : "min", time, is_there()));
    const std::string is_number = number_ + " IS NOT NULL";
    return number(fmt::format("(({} - {}) / nullif({} - {}, 0))",
                              call("arg_max", number_ + ", " + key, is_number),
                              call("arg_min", number_ + ", " + key, is_number),
                              call("max", time, is_number), call("min", time, is_number)));
  }

  const spl::Aggregation& made_;
  const AggregateInput& input_;
  const Value value_;
  const std::string number_;
};

}  // namespace

Value Aggregate::filled(std::string_view condition, std::string_view window) const {
  std::string out;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] != kBegin) {
      out += text_[i];
      continue;
    }
    const std::size_t end = text_.find(kEnd, i);
    const std::string_view own = std::string_view(text_).substr(i + 1, end - i - 1);
    if (!own.empty() || !condition.empty()) {
      out += fmt::format(" FILTER (WHERE {}{}{})", own,
                         own.empty() || condition.empty() ? "" : " AND ", condition);
    }
    if (!window.empty()) out += fmt::format(" {}", window);
    i = end;
  }
  return {std::move(out), kind_};
}

spl::Parsed<Aggregate> make_aggregate(const spl::Aggregation& made, const AggregateInput& input) {
  return Maker(made, input).make();
}

}  // namespace livedata::query::sql::search
