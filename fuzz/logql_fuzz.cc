#include <cstdint>
#include <string_view>

#include "query/logql/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static_cast<void>(livedata::query::logql::parse(input));
  return 0;
}
