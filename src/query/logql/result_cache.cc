#include "query/logql/result_cache.h"

#include <algorithm>
#include <map>

#include "query/logql/printer.h"

namespace livedata::query::logql {
namespace {

constexpr std::int64_t kStepsOfPart = 32;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::size_t size_of(const CachedSteps& steps) {
  std::size_t bytes = sizeof steps;
  for (const plan::StepSeries& series : steps.series) {
    bytes += sizeof series + series.size_bytes();
    for (const Label& label : series.labels) bytes += 64 + label.name.size() + label.value.size();
  }
  return bytes;
}

/// Times of the records that the windows of some steps cover.
TimeRange covered(const RangeAggregation& aggregation, const plan::StepGrid& grid) {
  return {grid.start - aggregation.offset_ns - aggregation.range_ns + 1,
          grid.at(grid.count - 1) - aggregation.offset_ns + 1};
}

}  // namespace

bool is_cacheable(const RangeAggregation& aggregation, const MetricContext& context) {
  if (context.grid.count == 1 || context.stats.explains || !context.steps.inner_values.empty())
    return false;
  const auto& stages = aggregation.log.stages;
  // Templates know the time of day.
  return std::none_of(stages.begin(), stages.end(), has_template);
}

/// One get(): the grid in parts, what is known of them, and the runs of parts that are not.
class ResultCache::Filling {
 public:
  Filling(ResultCache& cache, std::string query, const RangeAggregation& aggregation,
          const MetricContext& context, const Compute& compute)
      : cache_(cache),
        query_(std::move(query)),
        aggregation_(aggregation),
        context_(context),
        compute_(compute) {}

  Result<plan::StepVector> run() {
    std::size_t missing_from = 0;
    std::size_t step = 0;
    while (step < context_.grid.count) {
      const std::size_t end = end_of_part(step);
      const auto known = find(step, end);
      if (known != nullptr) {
        LIVEDATA_RETURN_IF_ERROR(compute(missing_from, step));
        append(known->series, 0, end - step, step);
        missing_from = end;
      }
      step = end;
    }
    LIVEDATA_RETURN_IF_ERROR(compute(missing_from, step));
    plan::StepVector out;
    for (auto& [labels, series] : series_) out.push_back(std::move(series));
    return out;
  }

 private:
  /// Number of the step since 1970.
  [[nodiscard]] std::int64_t absolute(std::size_t step) const {
    return floor_divide(context_.grid.at(step), context_.grid.step);
  }
  [[nodiscard]] std::int64_t part_of(std::size_t step) const {
    return floor_divide(absolute(step), kStepsOfPart);
  }
  [[nodiscard]] std::size_t end_of_part(std::size_t step) const {
    const std::int64_t left = (part_of(step) + 1) * kStepsOfPart - absolute(step);
    return std::min(context_.grid.count, step + static_cast<std::size_t>(left));
  }
  [[nodiscard]] plan::StepGrid grid(std::size_t begin, std::size_t end) const {
    return {context_.grid.at(begin), context_.grid.step, end - begin};
  }
  [[nodiscard]] std::uint64_t stamp(std::size_t begin, std::size_t end) const {
    return context_.store.change_stamp(context_.scope.tenant,
                                       covered(aggregation_, grid(begin, end)));
  }
  /// Parts at the ends of the grid, of which only some steps are asked for, are not kept.
  static bool is_whole(std::size_t begin, std::size_t end) {
    return end - begin == static_cast<std::size_t>(kStepsOfPart);
  }

  std::shared_ptr<const CachedSteps> find(std::size_t begin, std::size_t end) {
    if (!is_whole(begin, end)) return nullptr;
    auto found = cache_.parts_.find({query_, part_of(begin)});
    return found != nullptr && found->stamp == stamp(begin, end) ? found : nullptr;
  }

  Result<void> compute(std::size_t begin, std::size_t end) {
    if (begin == end) return {};
    std::map<std::size_t, std::uint64_t> stamps;  // taken before the records are read
    for (std::size_t step = begin; step < end; step = end_of_part(step))
      stamps.emplace(step, stamp(step, end_of_part(step)));
    const std::size_t num_warnings = context_.stats.warnings.size();
    LIVEDATA_TRY(const plan::StepVector computed, compute_(grid(begin, end)));
    append(computed, 0, end - begin, begin);
    if (context_.stats.warnings.size() != num_warnings) return {};  // something is missing
    for (const auto& [step, part_stamp] : stamps) {
      const std::size_t part_end = end_of_part(step);
      if (!is_whole(step, part_end)) continue;
      auto part = std::make_shared<CachedSteps>();
      part->stamp = part_stamp;
      for (const plan::StepSeries& series : computed) {
        plan::StepSeries cut(series.labels);
        copy(series, step - begin, part_end - begin, cut, 0);
        if (!cut.empty()) part->series.push_back(std::move(cut));
      }
      const std::size_t bytes = size_of(*part) + query_.size();
      cache_.parts_.insert({query_, part_of(step)}, std::move(part), bytes);
    }
    return {};
  }

  static void copy(const plan::StepSeries& from, std::size_t begin, std::size_t end,
                   plan::StepSeries& to, std::size_t at) {
    const std::size_t first = std::max(begin, from.begin_step());
    const std::size_t last = std::min(end, from.end_step());
    for (std::size_t step = first; step < last; ++step) {
      if (from.has(step)) to.set(at + step - begin, from.value(step));
    }
  }

  void append(const plan::StepVector& part, std::size_t begin, std::size_t end, std::size_t at) {
    for (const plan::StepSeries& series : part) {
      const auto slot = series_.try_emplace(series.labels, plan::StepSeries(series.labels)).first;
      copy(series, begin, end, slot->second, at);
    }
  }

  ResultCache& cache_;
  const std::string query_;
  const RangeAggregation& aggregation_;
  const MetricContext& context_;
  const Compute& compute_;
  std::map<Labels, plan::StepSeries> series_;
};

Result<plan::StepVector> ResultCache::get(const RangeAggregation& aggregation,
                                          const Grouping* grouping, const MetricContext& context,
                                          const Compute& compute) {
  std::string query = fmt::format(
      "{}\n{}\n{}\n{}\n", context.scope.text(), print(MetricExpression{aggregation}),
      context.grid.step,
      context.grid.start - floor_divide(context.grid.start, context.grid.step) * context.grid.step);
  if (grouping != nullptr) {
    query += grouping->without ? "without" : "by";
    for (const std::string& name : grouping->names) query.append(" ").append(name);
  }
  return Filling(*this, std::move(query), aggregation, context, compute).run();
}

}  // namespace livedata::query::logql
