#include "query/sql/query.h"

#include <array>

namespace livedata::query::sql {
namespace {

struct FormatName {
  Format format;
  std::string_view name;
  std::string_view content_type;
};

constexpr std::array<FormatName, 5> kFormats = {{
    {Format::kJson, "json", "application/json"},
    {Format::kNdjson, "ndjson", "application/x-ndjson"},
    {Format::kCsv, "csv", "text/csv; charset=utf-8"},
    {Format::kArrow, "arrow", "application/vnd.apache.arrow.stream"},
    {Format::kParquet, "parquet", "application/vnd.apache.parquet"},
}};

}  // namespace

Result<Format> parse_format(std::string_view name) {
  for (const FormatName& known : kFormats) {
    if (known.name == name) return known.format;
  }
  return fail(ErrorCode::kInvalidArgument,
              "'{}' is no format; there are json, ndjson, csv, arrow and parquet", name);
}

std::string_view content_type(Format format) {
  for (const FormatName& known : kFormats) {
    if (known.format == format) return known.content_type;
  }
  return "application/octet-stream";
}

}  // namespace livedata::query::sql
