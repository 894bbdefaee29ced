#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "query/logql/parser.h"
#include "query/logql/printer.h"

namespace {

using namespace livedata::query::logql;  // NOLINT(google-build-using-namespace)

/// What was printed must parse, and print the same. Brackets and escapes may take a query beyond
/// the parser's limits.
void check_printed(const std::string& text, const std::string& canonical) {
  const auto parsed = parse(text);
  if (parsed && print(*parsed) == canonical) return;
  if (!parsed && (parsed.error().message.find("nested deeper") != std::string::npos ||
                  text.size() > std::size_t{128} * 1024))
    return;
  std::cerr << "printed: " << text
            << "\nthen: " << (parsed ? print(*parsed) : "error: " + parsed.error().message) << "\n";
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse(input);
  if (!parsed) return 0;
  const std::string canonical = print(*parsed);
  check_printed(canonical, canonical);
  check_printed(format_query(*parsed), canonical);
  return 0;
}
