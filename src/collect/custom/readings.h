#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/text_arena.h"
#include "collect/host/exposition.h"
#include "model/record_batch.h"

namespace livedata::collect::custom {

/// What one run of a collector may say. What is beyond is left out and counted.
struct ReadingLimits {
  std::size_t max_series = 1000;      ///< numbers
  std::size_t max_label_bytes = 256;  ///< of a text, name or value
  std::size_t max_labels = 64;        ///< texts of a reading
};

/// A name and a text that say what is measured, such as device="sda".
using Text = std::pair<std::string_view, std::string_view>;

/// What Prometheus text says of a metric beside its samples.
struct Family {
  std::string_view name;
  std::string_view help;
  host::MetricType type = host::MetricType::kUntyped;
};

/// Numbers that belong together, and what they are numbers of. Views are into a Readings.
struct Reading {
  std::span<const Text> texts;
  std::span<const Field> numbers;  ///< int64, double or bool
  std::string_view line;
  std::optional<TimestampNs> time;  ///< if the source names one
};

/// All that one run of a collector said: output, and what a format found in it. Formats write a
/// reading by add_text(), add_number() and end_reading(); what is beyond the limits is then
/// missing. Not thread-safe.
class Readings {
 public:
  enum class LeftOut { kTooManySeries, kLabelTooLong, kTooManyLabels, kDuplicate, kNotUnderstood };
  static constexpr std::size_t kNumLeftOut = 5;
  static std::string_view name(LeftOut reason);

  /// `output`: what is read; lives as long as the object, so that formats may point into it.
  Readings(std::string output, const ReadingLimits& limits)
      : output_(std::make_unique<const std::string>(std::move(output))), limits_(limits) {}

  [[nodiscard]] std::string_view output() const { return *output_; }
  /// For texts that don't stand in the output as they are meant.
  TextArena& arena() { return arena_; }

  // Names and texts must live as long as the object.
  void add_text(std::string_view name, std::string_view text) { texts_.emplace_back(name, text); }
  void add_number(std::string_view name, const FieldValue& value) {
    numbers_.push_back({name, value});
  }
  void set_line(std::string_view line) { line_ = line; }
  void set_time(TimestampNs time) { time_ = time; }
  /// Keeps the reading, or leaves it out. One without numbers and line is nothing.
  void end_reading();
  /// Forgets what was added since the last end_reading().
  void drop_reading();
  /// Whether more texts and numbers were added than end_reading() will keep; a format may stop.
  [[nodiscard]] bool is_over() const;
  /// Readings are series, of one number each: those with the same texts belong together, and one
  /// that is there twice is left out.
  void are_series() { are_series_ = true; }
  /// All has been read: what was only needed meanwhile is given back.
  void finish();
  [[nodiscard]] bool is_of_series() const { return are_series_; }
  /// A line (from 1 on) that can't be read; the first one's message is kept.
  void reject(std::size_t line, std::string_view message);

  /// At most so many families as there may be series.
  void add_family(const Family& family);
  [[nodiscard]] std::span<const Family> families() const { return families_; }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] Reading operator[](std::size_t i) const;
  /// All numbers together.
  [[nodiscard]] std::size_t num_series() const { return num_series_; }
  [[nodiscard]] std::size_t left_out(LeftOut reason) const {
    return left_out_[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::size_t num_left_out() const;
  /// Where and why something could not be read, the first time; "" if everything could.
  [[nodiscard]] const std::string& first_mistake() const { return first_mistake_; }

 private:
  struct Row {
    std::size_t texts = 0;  // where those of the reading end
    std::size_t numbers = 0;
    std::string_view line;
    std::optional<TimestampNs> time;
  };
  [[nodiscard]] std::span<const Text> pending_texts() const;
  [[nodiscard]] std::span<const Field> pending_numbers() const;
  [[nodiscard]] std::optional<LeftOut> reason_to_leave_out();
  [[nodiscard]] std::uint64_t identity() const;

  std::unique_ptr<const std::string> output_;  // by pointer: views stay when the object is moved
  ReadingLimits limits_;
  TextArena arena_;
  std::vector<Text> texts_;
  std::vector<Field> numbers_;
  std::vector<Row> rows_;
  std::vector<Family> families_;
  std::string_view line_;
  std::optional<TimestampNs> time_;
  bool are_series_ = false;
  std::unordered_set<std::uint64_t> seen_;
  std::size_t num_series_ = 0;
  std::array<std::size_t, kNumLeftOut> left_out_{};
  std::string first_mistake_;
};

/// Identifies a number by its name and what it is a number of, whatever the order of the texts.
std::uint64_t series_hash(std::string_view name, std::span<const Text> texts);

}  // namespace livedata::collect::custom
