#include "query/diff/diff.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "query/diff/contrast.h"
#include "query/diff/field_counts.h"
#include "query/diff/machine_moves.h"
#include "query/logql/printer.h"
#include "query/patterns/pattern_miner.h"

namespace livedata::query::diff {
namespace {

constexpr std::size_t kMaxPatterns = 2000;
constexpr std::string_view kLevelField = "detected_level";

class Comparison {
 public:
  Comparison(const around::Context& context, const Question& question)
      : context_(context), question_(question), miner_({.step_ns = 1, .max_clusters = 1000}) {}

  Result<Answer> run() {
    const bool is_of_time = question_.selection.empty();
    basis_.against = is_of_time ? Against::kTime : Against::kRest;
    basis_.seconds = {seconds(is_of_time ? question_.before : question_.after),
                      seconds(question_.after)};
    LIVEDATA_RETURN_IF_ERROR(
        read(0, question_.query, is_of_time ? question_.before : question_.after));
    LIVEDATA_RETURN_IF_ERROR(read(1, selected_query(), question_.after));
    add(pattern_findings());
    add_fields();
    if (is_of_time) {
      LIVEDATA_TRY(auto metrics, metric_moves(context_, question_.before, question_.after));
      add(std::move(metrics));
      LIVEDATA_TRY(auto processes, process_moves(context_, question_.before, question_.after));
      add(std::move(processes));
    }
    const Sides records = basis_.estimate(basis_.records);
    answer_.against = basis_.against;
    answer_.records_before = records[0];
    answer_.records_after = records[1];
    answer_.is_sample = basis_.weights[0] > 1 || basis_.weights[1] > 1;
    return std::move(answer_);
  }

 private:
  static double seconds(const TimeRange& range) {
    return static_cast<double>(range.end - range.start) / static_cast<double>(kNsPerSecond);
  }
  [[nodiscard]] std::string selected_query() const {
    return question_.selection.empty() ? question_.query
                                       : question_.query + " " + question_.selection;
  }

  Result<void> read(std::size_t side, const std::string& query, const TimeRange& range) {
    return context_.engine.visit_rows(
        context_.scope, query, range, question_.max_rows,
        [this, side](plan::Row& row, std::uint64_t weight) {
          basis_.records.at(side) += 1;
          basis_.weights.at(side) = static_cast<double>(weight);
          const auto level = row.find(kLevelField);
          miner_.add(row.line(), level ? to_string(*level) : std::string(),
                     static_cast<TimestampNs>(side));
          fields_.add(side, row);
        },
        context_.deadline);
  }

  std::vector<Finding> pattern_findings() {
    std::vector<Finding> out;
    for (const patterns::Pattern& pattern : miner_.finish(kMaxPatterns)) {
      Sides counted{};
      for (const auto& [side, count] : pattern.samples)
        counted.at(static_cast<std::size_t>(side)) += static_cast<double>(count);
      const double score = basis_.score(counted);
      if (score < kMinSurprise) continue;
      const Sides about = basis_.estimate(counted);
      out.push_back(
          {.kind = FindingKind::kPattern,
           .change = basis_.change(counted),
           .name = pattern.level,
           .value = pattern.pattern,
           .before = about[0],
           .after = about[1],
           .score = score,
           .query = fmt::format("{} |> {}", question_.query, logql::quoted(pattern.pattern))});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Finding& a, const Finding& b) { return a.score > b.score; });
    return out;
  }

  void add_fields() {
    std::vector<Finding> values;
    std::vector<Finding> numbers;
    for (Finding& finding : fields_.findings(basis_, question_.query))
      (finding.kind == FindingKind::kNumber ? numbers : values).push_back(std::move(finding));
    add(std::move(values));
    add(std::move(numbers));
  }

  void add(std::vector<Finding> findings) {
    findings.resize(std::min(findings.size(), question_.limit));
    answer_.findings.insert(answer_.findings.end(), std::make_move_iterator(findings.begin()),
                            std::make_move_iterator(findings.end()));
  }

  const around::Context& context_;
  const Question& question_;
  patterns::PatternMiner miner_;  // its steps are the sides
  FieldCounts fields_;
  Basis basis_;
  Answer answer_;
};

}  // namespace

Result<Answer> compare(const around::Context& context, const Question& question) {
  return Comparison(context, question).run();
}

}  // namespace livedata::query::diff
