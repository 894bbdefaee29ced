#include "query/sql/record_scan.h"

#include <algorithm>
#include <limits>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/view_catalog_entry.hpp>
#include <duckdb/common/constants.hpp>
#include <duckdb/common/table_column.hpp>
#include <duckdb/function/table_function.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/expression/star_expression.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>
#include <duckdb/parser/parsed_data/create_view_info.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>
#include <duckdb/transaction/meta_transaction.hpp>
#include <fmt/format.h>

#include "base/time_format.h"
#include "query/sql/scan_conditions.h"
#include "query/sql/unit_columns.h"

namespace livedata::query::sql {
namespace {

using duckdb::idx_t;
using duckdb::make_uniq;
using duckdb::string;
using duckdb::unique_ptr;
using duckdb::vector;

constexpr const char* kFunctionName = "livedata_scan";

struct ScanInfo : duckdb::TableFunctionInfo {
  explicit ScanInfo(ScanSource& s) : source(s) {}
  ScanSource& source;
};

struct ScanBinding : duckdb::TableFunctionData {
  ScanBinding(ScanSource& s, const Table& t) : source(s), table(t) { conditions.range = s.range(); }

  unique_ptr<duckdb::FunctionData> Copy() const override {
    auto copy = make_uniq<ScanBinding>(source, table);
    copy->conditions = conditions;
    return copy;
  }
  // A scan with conditions is equal to itself alone.
  bool Equals(const duckdb::FunctionData& other) const override { return this == &other; }

  ScanSource& source;
  const Table& table;
  ScanConditions conditions;
};

struct GlobalState : duckdb::GlobalTableFunctionState {
  idx_t MaxThreads() const override { return std::max<idx_t>(1, running->scan.num_units()); }

  std::shared_ptr<RunningScan> running;
  vector<duckdb::column_t> columns;
  bool drops_empty_lines = false;
};

/// What one thread has of the unit that it works on.
struct LocalState : duckdb::LocalTableFunctionState {
  storage::ScanRows unit;
  std::size_t next_row = 0;
  std::vector<std::unique_ptr<UnitColumn>> columns;  // null: no value of it is needed
};

[[noreturn]] void throw_error(const Error& error) {
  if (error.code == ErrorCode::kCancelled || error.code == ErrorCode::kDeadlineExceeded)
    throw duckdb::InterruptException();
  throw duckdb::IOException(error.message);
}

const ScanBinding& binding_of(const duckdb::FunctionData& data) { return data.Cast<ScanBinding>(); }

unique_ptr<duckdb::FunctionData> bind(duckdb::ClientContext&, duckdb::TableFunctionBindInput& input,
                                      vector<duckdb::LogicalType>& types, vector<string>& names) {
  ScanSource& source = input.info->Cast<ScanInfo>().source;
  const string name = input.inputs.front().IsNull() ? string() : input.inputs.front().ToString();
  const Table* table = source.find(name);
  if (table == nullptr) throw duckdb::BinderException("there is no table '%s'", name);
  for (const Column& column : table->columns) {
    types.push_back(logical_type(column.type));
    names.push_back(column.name);
  }
  return make_uniq<ScanBinding>(source, *table);
}

void push_filters(duckdb::ClientContext&, duckdb::LogicalGet& get, duckdb::FunctionData* data,
                  vector<unique_ptr<duckdb::Expression>>& filters) {
  auto& binding = data->Cast<ScanBinding>();
  vector<unique_ptr<duckdb::Expression>> left;
  for (auto& filter : filters) {
    if (!push_condition(get, binding.table, *filter, binding.conditions))
      left.push_back(std::move(filter));
  }
  filters = std::move(left);
}

storage::ScanRequest request_of(const ScanBinding& binding,
                                const vector<duckdb::column_t>& columns) {
  const ScanConditions& conditions = binding.conditions;
  storage::ScanRequest request;
  request.range = conditions.range;
  request.matchers = binding.table.streams;
  request.matchers.insert(request.matchers.end(), conditions.matchers.begin(),
                          conditions.matchers.end());
  request.needles = conditions.needles;
  request.field_values = conditions.field_values;
  request.needle_choices = conditions.needle_choices;
  request.columns.lines = false;
  request.columns.all_fields = false;
  for (const duckdb::column_t id : columns) {
    if (id >= binding.table.columns.size()) continue;
    const Column& column = binding.table.columns[id];
    if (column.origin == ColumnOrigin::kLine) request.columns.lines = true;
    if (column.origin == ColumnOrigin::kFields) request.columns.all_fields = true;
    if (column.has_field) request.columns.field_names.push_back(column.attribute);
  }
  return request;
}

unique_ptr<duckdb::GlobalTableFunctionState> start(duckdb::ClientContext&,
                                                   duckdb::TableFunctionInitInput& input) {
  const ScanBinding& binding = binding_of(*input.bind_data);
  auto running = binding.source.start(request_of(binding, input.column_ids));
  if (!running) throw_error(running.error());
  auto state = make_uniq<GlobalState>();
  state->running = *std::move(running);
  state->columns = input.column_ids;
  state->drops_empty_lines = binding.conditions.drops_empty_lines;
  return state;
}

unique_ptr<duckdb::LocalTableFunctionState> start_thread(duckdb::ExecutionContext&,
                                                         duckdb::TableFunctionInitInput&,
                                                         duckdb::GlobalTableFunctionState*) {
  return make_uniq<LocalState>();
}

/// Reads units until one has rows. False: there are none left.
bool next_unit(const ScanBinding& binding, GlobalState& global, LocalState& local) {
  RunningScan& running = *global.running;
  for (;;) {
    const std::size_t unit = running.next_unit++;
    if (unit >= running.scan.num_units()) return false;
    auto rows = running.scan.read(unit, binding.source.deadline());
    if (!rows) throw_error(rows.error());
    running.rows_scanned += running.scan.unit(unit).num_rows;
    local.unit = *std::move(rows);
    local.next_row = 0;
    if (global.drops_empty_lines && local.unit.batch != nullptr) {
      std::erase_if(local.unit.rows,
                    [&](RowIndex row) { return local.unit.batch->line(row).empty(); });
    }
    if (!local.unit.rows.empty()) break;
  }
  running.rows_given += local.unit.rows.size();
  local.columns.clear();
  for (const duckdb::column_t id : global.columns) {
    const bool is_column = id < binding.table.columns.size();
    local.columns.push_back(
        is_column ? std::make_unique<UnitColumn>(binding.table.columns[id], local.unit.batch)
                  : nullptr);
  }
  return true;
}

void scan(duckdb::ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  const ScanBinding& binding = binding_of(*input.bind_data);
  auto& global = input.global_state->Cast<GlobalState>();
  auto& local = input.local_state->Cast<LocalState>();
  if (local.next_row >= local.unit.rows.size() && !next_unit(binding, global, local)) {
    local.columns.clear();
    local.unit = {};
    return;
  }
  const std::size_t count =
      std::min<std::size_t>(STANDARD_VECTOR_SIZE, local.unit.rows.size() - local.next_row);
  const std::span<const RowIndex> rows(local.unit.rows.data() + local.next_row, count);
  for (std::size_t i = 0; i < local.columns.size(); ++i) {
    if (local.columns[i] != nullptr) {
      local.columns[i]->fill(rows, output.data[i]);
    } else {
      output.data[i].SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      duckdb::ConstantVector::SetNull(output.data[i], true);
    }
  }
  local.next_row += count;
  output.SetCardinality(count);
}

unique_ptr<duckdb::NodeStatistics> estimate(duckdb::ClientContext&,
                                            const duckdb::FunctionData* data) {
  return make_uniq<duckdb::NodeStatistics>(binding_of(*data).table.rows);
}

double progress(duckdb::ClientContext&, const duckdb::FunctionData*,
                const duckdb::GlobalTableFunctionState* state) {
  const auto& global = state->Cast<GlobalState>();
  const auto total =
      static_cast<double>(std::max<std::size_t>(1, global.running->scan.num_units()));
  return std::min(100.0, 100.0 * static_cast<double>(global.running->next_unit) / total);
}

/// What the scan does of the WHERE clause, for EXPLAIN.
duckdb::InsertionOrderPreservingMap<string> explain(duckdb::TableFunctionToStringInput& input) {
  const ScanBinding& binding = binding_of(*input.bind_data);
  const ScanConditions& conditions = binding.conditions;
  duckdb::InsertionOrderPreservingMap<string> out;
  const auto add = [&out](const string& name, const string& text) {
    auto& place = out[name];
    place += (place.empty() ? "" : "\n") + text;
  };
  add("Table", binding.table.name);
  constexpr TimestampNs kFirst = std::numeric_limits<TimestampNs>::min();
  constexpr TimestampNs kLast = std::numeric_limits<TimestampNs>::max();
  if (conditions.range.start != kFirst)
    add("Time", "from " + format_rfc3339(conditions.range.start));
  if (conditions.range.end != kLast) add("Time", "before " + format_rfc3339(conditions.range.end));
  for (const LabelMatcher& m : conditions.matchers)
    add("Labels", fmt::format("{}{}\"{}\"", m.name(), symbol(m.op()), m.value()));
  for (const string& needle : conditions.needles) add("Line contains", needle);
  for (const auto& choice : conditions.needle_choices)
    add("Line contains one of", fmt::format("{}", fmt::join(choice.any_of, " | ")));
  for (const auto& condition : conditions.field_values)
    add("Blocks with", fmt::format("{}=\"{}\"", condition.field, condition.value));
  return out;
}

/// What the scan has read, for EXPLAIN ANALYZE.
duckdb::InsertionOrderPreservingMap<string> explain_run(
    duckdb::TableFunctionDynamicToStringInput& input) {
  duckdb::TableFunctionToStringInput planned(input.table_function, input.bind_data);
  auto out = explain(planned);
  if (!input.global_state) return out;
  const RunningScan& running = *input.global_state->Cast<GlobalState>().running;
  const storage::ScanStats stats = running.scan.stats();
  out["Segments"] = fmt::format("{}, skipped {}", stats.segments, stats.segments_skipped);
  out["Blocks"] = fmt::format("{}: skipped {}, filtered {}, cached {}, read {}", stats.blocks,
                              stats.blocks_skipped, stats.blocks_filtered, stats.blocks_cached,
                              stats.blocks_read);
  out["Line bytes"] = std::to_string(stats.line_bytes_read);
  return out;
}

/// Without it DuckDB would take a column to count rows.
duckdb::virtual_column_map_t virtual_columns(duckdb::ClientContext&,
                                             duckdb::optional_ptr<duckdb::FunctionData>) {
  duckdb::virtual_column_map_t columns;
  columns.insert(
      {duckdb::COLUMN_IDENTIFIER_EMPTY, duckdb::TableColumn("", duckdb::LogicalType::BOOLEAN)});
  return columns;
}

duckdb::TableFunction make_function(ScanSource& source) {
  duckdb::TableFunction function(kFunctionName, {duckdb::LogicalType::VARCHAR}, scan, bind, start,
                                 start_thread);
  function.pushdown_complex_filter = push_filters;
  function.cardinality = estimate;
  function.table_scan_progress = progress;
  function.to_string = explain;
  function.dynamic_to_string = explain_run;
  function.get_virtual_columns = virtual_columns;
  function.projection_pushdown = true;
  function.function_info = duckdb::make_shared_ptr<ScanInfo>(source);
  return function;
}

/// SELECT * FROM livedata_scan('NAME'), without a way through SQL text.
unique_ptr<duckdb::SelectStatement> select_all_of(const string& name) {
  vector<unique_ptr<duckdb::ParsedExpression>> arguments;
  arguments.push_back(make_uniq<duckdb::ConstantExpression>(duckdb::Value(name)));
  auto from = make_uniq<duckdb::TableFunctionRef>();
  from->function = make_uniq<duckdb::FunctionExpression>(kFunctionName, std::move(arguments));
  auto node = make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(make_uniq<duckdb::StarExpression>());
  node->from_table = std::move(from);
  auto statement = make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(node);
  return statement;
}

void add_view(duckdb::ClientContext& context, duckdb::Catalog& catalog, const Table& table) {
  duckdb::CreateViewInfo info(INVALID_CATALOG, DEFAULT_SCHEMA, table.name);
  info.query = select_all_of(table.name);
  info.on_conflict = duckdb::OnCreateConflict::ERROR_ON_CONFLICT;
  for (const Column& column : table.columns) {
    info.types.push_back(logical_type(column.type));
    info.names.push_back(column.name);
    info.aliases.push_back(column.name);
  }
  catalog.CreateView(context, info);
}

}  // namespace

void add_tables(duckdb::ClientContext& context, ScanSource& source) {
  context.RunFunctionInTransaction([&] {
    duckdb::CreateTableFunctionInfo info(make_function(source));
    info.internal = true;
    auto& system = duckdb::Catalog::GetSystemCatalog(context);
    system.CreateFunction(duckdb::CatalogTransaction::GetSystemTransaction(
                              duckdb::DatabaseInstance::GetDatabase(context)),
                          info);
    auto& catalog = duckdb::Catalog::GetCatalog(context, INVALID_CATALOG);
    duckdb::MetaTransaction::Get(context).ModifyDatabase(catalog.GetAttached());
    for (const Table& table : source.tables()) add_view(context, catalog, table);
  });
}

}  // namespace livedata::query::sql
