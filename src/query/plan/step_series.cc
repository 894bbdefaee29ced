#include "query/plan/step_series.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_map>

namespace livedata::query::plan {
namespace {

/// Running aggregate of one group at one step. Variance by Welford's method.
struct Cell {
  double count = 0;
  double sum = 0;
  double min = 0;
  double max = 0;
  double mean = 0;
  double m2 = 0;

  void add(double value) {
    min = count == 0 ? value : std::min(min, value);
    max = count == 0 ? value : std::max(max, value);
    ++count;
    sum += value;
    const double delta = value - mean;
    mean += delta / count;
    m2 += delta * (value - mean);
  }

  [[nodiscard]] double result(VectorFunction function) const {
    switch (function) {
      case VectorFunction::kSum:
        return sum;
      case VectorFunction::kAvg:
        return sum / count;
      case VectorFunction::kMin:
        return min;
      case VectorFunction::kMax:
        return max;
      case VectorFunction::kCount:
        return count;
      case VectorFunction::kStddev:
        return std::sqrt(m2 / count);
      case VectorFunction::kStdvar:
        return m2 / count;
    }
    return 0;
  }
};

std::unordered_map<StreamId, const StepSeries*> by_labels(const StepVector& vector) {
  std::unordered_map<StreamId, const StepSeries*> out;
  for (const StepSeries& series : vector) out.emplace(stream_id(series.labels), &series);
  return out;
}

bool any_present(const StepSeries& series) {
  return std::find(series.present.begin(), series.present.end(), true) != series.present.end();
}

}  // namespace

Labels grouped_labels(const Labels& labels, const std::vector<std::string>& names, bool without) {
  std::vector<Label> out;
  for (const Label& label : labels) {
    const bool named = std::find(names.begin(), names.end(), label.name) != names.end();
    if (named != without) out.push_back(label);
  }
  return Labels(std::move(out));
}

StepVector aggregate(const StepVector& input, VectorFunction function,
                     const std::vector<std::string>& names, bool without, std::size_t num_steps) {
  std::map<Labels, std::vector<Cell>> groups;
  for (const StepSeries& series : input) {
    auto& cells =
        groups.try_emplace(grouped_labels(series.labels, names, without), num_steps).first->second;
    for (std::size_t i = 0; i < num_steps; ++i) {
      if (series.present[i]) cells[i].add(series.values[i]);
    }
  }
  StepVector out;
  for (const auto& [labels, cells] : groups) {
    StepSeries& series = out.emplace_back(labels, num_steps);
    for (std::size_t i = 0; i < num_steps; ++i) {
      if (cells[i].count > 0) series.set(i, cells[i].result(function));
    }
  }
  return out;
}

StepVector keep_extremes(StepVector input, std::size_t k, bool largest,
                         const std::vector<std::string>& names, bool without,
                         std::size_t num_steps) {
  std::map<Labels, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < input.size(); ++i)
    groups[grouped_labels(input[i].labels, names, without)].push_back(i);
  for (auto& [labels, members] : groups) {
    for (std::size_t step = 0; step < num_steps; ++step) {
      std::vector<std::size_t> present;
      std::copy_if(members.begin(), members.end(), std::back_inserter(present),
                   [&](std::size_t i) { return input[i].present[step]; });
      std::sort(present.begin(), present.end(), [&](std::size_t a, std::size_t b) {
        const double x = input[a].values[step];
        const double y = input[b].values[step];
        if (x != y) return largest ? x > y : x < y;
        return input[a].labels < input[b].labels;
      });
      for (std::size_t i = k; i < present.size(); ++i) input[present[i]].present[step] = false;
    }
  }
  std::erase_if(input, [](const StepSeries& series) { return !any_present(series); });
  return input;
}

StepVector combine_matching(const StepVector& left, const StepVector& right,
                            const Combine& combine) {
  const auto matches = by_labels(right);
  StepVector out;
  for (const StepSeries& series : left) {
    const auto found = matches.find(stream_id(series.labels));
    if (found == matches.end()) continue;
    StepSeries combined(series.labels, series.values.size());
    for (std::size_t i = 0; i < series.values.size(); ++i) {
      double value = 0;
      if (series.present[i] && found->second->present[i] &&
          combine(series.values[i], found->second->values[i], value)) {
        combined.set(i, value);
      }
    }
    if (any_present(combined)) out.push_back(std::move(combined));
  }
  return out;
}

StepVector combine_scalar(StepVector vector, double scalar, bool scalar_is_left,
                          const Combine& combine) {
  for (StepSeries& series : vector) {
    for (std::size_t i = 0; i < series.values.size(); ++i) {
      double value = 0;
      if (!series.present[i]) continue;
      const bool keep = scalar_is_left ? combine(scalar, series.values[i], value)
                                       : combine(series.values[i], scalar, value);
      series.present[i] = keep;
      if (keep) series.values[i] = value;
    }
  }
  std::erase_if(vector, [](const StepSeries& series) { return !any_present(series); });
  return vector;
}

StepVector set_operation(StepVector left, StepVector right, char operation) {
  const auto on_right = by_labels(right);
  const auto on_left = by_labels(left);
  if (operation == '|') {
    StepVector added;
    for (StepSeries& series : right) {
      const auto found = on_left.find(stream_id(series.labels));
      for (std::size_t i = 0; found != on_left.end() && i < series.present.size(); ++i) {
        if (found->second->present[i]) series.present[i] = false;
      }
      if (any_present(series)) added.push_back(std::move(series));
    }
    for (StepSeries& series : added) left.push_back(std::move(series));
    return left;
  }
  for (StepSeries& series : left) {
    const auto found = on_right.find(stream_id(series.labels));
    for (std::size_t i = 0; i < series.present.size(); ++i) {
      const bool other = found != on_right.end() && found->second->present[i];
      series.present[i] = series.present[i] && (other == (operation == '&'));
    }
  }
  std::erase_if(left, [](const StepSeries& series) { return !any_present(series); });
  return left;
}

}  // namespace livedata::query::plan
