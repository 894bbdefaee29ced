#include "query/spl/field_names.h"

namespace livedata::query::spl {
namespace {

class Collector {
 public:
  std::set<std::string> names;

  void add(const std::string& name) {
    if (name.find('*') == std::string::npos) names.insert(name);
  }
  void add(const Name& name) { add(name.text); }
  void add(const std::vector<Name>& all) {
    for (const Name& name : all) add(name);
  }
  void add(const std::optional<Name>& name) {
    if (name) add(*name);
  }
  void add(const ExpressionPtr& expression) {
    if (expression == nullptr) return;
    if (expression->kind == Expression::Kind::kField) add(expression->text);
    for (const ExpressionPtr& argument : expression->arguments) add(argument);
  }
  void add(const ConditionPtr& condition) {
    if (condition == nullptr) return;
    if (!condition->field.text.empty()) add(condition->field);
    for (const ConditionPtr& child : condition->children) add(child);
  }
  void add(const std::vector<Aggregation>& all) {
    for (const Aggregation& made : all) add(made.argument);
  }

  void operator()(const SearchCommand& c) { add(c.condition); }
  void operator()(const WhereCommand& c) { add(c.condition); }
  void operator()(const FieldsCommand& c) { add(c.names); }
  void operator()(const TableCommand& c) { add(c.names); }
  void operator()(const RenameCommand& c) {
    for (const RenameCommand::Pair& pair : c.pairs) add(pair.from);
  }
  void operator()(const EvalCommand& c) {
    for (const EvalCommand::Assignment& one : c.assignments) add(one.value);
  }
  void operator()(const StatsCommand& c) {
    add(c.aggregations);
    add(c.by);
  }
  void operator()(const ChartCommand& c) {
    add(c.aggregations);
    add(c.over);
    add(c.by);
  }
  void operator()(const TopCommand& c) {
    add(c.fields);
    add(c.by);
  }
  void operator()(const HeadCommand& c) { add(c.while_true); }
  void operator()(const SortCommand& c) {
    for (const SortCommand::Key& key : c.keys) add(key.field);
  }
  void operator()(const DedupCommand& c) { add(c.fields); }
  void operator()(const RexCommand& c) { add(c.field); }
  void operator()(const RegexCommand& c) { add(c.field); }
  void operator()(const BinCommand& c) { add(c.field); }
  void operator()(const SpathCommand& c) { add(c.input); }
  void operator()(const FillnullCommand& c) { add(c.fields); }
  void operator()(const MakemvCommand& c) { add(c.field); }
  void operator()(const MvexpandCommand& c) { add(c.field); }
  void operator()(const TransactionCommand& c) {
    add(c.fields);
    add(c.starts_with);
    add(c.ends_with);
  }
  void operator()(const JoinCommand& c) { add(c.fields); }
  void operator()(const AppendCommand&) {}
  void operator()(const LookupCommand& c) {
    for (const RenameCommand::Pair& pair : c.matches) add(pair.to);
    for (const RenameCommand::Pair& pair : c.outputs) add(pair.to);
  }
  void operator()(const InputlookupCommand&) {}
  void operator()(const AddtotalsCommand& c) { add(c.fields); }
  void operator()(const DeltaCommand& c) { add(c.field); }
};

}  // namespace

std::set<std::string> field_names(const Search& search) {
  Collector collector;
  for (const Command& command : search.commands) std::visit(collector, command.body);
  return std::move(collector.names);
}

}  // namespace livedata::query::spl
