#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "query/spl/field_names.h"
#include "query/spl/parser.h"
#include "query/spl/printer.h"
#include "query/spl/time_modifier.h"
#include "query/sql/search/planner.h"

namespace {

using namespace livedata::query;  // NOLINT(google-build-using-namespace)

/// What was printed must parse, and print the same. Brackets and escapes may take a search beyond
/// the parser's limits.
void check_printed(const std::string& text) {
  const auto parsed = spl::parse(text);
  if (parsed && spl::print(*parsed) == text) return;
  if (!parsed && (parsed.error().error.message.find("nested deeper") != std::string::npos ||
                  parsed.error().error.message.find("more than") != std::string::npos ||
                  text.size() > std::size_t{48} * 1024))
    return;
  std::cerr << "printed: " << text << "\nthen: "
            << (parsed ? spl::print(*parsed) : "error: " + parsed.error().error.message) << "\n";
  std::abort();
}

/// Whatever a search says, its plan's text is made, or an error says why not.
void check_plan(const spl::Search& search) {
  sql::search::PlanInput input;
  input.tables = sql::make_tables({});
  input.now = 1'767'225'600'000'000'000;
  input.range = {input.now - 3'600'000'000'000, input.now};
  input.load_lookup = [](const std::string&) -> livedata::Result<sql::search::LookupTable> {
    return sql::search::LookupTable{{"id", "name"}, "[[\"1\",\"a\"]]"};
  };
  input.ask = [](const sql::Query&) -> spl::Parsed<std::vector<std::string>> {
    return std::vector<std::string>{"a", "b"};
  };
  const auto plan = sql::search::Planner(input).plan(search);
  if (!plan && plan.error().error.message.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)spl::resolve_time(text, 1'767'225'600'000'000'000);
  const auto parsed = spl::parse(text);
  if (!parsed) {
    (void)spl::place_of(text, parsed.error().offset);
    return 0;
  }
  check_printed(spl::print(*parsed));
  (void)spl::field_names(*parsed);
  check_plan(*parsed);
  return 0;
}
