#include "cli/diff_output.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "cli/plain_text.h"
#include "ingest/values/json.h"

namespace livedata::cli {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::size_t kMaxValue = 160;  // characters of a pattern or value that are shown

std::string text(yyjson_val* object, const char* key) {
  return plain_text(ingest::json_string(yyjson_obj_get(object, key)), kMaxValue);
}
double number(yyjson_val* object, const char* key) {
  return yyjson_get_num(yyjson_obj_get(object, key));
}

struct Section {
  std::string_view kind;
  std::string_view title;
};
constexpr std::array<Section, 5> kSections = {{{"pattern", "Lines"},
                                               {"field", "Values of labels and fields"},
                                               {"number", "Numbers (median)"},
                                               {"metric", "Metrics of machines (mean)"},
                                               {"process", "Processes (ended, started)"}}};

std::string show_side(yyjson_val* side) {
  return fmt::format("{} to {}   {:.0f} records", text(side, "start"), text(side, "end"),
                     number(side, "records"));
}

/// "new", "gone", or how many times as much.
std::string show_change(yyjson_val* finding) {
  std::string change = text(finding, "change");
  const double before = number(finding, "before");
  const double after = number(finding, "after");
  if (change == "new" || change == "gone" || before <= 0 || after <= 0) return change;
  const double times = after / before;
  return times >= 1 ? fmt::format("x {:.3g}", times) : fmt::format("/ {:.3g}", 1 / times);
}

std::string show_finding(yyjson_val* finding, std::string_view kind) {
  const std::string name = text(finding, "name");
  const std::string value = text(finding, "value");
  std::string what = kind == "field" ? name + " = " + value : name + "  " + value;
  if (kind == "pattern" && name.empty()) what = value;
  return fmt::format("  {:>8}  {:>10.6g} -> {:<10.6g}  {}\n", show_change(finding),
                     number(finding, "before"), number(finding, "after"), what);
}

}  // namespace

Result<std::string> show_diff(std::string_view json) {
  LIVEDATA_TRY(const auto document, ingest::parse_json(json));
  yyjson_val* root = yyjson_doc_get_root(document.get());
  const bool is_of_time = yyjson_obj_get(root, "before") != nullptr;
  std::string out = fmt::format("{}{}\n{:<9} {}\n{:<9} {}\n", text(root, "query"),
                                is_of_time ? "" : "  selected: " + text(root, "selection"),
                                is_of_time ? "before" : "rest",
                                show_side(yyjson_obj_get(root, is_of_time ? "before" : "rest")),
                                is_of_time ? "after" : "selected",
                                show_side(yyjson_obj_get(root, is_of_time ? "after" : "selected")));
  if (yyjson_is_true(yyjson_obj_get(root, "sampled"))) out += "of a sample\n";
  std::size_t shown = 0;
  for (const Section& section : kSections) {
    bool is_first = true;
    yyjson_arr_iter it = yyjson_arr_iter_with(yyjson_obj_get(root, "findings"));
    while (yyjson_val* finding = yyjson_arr_iter_next(&it)) {
      if (ingest::json_string(yyjson_obj_get(finding, "kind")) != section.kind) continue;
      if (is_first) out += fmt::format("\n{}\n", section.title);
      is_first = false;
      out += show_finding(finding, section.kind);
      ++shown;
    }
  }
  return shown == 0 ? out + "\nnothing has changed that is more than chance\n" : out;
}

}  // namespace livedata::cli
