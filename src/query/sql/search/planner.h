#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/time_range.h"
#include "query/spl/ast.h"
#include "query/spl/fault.h"
#include "query/sql/query.h"
#include "query/sql/search/aggregate_sql.h"
#include "query/sql/search/condition_sql.h"
#include "query/sql/search/expression_sql.h"
#include "query/sql/search/schema.h"
#include "query/sql/table.h"

namespace livedata::query::sql::search {

/// The rows of a lookup.
struct LookupTable {
  std::vector<std::string> columns;
  std::string rows;  ///< JSON: an array of arrays of texts
};

/// What a plan is made of, beside the search.
struct PlanInput {
  std::vector<Table> tables;
  TimestampNs now = 0;
  TimeRange range;  ///< where the search does not say one
  std::function<Result<LookupTable>(const std::string& name)> load_lookup;
  /// Runs a query of one column of texts: which columns there will be is asked beforehand.
  std::function<spl::Parsed<std::vector<std::string>>(const Query& query)> ask;
  /// Rows that are wanted; of records the newest, then. Whether there are more is to be known.
  std::optional<std::size_t> limit = {};
};

struct Plan {
  std::string sql;
  std::vector<std::pair<std::string, Parameter>> parameters;
  TimeRange range;
  std::vector<PlanStep> steps;
};

/// Turns a search into one statement of SQL: a common table expression per command. It has names of
/// ours, names of columns in quotes, and place holders; a user's values are in the parameters.
class Planner {
 public:
  explicit Planner(const PlanInput& input) : input_(input) {}

  spl::Parsed<Plan> plan(const spl::Search& search);

 private:
  using Done = spl::Parsed<void>;
  class NewColumns;

  // base.cc: the records of the first command
  spl::Parsed<Rows> rows_of(const spl::Search& search);
  spl::Parsed<Rows> scan(const spl::Search& search, const spl::Condition& condition);
  spl::Parsed<TimeRange> range_of(const spl::Search& search) const;
  [[nodiscard]] const Table* table_of(const spl::Condition& condition) const;
  [[nodiscard]] const Table* find_table(std::string_view name) const;
  using FieldLookup = ExpressionSql::FieldLookup;
  spl::Parsed<std::string> subsearch_condition(const FieldLookup& field, const spl::Search& search,
                                               std::size_t offset);
  Rows all_fields(const spl::Search& search, const Table& table, const FieldLookup& field,
                  std::string& select);
  [[nodiscard]] std::string time_condition(const TimeRange& range);
  spl::Parsed<std::string> condition_of(const Rows& rows, const spl::Condition& condition);
  spl::Parsed<Value> expression_of(const Rows& rows, const spl::Expression& expression);

  /// Adds a step and names it.
  std::string add_step(std::string select, bool is_materialized = false);
  void filter(Rows& rows, const std::string& condition);
  /// The rows with a number in their order, which is the only key of the order then.
  void number_rows(Rows& rows);
  [[nodiscard]] std::string new_column() { return "c" + std::to_string(++columns_); }
  /// Names that match patterns; a name without * is there in any case.
  [[nodiscard]] static std::vector<std::string> expand(const Rows& rows,
                                                       const std::vector<spl::Name>& names);
  /// Puts one value of a list per row.
  void expand_list(Rows& rows, const std::string& field, std::uint64_t limit);
  /// The rows of both, one behind the other.
  Rows joined(const Rows& first, const Rows& second);
  [[nodiscard]] std::string text_of(const Rows& rows, const std::string& select) const;
  [[nodiscard]] std::string final_text(const Rows& rows);
  Done check_size(std::size_t offset) const;

  // A command each.
  Done apply(Rows& rows, const spl::Command& command);
  Done run(Rows& rows, const spl::SearchCommand& command);
  Done run(Rows& rows, const spl::WhereCommand& command);
  Done run(Rows& rows, const spl::FieldsCommand& command);
  Done run(Rows& rows, const spl::TableCommand& command);
  Done run(Rows& rows, const spl::RenameCommand& command);
  Done run(Rows& rows, const spl::EvalCommand& command);
  Done run(Rows& rows, const spl::StatsCommand& command);
  Done run(Rows& rows, const spl::ChartCommand& command);
  Done run(Rows& rows, const spl::TopCommand& command);
  Done run(Rows& rows, const spl::HeadCommand& command);
  Done run(Rows& rows, const spl::SortCommand& command);
  Done run(Rows& rows, const spl::DedupCommand& command);
  Done run(Rows& rows, const spl::RexCommand& command);
  Done run(Rows& rows, const spl::RegexCommand& command);
  Done run(Rows& rows, const spl::BinCommand& command);
  Done run(Rows& rows, const spl::SpathCommand& command);
  Done run(Rows& rows, const spl::FillnullCommand& command);
  Done run(Rows& rows, const spl::MakemvCommand& command);
  Done run(Rows& rows, const spl::MvexpandCommand& command);
  Done run(Rows& rows, const spl::TransactionCommand& command);
  Done run(Rows& rows, const spl::JoinCommand& command);
  Done run(Rows& rows, const spl::AppendCommand& command);
  Done run(Rows& rows, const spl::LookupCommand& command);
  Done run(Rows& rows, const spl::InputlookupCommand& command);
  Done run(Rows& rows, const spl::AddtotalsCommand& command);
  Done run(Rows& rows, const spl::DeltaCommand& command);

  // stats.cc
  struct Summary {
    std::string name;
    Aggregate aggregate;
  };
  spl::Parsed<std::vector<Summary>> summaries(const Rows& rows,
                                              const std::vector<spl::Aggregation>& made,
                                              bool is_window, std::optional<double> seconds = {});
  Done stream_stats(Rows& rows, const spl::StatsCommand& command);
  Done event_stats(Rows& rows, const spl::StatsCommand& command);

  // chart.cc
  struct Series {
    std::string column_name;
    std::string condition;
  };
  spl::Parsed<std::vector<Series>> series_of(const Rows& rows, const spl::ChartCommand& command,
                                             const Value& row, const Value& by);
  struct ChartColumn {
    std::string name;
    Value value;
    bool is_count = false;  ///< 0 where nothing is
  };
  spl::Parsed<Value> chart_key(Rows& rows, const spl::ChartCommand& command, const spl::Span& span);
  spl::Parsed<std::vector<ChartColumn>> chart_columns(const Rows& rows,
                                                      const spl::ChartCommand& command,
                                                      const Value& key,
                                                      std::optional<double> seconds);
  [[nodiscard]] spl::Span default_span() const;
  Value binned(const Value& value, const spl::Span& span);
  void fill_gaps(Rows& rows, const spl::Span& span, const std::vector<bool>& are_counts);

  // lookups.cc
  spl::Parsed<Rows> lookup_rows(const spl::Name& name);

  const PlanInput& input_;
  Bindings bindings_;
  std::vector<std::string> steps_;
  std::size_t columns_ = 0;
  std::size_t bytes_ = 0;
  TimeRange range_;
  /// Lookups by name, each read and bound once: their columns and their place holder.
  std::map<std::string, std::pair<std::vector<std::string>, std::string>> lookups_;
  std::vector<PlanStep> told_;
  int depth_ = 0;
};

/// Columns that a command adds to all rows, in one step.
class Planner::NewColumns {
 public:
  NewColumns(Planner& planner, Rows& rows) : planner_(planner), rows_(rows) {}

  Value add(const Value& value) {
    const std::string name = planner_.new_column();
    select_ += ", " + value.sql + " AS " + name;
    return {name, value.kind};
  }
  void done() {
    if (select_.empty()) return;
    rows_.from = planner_.add_step("SELECT *" + select_ + " FROM " + rows_.from);
    select_.clear();
  }

 private:
  Planner& planner_;
  Rows& rows_;
  std::string select_;
};

}  // namespace livedata::query::sql::search
