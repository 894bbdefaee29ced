#include "cli/remote_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "ingest/values/json.h"

namespace livedata::cli {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::size_t kColumns = 7;
using Row = std::array<std::string, kColumns>;

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

/// "2026-01-02T03:04:05.678Z" without the fraction.
std::string short_time(std::string_view text) {
  return text.empty() ? "-" : std::string(text.substr(0, 19));
}

std::string clock_text(double ahead) {
  constexpr double kAgrees = 0.1;
  return std::abs(ahead) < kAgrees ? "ok" : fmt::format("{:+.1f} s", ahead);
}

}  // namespace

Result<std::string> remote_table(std::string_view json) {
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(json));
  std::vector<Row> rows = {{"NAME", "STATE", "SINCE", "LAST DATA", "LOGS", "RECEIVED", "CLOCK"}};
  std::vector<std::string> notes = {""};
  yyjson_arr_iter it =
      yyjson_arr_iter_with(yyjson_obj_get(yyjson_doc_get_root(document.get()), "remotes"));
  while (yyjson_val* remote = yyjson_arr_iter_next(&it)) {
    const auto text = [remote](const char* key) {
      return std::string(ingest::json_string(yyjson_obj_get(remote, key)));
    };
    rows.push_back({text("name"), text("state"), short_time(text("connectedSince")),
                    short_time(text("lastData")), text("logs").empty() ? "-" : text("logs"),
                    megabytes(yyjson_get_uint(yyjson_obj_get(remote, "bytes"))),
                    clock_text(yyjson_get_num(yyjson_obj_get(remote, "clockAheadSeconds")))});
    notes.push_back(text("message").empty() ? text("notice") : text("message"));
  }
  if (rows.size() == 1) return std::string("there are no remotes; livedata remote add USER@HOST\n");
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < kColumns; ++i)
      line += fmt::format("{:<{}}  ", rows[r][i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
    if (!notes[r].empty()) out += fmt::format("    {}\n", notes[r]);
  }
  return out;
}

}  // namespace livedata::cli
