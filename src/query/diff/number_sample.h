#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace livedata::query::diff {

/// Some of many numbers, evenly spread over them: every one, then every second, every fourth, as
/// they become more.
class NumberSample {
 public:
  void add(double number) {
    if (seen_++ % stride_ != 0) return;
    numbers_.push_back(number);
    if (numbers_.size() < kMost) return;
    for (std::size_t i = 0; 2 * i < numbers_.size(); ++i) numbers_[i] = numbers_[2 * i];
    numbers_.resize(kMost / 2);
    stride_ *= 2;
  }
  [[nodiscard]] std::vector<double>& numbers() { return numbers_; }

 private:
  static constexpr std::size_t kMost = 4096;
  std::vector<double> numbers_;
  std::uint64_t seen_ = 0;
  std::uint64_t stride_ = 1;
};

}  // namespace livedata::query::diff
