#include "query/plan/vector_aggregation.h"

#include <cmath>
#include <map>
#include <tuple>

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
    // A NaN is taken over only where there is nothing else.
    min = count == 0 || value < min || std::isnan(min) ? value : min;
    max = count == 0 || value > max || std::isnan(max) ? value : max;
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

using Groups = std::map<Labels, std::vector<std::size_t>>;

Groups group(const StepVector& input, const std::vector<std::string>& names, bool without) {
  Groups groups;
  for (std::size_t i = 0; i < input.size(); ++i)
    groups[grouped_labels(input[i].labels, names, without)].push_back(i);
  return groups;
}

/// Steps at which some member may have a value.
std::pair<std::size_t, std::size_t> span_of(const StepVector& input,
                                            const std::vector<std::size_t>& members) {
  std::size_t begin = input[members.front()].begin_step();
  std::size_t end = input[members.front()].end_step();
  for (const std::size_t i : members) {
    begin = std::min(begin, input[i].begin_step());
    end = std::max(end, input[i].end_step());
  }
  return {begin, end};
}

StepSeries aggregate_group(const StepVector& input, const std::vector<std::size_t>& members,
                           VectorFunction function, const Labels& labels) {
  const auto [begin, end] = span_of(input, members);
  std::vector<Cell> cells(end - begin);
  for (const std::size_t i : members) {
    for (std::size_t step = input[i].begin_step(); step < input[i].end_step(); ++step) {
      if (input[i].has(step)) cells[step - begin].add(input[i].value(step));
    }
  }
  StepSeries out(labels);
  for (std::size_t step = begin; step < end; ++step) {
    if (cells[step - begin].count > 0) out.set(step, cells[step - begin].result(function));
  }
  return out;
}

}  // namespace

void merge_equal(StepVector& vector) {
  std::map<Labels, std::size_t> first;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const auto [slot, is_new] = first.try_emplace(vector[i].labels, i);
    if (is_new) continue;
    StepSeries& into = vector[slot->second];
    StepSeries& from = vector[i];
    bool shares_step = false;
    for (std::size_t step = from.begin_step(); step < from.end_step(); ++step)
      shares_step = shares_step || (from.has(step) && into.has(step));
    if (shares_step) continue;
    for (std::size_t step = from.begin_step(); step < from.end_step(); ++step) {
      if (!from.has(step)) continue;
      into.set(step, from.value(step));
      from.clear(step);
    }
  }
  drop_empty(vector);
}

Labels grouped_labels(const Labels& labels, const std::vector<std::string>& names, bool without) {
  std::vector<Label> out;
  for (const Label& label : labels) {
    const bool named = std::find(names.begin(), names.end(), label.name) != names.end();
    if (named != without) out.push_back(label);
  }
  return Labels(std::move(out));
}

StepVector aggregate(const StepVector& input, VectorFunction function,
                     const std::vector<std::string>& names, bool without) {
  StepVector out;
  for (const auto& [labels, members] : group(input, names, without))
    out.push_back(aggregate_group(input, members, function, labels));
  return out;
}

StepVector keep_extremes(StepVector input, std::size_t k, bool largest,
                         const std::vector<std::string>& names, bool without) {
  // A NaN comes last either way.
  const auto before = [&](std::size_t step, std::size_t a, std::size_t b) {
    const double x = input[a].value(step);
    const double y = input[b].value(step);
    if (std::isnan(x) != std::isnan(y)) return std::isnan(y);
    if (x != y && !std::isnan(x)) return largest ? x > y : x < y;
    return input[a].labels < input[b].labels;
  };
  for (const auto& [labels, members] : group(input, names, without)) {
    const auto [begin, end] = span_of(input, members);
    for (std::size_t step = begin; step < end; ++step) {
      std::vector<std::size_t> present;
      std::copy_if(members.begin(), members.end(), std::back_inserter(present),
                   [&](std::size_t i) { return input[i].has(step); });
      if (present.size() <= k) continue;
      std::nth_element(present.begin(), present.begin() + static_cast<std::ptrdiff_t>(k),
                       present.end(),
                       [&](std::size_t a, std::size_t b) { return before(step, a, b); });
      for (std::size_t i = k; i < present.size(); ++i) input[present[i]].clear(step);
    }
  }
  drop_empty(input);
  return input;
}

}  // namespace livedata::query::plan
