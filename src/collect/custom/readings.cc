#include "collect/custom/readings.h"

#include <algorithm>
#include <numeric>

#include <fmt/core.h>

#include "base/hash.h"

namespace livedata::collect::custom {

std::string_view Readings::name(LeftOut reason) {
  switch (reason) {
    case LeftOut::kTooManySeries:
      return "too_many_series";
    case LeftOut::kLabelTooLong:
      return "label_too_long";
    case LeftOut::kTooManyLabels:
      return "too_many_labels";
    case LeftOut::kDuplicate:
      return "duplicate";
    case LeftOut::kNotUnderstood:
      break;
  }
  return "not_understood";
}

std::uint64_t series_hash(std::string_view name, std::span<const Text> texts) {
  // A sum does not depend on the order; each text's hash is seeded by that of its name.
  std::uint64_t sum = hash64(name);
  for (const auto& [text_name, text] : texts) sum += hash64(text, hash64(text_name));
  return sum;
}

std::span<const Text> Readings::pending_texts() const {
  return std::span(texts_).subspan(rows_.empty() ? 0 : rows_.back().texts);
}

std::span<const Field> Readings::pending_numbers() const {
  return std::span(numbers_).subspan(rows_.empty() ? 0 : rows_.back().numbers);
}

bool Readings::is_over() const {
  return pending_texts().size() > limits_.max_labels ||
         num_series_ + pending_numbers().size() > limits_.max_series;
}

std::uint64_t Readings::identity() const {
  const std::uint64_t hash = series_hash(pending_numbers().front().name, pending_texts());
  return time_ ? hash + static_cast<std::uint64_t>(*time_) * 0x9E3779B97F4A7C15U : hash;
}

std::optional<Readings::LeftOut> Readings::reason_to_leave_out() {
  const auto texts = pending_texts();
  const auto numbers = pending_numbers();
  if (texts.size() > limits_.max_labels) return LeftOut::kTooManyLabels;
  const auto is_long = [&](std::string_view text) { return text.size() > limits_.max_label_bytes; };
  const bool any_long =
      std::any_of(texts.begin(), texts.end(),
                  [&](const Text& t) { return is_long(t.first) || is_long(t.second); }) ||
      std::any_of(numbers.begin(), numbers.end(), [&](const Field& f) { return is_long(f.name); });
  if (any_long) return LeftOut::kLabelTooLong;
  if (num_series_ + numbers.size() > limits_.max_series) return LeftOut::kTooManySeries;
  if (are_series_ && !numbers.empty() && !seen_.insert(identity()).second)
    return LeftOut::kDuplicate;
  return std::nullopt;
}

void Readings::end_reading() {
  const std::size_t num_numbers = pending_numbers().size();
  if (num_numbers == 0 && line_.empty()) return drop_reading();
  if (const auto reason = reason_to_leave_out()) {
    // What is left out is counted as its source would: a number each.
    left_out_[static_cast<std::size_t>(*reason)] += std::max<std::size_t>(num_numbers, 1);
    return drop_reading();
  }
  num_series_ += num_numbers;
  rows_.push_back({texts_.size(), numbers_.size(), line_, time_});
  line_ = {};
  time_.reset();
}

void Readings::drop_reading() {
  texts_.resize(rows_.empty() ? 0 : rows_.back().texts);
  numbers_.resize(rows_.empty() ? 0 : rows_.back().numbers);
  line_ = {};
  time_.reset();
}

void Readings::finish() {
  seen_ = {};
  texts_.shrink_to_fit();
  numbers_.shrink_to_fit();
  rows_.shrink_to_fit();
}

void Readings::reject(std::size_t line, std::string_view message) {
  drop_reading();
  ++left_out_[static_cast<std::size_t>(LeftOut::kNotUnderstood)];
  if (first_mistake_.empty()) first_mistake_ = fmt::format("line {}: {}", line, message);
}

void Readings::add_family(const Family& family) {
  if (families_.size() < limits_.max_series && family.name.size() <= limits_.max_label_bytes)
    families_.push_back(family);
}

Reading Readings::operator[](std::size_t i) const {
  const Row& row = rows_[i];
  const std::size_t texts = i == 0 ? 0 : rows_[i - 1].texts;
  const std::size_t numbers = i == 0 ? 0 : rows_[i - 1].numbers;
  return {.texts = std::span(texts_).subspan(texts, row.texts - texts),
          .numbers = std::span(numbers_).subspan(numbers, row.numbers - numbers),
          .line = row.line,
          .time = row.time};
}

std::size_t Readings::num_left_out() const {
  return std::accumulate(left_out_.begin(), left_out_.end(), std::size_t{0});
}

}  // namespace livedata::collect::custom
