#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livedata::query::lookups {

/// A table of texts: its columns, and rows of as many cells.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// RFC 4180 with a header; lines may end with \n alone. kInvalidArgument names the line: text in
/// quotes without an end, a name that is empty or there twice, a row with more cells than columns.
/// A row with fewer gets empty ones.
Result<CsvTable> parse_csv(std::string_view text);

}  // namespace livedata::query::lookups
