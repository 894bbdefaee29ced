#include "query/plan/range_accumulator.h"

#include <algorithm>

namespace livedata::query::plan {
namespace {

/// Smallest n with n * step >= distance; distance may be negative.
std::int64_t ceil_divide(std::int64_t distance, std::int64_t step) {
  const std::int64_t quotient = distance / step;
  return quotient + (distance % step > 0 ? 1 : 0);
}

}  // namespace

void RangeAccumulator::update(Cell& cell, TimestampNs time, double value,
                              std::int64_t count) const {
  switch (function_) {
    case RangeFunction::kCount:
      break;
    case RangeFunction::kSum:
    case RangeFunction::kAvg:
      cell.value += value;
      cell.extra += count;
      break;
    case RangeFunction::kMin:
      cell.value = cell.extra == 0 ? value : std::min(cell.value, value);
      cell.extra += count;
      break;
    case RangeFunction::kMax:
      cell.value = cell.extra == 0 ? value : std::max(cell.value, value);
      cell.extra += count;
      break;
    case RangeFunction::kFirst:
      if (cell.extra == 0 || time < cell.extra) cell = {value, time};
      break;
    case RangeFunction::kLast:
      if (cell.extra == 0 || time >= cell.extra) cell = {value, time};
      break;
  }
}

void RangeAccumulator::add(SeriesCells& series, TimestampNs time, double value) const {
  // The sample is in the windows of the steps t with time + offset <= t < time + offset + range.
  const std::int64_t from = time + window_.offset - window_.grid.start;
  const auto count = static_cast<std::int64_t>(window_.grid.count);
  const std::int64_t first =
      std::clamp<std::int64_t>(ceil_divide(from, window_.grid.step), 0, count);
  const std::int64_t end =
      std::clamp<std::int64_t>(ceil_divide(from + window_.range, window_.grid.step), 0, count);
  if (first >= end) return;
  if (function_ == RangeFunction::kCount) {
    // Kept as differences between neighbouring steps, so that a long range costs no more than a
    // short one.
    series.cells_[static_cast<std::size_t>(first)].value += value;
    series.cells_[static_cast<std::size_t>(end)].value -= value;
    return;
  }
  for (std::int64_t i = first; i < end; ++i)
    update(series.cells_[static_cast<std::size_t>(i)], time, value, 1);
}

bool RangeAccumulator::merge(RangeAccumulator&& other) {
  for (auto& [key, cells] : other.series_) {
    const auto found = series_.find(key);
    if (found == series_.end()) {
      if (is_full()) return false;
      series_.emplace(key, std::move(cells));
      continue;
    }
    for (std::size_t i = 0; i < cells.cells_.size(); ++i) {
      const Cell& cell = cells.cells_[i];
      if (function_ == RangeFunction::kCount) {
        found->second.cells_[i].value += cell.value;
      } else if (cell.extra != 0) {
        const bool has_time =
            function_ == RangeFunction::kFirst || function_ == RangeFunction::kLast;
        update(found->second.cells_[i], has_time ? cell.extra : 0, cell.value,
               has_time ? 1 : cell.extra);
      }
    }
  }
  return true;
}

StepVector RangeAccumulator::finish(double factor) {
  StepVector out;
  for (auto& [key, cells] : series_) {
    StepSeries& series = out.emplace_back(std::move(cells.labels_), window_.grid.count);
    double running = 0;
    for (std::size_t i = 0; i < window_.grid.count; ++i) {
      const Cell& cell = cells.cells_[i];
      if (function_ == RangeFunction::kCount) {
        running += cell.value;
        if (running > 0) series.set(i, running * factor);
      } else if (cell.extra != 0) {
        const double value = function_ == RangeFunction::kAvg
                                 ? cell.value / static_cast<double>(cell.extra)
                                 : cell.value;
        series.set(i, value * factor);
      }
    }
  }
  std::erase_if(out, [](const StepSeries& s) {
    return std::find(s.present.begin(), s.present.end(), true) == s.present.end();
  });
  std::sort(out.begin(), out.end(),
            [](const StepSeries& a, const StepSeries& b) { return a.labels < b.labels; });
  return out;
}

}  // namespace livedata::query::plan
