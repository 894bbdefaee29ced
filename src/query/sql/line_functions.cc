#include "query/sql/line_functions.h"

#include <optional>
#include <string_view>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/common/vector_operations/binary_executor.hpp>
#include <duckdb/execution/expression_executor_state.hpp>
#include <duckdb/function/scalar_function.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parser/parsed_data/create_scalar_function_info.hpp>

#include "base/text_arena.h"
#include "base/utf8.h"
#include "query/plan/ip_range.h"
#include "query/plan/line_field.h"

namespace livedata::query::sql {
namespace {

std::string_view view_of(const duckdb::string_t& text) { return {text.GetData(), text.GetSize()}; }

void line_field(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  TextArena arena;
  duckdb::BinaryExecutor::ExecuteWithNulls<duckdb::string_t, duckdb::string_t, duckdb::string_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [&](const duckdb::string_t& line, const duckdb::string_t& name,
          duckdb::ValidityMask& validity, duckdb::idx_t row) {
        const auto value = plan::find_line_field(view_of(line), view_of(name), arena);
        if (!value) {
          validity.SetInvalid(row);
          return duckdb::string_t();
        }
        const std::string good = as_utf8(*value);
        arena.clear();
        return duckdb::StringVector::AddString(result, good.data(), good.size());
      });
}

void is_in_network(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  std::string text;
  std::optional<plan::IpRange> range;  // of `text`
  duckdb::BinaryExecutor::ExecuteWithNulls<duckdb::string_t, duckdb::string_t, bool>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [&](const duckdb::string_t& address, const duckdb::string_t& network,
          duckdb::ValidityMask& validity, duckdb::idx_t row) {
        if (!range || text != view_of(network)) {
          text = view_of(network);
          const auto made = plan::IpRange::make(text);
          range = made ? std::optional(*made) : std::nullopt;
        }
        if (!range) {
          validity.SetInvalid(row);
          return false;
        }
        return range->contains(view_of(address));
      });
}

}  // namespace

void add_line_functions(duckdb::ClientContext& context) {
  using duckdb::LogicalType;
  auto& system = duckdb::Catalog::GetSystemCatalog(context);
  const auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(
      duckdb::DatabaseInstance::GetDatabase(context));
  const auto add = [&](const char* name, const LogicalType& type,
                       const duckdb::scalar_function_t& function) {
    duckdb::CreateScalarFunctionInfo info(
        duckdb::ScalarFunction(name, {LogicalType::VARCHAR, LogicalType::VARCHAR}, type, function));
    info.internal = true;
    system.CreateFunction(transaction, info);
  };
  add("line_field", LogicalType::VARCHAR, line_field);
  add("is_in_network", LogicalType::BOOLEAN, is_in_network);
}

}  // namespace livedata::query::sql
