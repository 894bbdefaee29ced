#include "query/diff/field_counts.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "query/logql/printer.h"
#include "query/plan/line_parsers.h"
#include "query/plan/units.h"

namespace livedata::query::diff {
namespace {

constexpr std::size_t kMaxNames = 500;
constexpr std::size_t kMaxValues = 300;  // of a name
constexpr std::size_t kMaxValueBytes = 200;
constexpr std::size_t kMaxFindingsOfName = 3;
constexpr std::size_t kLeastNumbers = 30;  // of either side

/// Takes the line apart, if it has a format that shows; returns the LogQL stage that does.
std::string_view parse_line(plan::Row& row) {
  const std::string_view line = row.line();
  if (line.starts_with('{')) {
    plan::parse_json(row);
    return "json";
  }
  if (line.find('=') == std::string_view::npos) return "";
  plan::parse_logfmt({}, row);
  return "logfmt";
}

/// Sequence numbers and times: they always move. In the order in which they were read, nearly all
/// go the same way.
bool is_counter(const std::vector<double>& numbers) {
  std::size_t rising = 0;
  for (std::size_t i = 1; i < numbers.size(); ++i) rising += numbers[i] > numbers[i - 1] ? 1U : 0U;
  const double share = static_cast<double>(rising) / static_cast<double>(numbers.size() - 1);
  constexpr double kNearlyAll = 0.9;
  return share > kNearlyAll || share < 1 - kNearlyAll;
}

std::string query_for(const std::string& selector, std::string_view parser,
                      const std::string& filter) {
  return parser.empty() ? fmt::format("{} | {}", selector, filter)
                        : fmt::format("{} | {} | {}", selector, parser, filter);
}

double median_of_sorted(const std::vector<double>& values) { return values[values.size() / 2]; }

}  // namespace

void FieldCounts::add(std::size_t side, plan::Row& row) {
  const std::string_view parser = parse_line(row);
  for (const Label& label : row.stream_labels()) add_value(side, label, "");
  for (const Label& label : row.metadata()) add_value(side, label, "");
  for (const Label& label : row.parsed()) {
    if (!label.name.starts_with("__")) add_value(side, label, parser);
  }
}

void FieldCounts::add_value(std::size_t side, const Label& label, std::string_view parser) {
  auto at = fields_.find(label.name);
  if (at == fields_.end()) {
    if (fields_.size() >= kMaxNames) return;
    at = fields_.try_emplace(label.name).first;
    at->second.parser = parser;
  }
  Field& field = at->second;
  if (const auto number = plan::parse_number(label.value)) {
    field.numbers[side].add(*number);
  } else if (const auto duration = plan::parse_duration_ns(label.value)) {
    field.is_duration = true;
    field.numbers[side].add(static_cast<double>(*duration) / 1e9);
  }
  if (field.has_many) return;
  ++field.values[label.value][side];
  if (field.values.size() <= kMaxValues && label.value.size() <= kMaxValueBytes) return;
  field.has_many = true;
  field.values.clear();
}

void FieldCounts::find_values(const std::string& name, const Field& field, const Basis& basis,
                              const std::string& selector, std::vector<Finding>& out) {
  std::vector<Finding> found;
  for (const auto& [value, counted] : field.values) {
    const double score = basis.score(counted);
    if (score < kMinSurprise) continue;
    const Sides about = basis.estimate(counted);
    found.push_back({.kind = FindingKind::kField,
                     .change = basis.change(counted),
                     .name = name,
                     .value = value,
                     .before = about[0],
                     .after = about[1],
                     .score = score,
                     .query = query_for(selector, field.parser,
                                        fmt::format("{}={}", name, logql::quoted(value)))});
  }
  std::sort(found.begin(), found.end(), [](const Finding& a, const Finding& b) {
    return std::tie(b.score, a.value) < std::tie(a.score, b.value);
  });
  found.resize(std::min(found.size(), kMaxFindingsOfName));
  out.insert(out.end(), std::make_move_iterator(found.begin()),
             std::make_move_iterator(found.end()));
}

void FieldCounts::find_numbers(const std::string& name, Field& field, const std::string& selector,
                               std::vector<Finding>& out) {
  std::vector<double>& before = field.numbers[0].numbers();
  std::vector<double>& after = field.numbers[1].numbers();
  if (before.size() < kLeastNumbers || after.size() < kLeastNumbers) return;
  if (is_counter(before) && is_counter(after)) return;
  const double score = surprise_of_samples(before, after);
  if (score < kMinSurprise) return;
  const double was = median_of_sorted(before);
  const double is = median_of_sorted(after);
  out.push_back({.kind = FindingKind::kNumber,
                 .change = is >= was ? Change::kMore : Change::kLess,
                 .name = name,
                 .before = was,
                 .after = is,
                 .score = score,
                 .query = query_for(selector, field.parser,
                                    fmt::format("{} {} {:g}{}", name, is >= was ? ">" : "<", was,
                                                field.is_duration ? "s" : ""))});
}

std::vector<Finding> FieldCounts::findings(const Basis& basis, const std::string& selector) {
  std::vector<Finding> out;
  for (auto& [name, field] : fields_) {
    if (field.has_many) {
      find_numbers(name, field, selector, out);
    } else {
      find_values(name, field, basis, selector, out);
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Finding& a, const Finding& b) { return a.score > b.score; });
  return out;
}

}  // namespace livedata::query::diff
