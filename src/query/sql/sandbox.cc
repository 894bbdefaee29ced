#include "query/sql/sandbox.h"

#include <algorithm>
#include <array>
#include <set>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp>
#include <duckdb/common/exception.hpp>
#include <duckdb/common/string_util.hpp>
#include <duckdb/main/client_config.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/extension_helper.hpp>
#include <duckdb/main/materialized_query_result.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/star_expression.hpp>
#include <duckdb/parser/parsed_data/drop_info.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/copy_statement.hpp>
#include <duckdb/parser/statement/explain_statement.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/subqueryref.hpp>

#include "query/sql/counted_memory.h"
#include "query/sql/function_guards.h"
#include "query/sql/line_functions.h"

namespace livedata::query::sql {
namespace {

// Deep enough for what people write; the parser and the binder call themselves this deep.
constexpr const char* kMaxExpressionDepth = "250";

/// Table functions that only compute, or tell of the tables and functions there are. All others go,
/// those included that a later DuckDB may bring.
const std::set<std::string_view>& table_functions() {
  static const std::set<std::string_view> kAllowed = {
      "duckdb_columns", "duckdb_functions", "duckdb_keywords",   "duckdb_schemas",
      "duckdb_tables",  "duckdb_types",     "duckdb_views",      "generate_series",
      "json_each",      "json_tree",        "pragma_table_info", "range",
      "summary",        "unnest",           "duckdb_databases",  "duckdb_constraints",
      "duckdb_indexes", "duckdb_sequences",
  };
  return kAllowed;
}

/// What DuckDB's own views of the catalog stand on: SHOW TABLES and the like bind all of them. They
/// can be named, and not run.
const std::set<std::string_view>& silent_table_functions() {
  static const std::set<std::string_view> kSilent = {"duckdb_dependencies", "duckdb_log_contexts",
                                                     "duckdb_logs", "duckdb_prepared_statements",
                                                     "duckdb_settings"};
  return kSilent;
}

/// Functions that tell of the process or change something.
constexpr std::array<std::string_view, 9> kForbiddenFunctions = {
    "current_setting", "getenv",      "nextval",      "currval",
    "write_log",       "getvariable", "which_secret", "json_serialize_plan",
    "txid_current"};

void drop(duckdb::ClientContext& context, duckdb::SchemaCatalogEntry& schema,
          duckdb::CatalogType type, const std::string& name) {
  duckdb::DropInfo info;
  info.type = type;
  info.name = name;
  info.allow_drop_internal = true;
  schema.DropEntry(context, info);
}

template <class IsAllowed>
void drop_all(duckdb::ClientContext& context, duckdb::SchemaCatalogEntry& schema,
              duckdb::CatalogType type, const IsAllowed& is_allowed) {
  std::vector<std::pair<duckdb::CatalogType, std::string>> unwanted;
  schema.Scan(context, type, [&](duckdb::CatalogEntry& entry) {
    if (!is_allowed(entry.name)) unwanted.emplace_back(entry.type, entry.name);
  });
  for (const auto& [entry_type, name] : unwanted) drop(context, schema, entry_type, name);
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> refuse(duckdb::ClientContext&,
                                                            duckdb::TableFunctionInitInput&) {
  throw duckdb::PermissionException("this is not told here");
}

void silence(duckdb::CatalogEntry& entry) {
  if (entry.type != duckdb::CatalogType::TABLE_FUNCTION_ENTRY ||
      !silent_table_functions().contains(entry.name))
    return;
  for (auto& function : entry.Cast<duckdb::TableFunctionCatalogEntry>().functions.functions)
    function.init_global = refuse;
}

void drop_unsafe_functions(duckdb::ClientContext& context, bool keep_parquet) {
  auto& system = duckdb::Catalog::GetSystemCatalog(context);
  auto& schema = system.GetSchema(context, DEFAULT_SCHEMA);
  const auto none = [](const std::string&) { return false; };
  drop_all(context, schema, duckdb::CatalogType::TABLE_FUNCTION_ENTRY, [](const std::string& name) {
    return table_functions().contains(name) || silent_table_functions().contains(name);
  });
  schema.Scan(context, duckdb::CatalogType::TABLE_FUNCTION_ENTRY, silence);
  drop_all(context, schema, duckdb::CatalogType::COPY_FUNCTION_ENTRY,
           [&](const std::string& name) { return keep_parquet && name == "parquet"; });
  drop_all(context, schema, duckdb::CatalogType::PRAGMA_FUNCTION_ENTRY, none);
  drop_all(context, schema, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY,
           [](const std::string& name) {
             return std::find(kForbiddenFunctions.begin(), kForbiddenFunctions.end(), name) ==
                    kForbiddenFunctions.end();
           });
}

/// Runs a statement of ours.
void run(duckdb::Connection& connection, const char* statement) {
  const auto result = connection.Query(statement);
  if (result->HasError()) result->ThrowError();
}

/// Planning is not interrupted, and takes time and memory with the square of nested queries.
void check_size(const std::string& text) {
  constexpr std::size_t kMaxQueries = 200;
  std::size_t selects = 0;
  std::size_t froms = 0;
  for (const auto& token : duckdb::Parser::Tokenize(text)) {
    const std::string word = duckdb::StringUtil::Lower(text.substr(token.start, 7));
    selects += word.starts_with("select") || word.starts_with("values") ? 1U : 0U;
    froms += word.starts_with("from") ? 1U : 0U;
  }
  if (std::max(selects, froms) > kMaxQueries)
    throw duckdb::InvalidInputException("a query may have at most %d queries in it",
                                        static_cast<int>(kMaxQueries));
}

bool only_reads(const duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case duckdb::StatementType::SELECT_STATEMENT:
      return true;
    case duckdb::StatementType::EXPLAIN_STATEMENT:
      return only_reads(*statement.Cast<duckdb::ExplainStatement>().stmt);
    default:
      return false;
  }
}

}  // namespace

duckdb::DuckDB Sandbox::open(const SandboxLimits& limits) {
  duckdb::DBConfig config;
  config.file_system = duckdb::make_uniq<NoFiles>(limits.parquet);
  config.allocator = counting_allocator();
  duckdb::DBConfigOptions& options = config.options;
  options.maximum_memory = limits.memory_bytes;
  options.maximum_threads = limits.threads;
  options.use_temporary_directory = false;
  options.maximum_swap_space = 0;
  options.enable_external_access = false;
  if (limits.parquet != nullptr) config.AddAllowedPath(NoFiles::kAnswerPath);
  options.load_extensions = false;
  options.autoload_known_extensions = false;
  options.autoinstall_known_extensions = false;
  options.allow_community_extensions = false;
  options.allow_unredacted_secrets = false;
  options.enable_external_file_cache = false;
  return duckdb::DuckDB(nullptr, &config);
}

Sandbox::Sandbox(const SandboxLimits& limits) : database_(open(limits)), connection_(database_) {
  for (const char* extension : {"core_functions", "json", "icu"})
    duckdb::ExtensionHelper::LoadExtension(database_, extension);
  const bool has_parquet = limits.parquet != nullptr;
  if (has_parquet) duckdb::ExtensionHelper::LoadExtension(database_, "parquet");
  duckdb::DBConfig::GetConfig(context()).replacement_scans.clear();
  for (const char* statement :
       {"SET TimeZone='UTC'", "SET preserve_insertion_order=false", "SET errors_as_json=false",
        // Times are TIMESTAMP_NS, which is not compared with TIMESTAMP WITH TIME ZONE.
        "CREATE MACRO now() AS current_localtimestamp()",
        "CREATE MACRO get_current_timestamp() AS current_localtimestamp()"})
    run(connection_, statement);
  run(connection_, (std::string("SET max_expression_depth=") + kMaxExpressionDepth).c_str());
  context().RunFunctionInTransaction([&] {
    drop_unsafe_functions(context(), has_parquet);
    guard_functions(context());
    add_line_functions(context());
  });
}

void Sandbox::lock() { run(connection_, "SET lock_configuration=true"); }

duckdb::unique_ptr<duckdb::SQLStatement> Sandbox::parse(const std::string& text) {
  check_size(text);
  duckdb::Parser parser(context().GetParserOptions());
  parser.ParseQuery(text);
  if (parser.statements.empty()) throw duckdb::InvalidInputException("the query is empty");
  if (parser.statements.size() > 1)
    throw duckdb::InvalidInputException("one statement at a time, not %d",
                                        static_cast<int>(parser.statements.size()));
  auto statement = std::move(parser.statements.front());
  if (!only_reads(*statement)) {
    throw duckdb::InvalidInputException(
        "only SELECT, WITH, VALUES, FROM, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN can be run here, "
        "not %s",
        duckdb::StatementTypeToString(statement->type));
  }
  return statement;
}

duckdb::unique_ptr<duckdb::SQLStatement> Sandbox::write_parquet(
    duckdb::unique_ptr<duckdb::SQLStatement> statement, std::size_t max_rows) {
  if (statement->type != duckdb::StatementType::SELECT_STATEMENT)
    throw duckdb::InvalidInputException("only the rows of a SELECT can be written as Parquet");
  auto rows =
      duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(std::move(statement));
  auto limit = duckdb::make_uniq<duckdb::LimitModifier>();
  limit->limit = duckdb::make_uniq<duckdb::ConstantExpression>(
      duckdb::Value::BIGINT(static_cast<std::int64_t>(max_rows)));
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  node->from_table = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(rows));
  node->modifiers.push_back(std::move(limit));
  auto copy = duckdb::make_uniq<duckdb::CopyStatement>();
  copy->info->is_from = false;
  copy->info->format = "parquet";
  copy->info->is_format_auto_detected = false;
  copy->info->file_path = NoFiles::kAnswerPath;
  copy->info->options["use_tmp_file"] = {duckdb::Value::BOOLEAN(false)};
  copy->info->options["compression"] = {duckdb::Value("zstd")};
  copy->info->select_statement = std::move(node);
  return copy;
}

}  // namespace livedata::query::sql
