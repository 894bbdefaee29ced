#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace livedata::query::spl {

// The tree of a search. Offsets are bytes of the text, for messages; they don't count when trees
// are compared by their printed form.

struct Expression;
struct Condition;
struct Search;
using ExpressionPtr = std::shared_ptr<const Expression>;
using ConditionPtr = std::shared_ptr<const Condition>;
using SearchPtr = std::shared_ptr<const Search>;

/// A word of the search with its place: mostly the name of a field.
struct Name {
  std::string text;
  std::size_t offset = 0;
};

/// An expression of eval and where.
struct Expression {
  enum class Kind { kNumber, kText, kField, kUnary, kBinary, kCall };
  Kind kind = Kind::kNumber;
  double number = 0;
  /// A text, a field, a function in lower case, or an operator: - NOT, or + - * / % . < <= > >= =
  /// != LIKE AND OR XOR.
  std::string text = {};
  std::vector<ExpressionPtr> arguments = {};
  std::size_t offset = 0;
};

enum class Compare { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

/// A condition of the command search.
struct Condition {
  enum class Kind {
    kAll,  ///< *
    kAnd,
    kOr,
    kNot,
    kWord,       ///< text, in which * stands for anything
    kPhrase,     ///< the same, in quotes
    kCompare,    ///< field compare text
    kIn,         ///< field IN (values)
    kSubsearch,  ///< [search ...]: one of its rows
  };
  Kind kind = Kind::kAll;
  Name field = {};
  Compare compare = Compare::kEqual;
  std::vector<std::string> values = {};  ///< of kWord, kPhrase and kCompare one
  std::vector<ConditionPtr> children = {};
  SearchPtr subsearch = {};
  std::size_t offset = 0;
};

/// `stats` and its kin: function(argument) AS name.
struct Aggregation {
  std::string function;         ///< as it was written, in lower case; perc95 is perc
  double percent = 0;           ///< of percentiles
  ExpressionPtr argument = {};  ///< a field or eval(...); none for count
  bool is_eval = false;
  std::string name = {};  ///< of the column
  bool has_name = false;  ///< whether AS stood there
  std::size_t offset = 0;
};

/// A length of time, or of numbers.
struct Span {
  enum class Unit { kNumber, kNanoseconds, kMonths };
  Unit unit = Unit::kNumber;
  double number = 0;       ///< of kNumber
  std::int64_t count = 0;  ///< of the others
  std::string text = {};
};

struct SearchCommand {
  ConditionPtr condition;
};
struct WhereCommand {
  ExpressionPtr condition;
};
struct FieldsCommand {
  bool removes = false;
  std::vector<Name> names;
};
struct TableCommand {
  std::vector<Name> names;
};
struct RenameCommand {
  struct Pair {
    Name from;
    Name to;
  };
  std::vector<Pair> pairs;
};
struct EvalCommand {
  struct Assignment {
    Name field;
    ExpressionPtr value;
  };
  std::vector<Assignment> assignments;
};
enum class StatsKind { kStats, kEventstats, kStreamstats };
struct StatsCommand {
  StatsKind kind = StatsKind::kStats;
  std::vector<Aggregation> aggregations;
  std::vector<Name> by;
  std::optional<std::uint64_t> window = {};  ///< of streamstats: so many rows; 0: all
  bool includes_current = true;
};
/// chart and timechart.
struct ChartCommand {
  bool is_over_time = false;
  std::vector<Aggregation> aggregations;
  std::optional<Name> over;  ///< of chart: the rows
  std::optional<Name> by;    ///< the columns
  std::optional<Span> span;
  std::uint64_t limit = 10;  ///< columns; 0: all
  bool uses_other = true;
  bool uses_null = true;
  bool fills_gaps = true;
};
struct TopCommand {
  bool is_rare = false;
  std::uint64_t limit = 10;  ///< 0: all
  std::vector<Name> fields;
  std::vector<Name> by;
  std::string count_name = "count";
  std::string percent_name = "percent";
  bool shows_count = true;
  bool shows_percent = true;
};
struct HeadCommand {
  bool is_tail = false;
  std::uint64_t count = 10;
  ExpressionPtr while_true = {};  ///< of head
};
struct SortCommand {
  enum class By { kAuto, kNumber, kText, kAddress };
  struct Key {
    Name field;
    bool falls = false;
    By by = By::kAuto;
  };
  std::uint64_t limit = 0;  ///< 0: all
  std::vector<Key> keys;
};
struct DedupCommand {
  std::uint64_t keep = 1;
  std::vector<Name> fields;
  bool keeps_empty = false;
  bool is_consecutive = false;
};
struct RexCommand {
  Name field = {"_raw", 0};
  std::string pattern;
  bool is_sed = false;
  std::uint64_t max_match = 1;
  std::size_t offset = 0;  ///< of the pattern
};
struct RegexCommand {
  Name field = {"_raw", 0};
  bool is_negative = false;
  std::string pattern;
  std::size_t offset = 0;
};
struct BinCommand {
  Name field;
  std::optional<Span> span;
  std::uint64_t bins = 100;
  std::optional<Name> as;
};
struct SpathCommand {
  Name input = {"_raw", 0};
  std::optional<Name> output;
  Name path;  ///< empty: all members
};
struct FillnullCommand {
  std::string value = "0";
  std::vector<Name> fields;  ///< none: all
};
struct MakemvCommand {
  Name field;
  std::string delimiter = " ";
  std::string tokenizer = {};  ///< a regex instead, if not empty
  bool keeps_empty = false;
  std::size_t offset = 0;
};
struct MvexpandCommand {
  Name field;
  std::uint64_t limit = 0;
};
struct TransactionCommand {
  std::vector<Name> fields;
  std::optional<std::int64_t> max_span_ns = {};
  std::optional<std::int64_t> max_pause_ns = {};
  ConditionPtr starts_with = {};
  ConditionPtr ends_with = {};
  std::uint64_t max_events = 1000;
};
struct JoinCommand {
  bool keeps_unmatched = false;  ///< type=left
  std::vector<Name> fields;
  SearchPtr search;
  std::uint64_t max = 1;  ///< rows of the right side for each of the left; 0: all
};
struct AppendCommand {
  SearchPtr search;
};
struct LookupCommand {
  Name table;
  std::vector<RenameCommand::Pair> matches;  ///< column of the lookup, field of the rows
  std::vector<RenameCommand::Pair> outputs;  ///< none: all other columns
  bool keeps_old = false;                    ///< OUTPUTNEW
};
struct InputlookupCommand {
  Name table;
  ConditionPtr where = {};
  std::uint64_t max = 0;
  bool appends = false;
};
struct AddtotalsCommand {
  bool sums_rows = true;
  bool sums_columns = false;
  std::string field_name = "Total";
  std::string label = "Total";
  std::optional<Name> label_field = {};
  std::vector<Name> fields;  ///< none: all numbers
};
struct DeltaCommand {
  Name field;
  std::optional<Name> as;
  std::uint64_t back = 1;
};

using CommandBody =
    std::variant<SearchCommand, WhereCommand, FieldsCommand, TableCommand, RenameCommand,
                 EvalCommand, StatsCommand, ChartCommand, TopCommand, HeadCommand, SortCommand,
                 DedupCommand, RexCommand, RegexCommand, BinCommand, SpathCommand, FillnullCommand,
                 MakemvCommand, MvexpandCommand, TransactionCommand, JoinCommand, AppendCommand,
                 LookupCommand, InputlookupCommand, AddtotalsCommand, DeltaCommand>;

struct Command {
  CommandBody body;
  std::size_t offset = 0;  ///< of its name
};

/// The first command is a SearchCommand or an InputlookupCommand.
struct Search {
  std::optional<Name> earliest = {};  ///< time modifiers, as they stand there
  std::optional<Name> latest = {};
  std::vector<Command> commands = {};
};

}  // namespace livedata::query::spl
