#include "query/plan/range_accumulator.h"

#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_set>

namespace livedata::query::plan {
namespace {

// Of a series' labels, key and table entry, roughly; the texts come on top.
constexpr std::size_t kSeriesBytes = 300;

/// Smallest n with n * step >= distance; distance may be negative.
std::int64_t ceil_divide(std::int64_t distance, std::int64_t step) {
  const std::int64_t quotient = distance / step;
  return quotient + (distance % step > 0 ? 1 : 0);
}

}  // namespace

double quantile_of(double quantile, std::vector<double>& values) {
  if (values.empty() || std::isnan(quantile)) return std::nan("");
  if (quantile < 0) return -std::numeric_limits<double>::infinity();
  if (quantile > 1) return std::numeric_limits<double>::infinity();
  const double rank = quantile * static_cast<double>(values.size() - 1);
  const double lower = std::floor(rank);
  const double weight = rank - lower;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(lower);
  std::nth_element(values.begin(), at, values.end());
  const double low = *at;
  const double high = at + 1 == values.end() ? low : *std::min_element(at + 1, values.end());
  return low * (1 - weight) + high * weight;
}

Result<RangeAccumulator::Cells*> RangeAccumulator::add_series(const std::string& key,
                                                              Labels labels) {
  LIVEDATA_RETURN_IF_ERROR(budget_->take(kSeriesBytes + 2 * key.size()));
  return &series_.emplace(key, Cells(std::move(labels))).first->second;
}

template <class T>
Result<void> RangeAccumulator::cover(std::vector<T>& cells, std::size_t& start, std::size_t first,
                                     std::size_t end) const {
  if (cells.empty()) start = first;
  const std::size_t old_size = cells.size();
  if (first < start) {
    // Records come backward as well: room for as many again saves moving them each time.
    const std::size_t more = std::min(start, std::max(start - first, old_size / 2));
    cells.insert(cells.begin(), more, T());
    start -= more;
  }
  if (end > start + cells.size()) cells.resize(end - start);
  return cells.size() == old_size ? Result<void>()
                                  : budget_->take((cells.size() - old_size) * sizeof(T));
}

std::pair<std::size_t, std::size_t> RangeAccumulator::steps_of(TimestampNs time) const {
  // The sample is in the windows of the steps t with time + offset <= t < time + offset + range.
  const std::int64_t from = time + window_.offset - window_.grid.start;
  const auto count = static_cast<std::int64_t>(window_.grid.count);
  const auto step_at = [&](std::int64_t distance) {
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(ceil_divide(distance, window_.grid.step), 0, count));
  };
  return {step_at(from), step_at(from + window_.range)};
}

void RangeAccumulator::update(Cell& cell, const Cell& other) const {
  if (other.count == 0) return;
  if (cell.count == 0) {
    cell = other;
    return;
  }
  switch (function_) {
    case RangeFunction::kMin:
      cell.value = other.value < cell.value || std::isnan(cell.value) ? other.value : cell.value;
      break;
    case RangeFunction::kMax:
      cell.value = other.value > cell.value || std::isnan(cell.value) ? other.value : cell.value;
      break;
    case RangeFunction::kFirst:
      // At equal times the value decides, so that the answer does not depend on where records are.
      if (std::tie(other.time, other.value) < std::tie(cell.time, cell.value)) cell = other;
      return;
    case RangeFunction::kLast:
      if (std::tie(other.time, other.value) > std::tie(cell.time, cell.value)) cell = other;
      return;
    case RangeFunction::kStddev:
    case RangeFunction::kStdvar: {  // Chan, Golub, LeVeque 1979
      const auto n1 = static_cast<double>(cell.count);
      const auto n2 = static_cast<double>(other.count);
      const double delta = other.value - cell.value;
      cell.value += delta * n2 / (n1 + n2);
      cell.m2 += other.m2 + delta * delta * n1 * n2 / (n1 + n2);
      break;
    }
    default:
      cell.value += other.value;
  }
  cell.count += other.count;
}

Result<void> RangeAccumulator::add(Cells& series, TimestampNs time, double value) const {
  const auto [first, end] = steps_of(time);
  if (first >= end) return {};
  if (keeps_samples()) {
    series.samples_.push_back({time, value});
    return budget_->take(sizeof(TimedValue));
  }
  if (function_ == RangeFunction::kCount) {
    // Kept as differences between neighbouring steps, so that a long range costs no more than a
    // short one.
    LIVEDATA_RETURN_IF_ERROR(cover(series.changes_, series.first_, first, end + 1));
    Change& rise = series.changes_[first - series.first_];
    rise = {rise.value + value, rise.count + 1};
    Change& fall = series.changes_[end - series.first_];
    fall = {fall.value - value, fall.count - 1};
    return {};
  }
  LIVEDATA_RETURN_IF_ERROR(cover(series.cells_, series.first_, first, end));
  for (std::size_t i = first; i < end; ++i)
    update(series.cells_[i - series.first_], {value, 1, 0, time});
  return {};
}

Result<void> RangeAccumulator::merge(RangeAccumulator&& other) {
  for (auto& [key, theirs] : other.series_) {
    const auto found = series_.find(key);
    if (found == series_.end()) {
      series_.emplace(key, std::move(theirs));
      continue;
    }
    Cells& ours = found->second;
    ours.samples_.insert(ours.samples_.end(), theirs.samples_.begin(), theirs.samples_.end());
    if (!theirs.changes_.empty()) {
      LIVEDATA_RETURN_IF_ERROR(
          cover(ours.changes_, ours.first_, theirs.first_, theirs.first_ + theirs.changes_.size()));
      for (std::size_t i = 0; i < theirs.changes_.size(); ++i) {
        Change& change = ours.changes_[theirs.first_ + i - ours.first_];
        change.value += theirs.changes_[i].value;
        change.count += theirs.changes_[i].count;
      }
    }
    if (!theirs.cells_.empty()) {
      LIVEDATA_RETURN_IF_ERROR(
          cover(ours.cells_, ours.first_, theirs.first_, theirs.first_ + theirs.cells_.size()));
      for (std::size_t i = 0; i < theirs.cells_.size(); ++i)
        update(ours.cells_[theirs.first_ + i - ours.first_], theirs.cells_[i]);
    }
  }
  return {};
}

double RangeAccumulator::result(const Cell& cell) const {
  const auto count = static_cast<double>(cell.count);
  switch (function_) {
    case RangeFunction::kAvg:
      return cell.value / count;
    case RangeFunction::kStddev:
      return std::sqrt(cell.m2 / count);
    case RangeFunction::kStdvar:
      return cell.m2 / count;
    default:
      return cell.value;
  }
}

double RangeAccumulator::result(std::vector<TimedValue>& window) const {
  if (function_ == RangeFunction::kCounterIncrease) {
    double increase = window.back().value - window.front().value;
    for (std::size_t i = 1; i < window.size(); ++i) {
      if (window[i].value < window[i - 1].value) increase += window[i - 1].value;
    }
    return increase;
  }
  if (function_ == RangeFunction::kCountDistinct) {
    std::unordered_set<std::uint64_t> values;
    for (const TimedValue& sample : window)
      values.insert(std::bit_cast<std::uint64_t>(sample.value));
    return static_cast<double>(values.size());
  }
  std::vector<double> values;
  values.reserve(window.size());
  for (const TimedValue& sample : window) values.push_back(sample.value);
  return quantile_of(quantile_, values);
}

void RangeAccumulator::finish_samples(Cells& cells, double divisor, StepSeries& out) const {
  std::vector<TimedValue>& samples = cells.samples_;
  std::stable_sort(samples.begin(), samples.end(), [](const TimedValue& a, const TimedValue& b) {
    return std::tie(a.time, a.value) < std::tie(b.time, b.value);
  });
  const auto later = [](TimestampNs time, const TimedValue& sample) { return time < sample.time; };
  std::vector<TimedValue> window;
  const std::size_t begin = samples.empty() ? 0 : steps_of(samples.front().time).first;
  const std::size_t end = samples.empty() ? 0 : steps_of(samples.back().time).second;
  for (std::size_t step = begin; step < end; ++step) {
    const TimestampNs until = window_.grid.at(step) - window_.offset;
    const auto first =
        std::upper_bound(samples.begin(), samples.end(), until - window_.range, later);
    const auto last = std::upper_bound(first, samples.end(), until, later);
    if (first == last) continue;
    window.assign(first, last);
    out.set(step, result(window) / divisor);
  }
}

StepVector RangeAccumulator::finish(double divisor) {
  StepVector out;
  out.reserve(series_.size());
  for (auto& [key, cells] : series_) {
    StepSeries& series = out.emplace_back(std::move(cells.labels_));
    if (keeps_samples()) {
      finish_samples(cells, divisor, series);
      continue;
    }
    Change running;
    for (std::size_t i = 0; i < cells.changes_.size(); ++i) {
      running.value += cells.changes_[i].value;
      running.count += cells.changes_[i].count;
      if (running.count > 0) series.set(cells.first_ + i, running.value / divisor);
    }
    for (std::size_t i = 0; i < cells.cells_.size(); ++i) {
      if (cells.cells_[i].count > 0)
        series.set(cells.first_ + i, result(cells.cells_[i]) / divisor);
    }
  }
  drop_empty(out);
  std::sort(out.begin(), out.end(),
            [](const StepSeries& a, const StepSeries& b) { return a.labels < b.labels; });
  return out;
}

}  // namespace livedata::query::plan
